from typing import NamedTuple

from odoo import api, models
from odoo.tools import ormcache

from ...tools.sla_clock import Target, to_minutes


class Rule(NamedTuple):
    """A version of a policy, as plain data: the cache is shared by all transactions."""

    sla_id: int
    company_id: int
    name: str
    team_ids: frozenset
    type_ids: frozenset
    tag_ids: frozenset
    all_tags: bool
    partner_ids: frozenset
    category_ids: frozenset
    channel: str | None
    around_the_clock: bool
    calendar_id: int | None
    show_customer: bool
    targets: tuple  # of pairs (id of the target, Target)

    def matches(self, ticket):
        """Whether the policy applies to a ticket.

        :param ticket: :class:`~.ticket_sla.Facts`
        """
        return (
            (not self.channel or self.channel == ticket.channel)
            and (not self.team_ids or ticket.team_id in self.team_ids)
            and (not self.type_ids or not self.type_ids.isdisjoint(ticket.type_ids))
            and (not self.partner_ids or not self.partner_ids.isdisjoint(ticket.partner_ids))
            and (not self.category_ids or not self.category_ids.isdisjoint(ticket.category_ids))
            and (
                not self.tag_ids
                or (self.tag_ids.issubset(ticket.tag_ids) if self.all_tags else not self.tag_ids.isdisjoint(ticket.tag_ids))
            )
        )


class Versions(NamedTuple):
    """The rules of a policy by the age of a ticket."""

    current: Rule
    former: tuple  # of pairs (minute before which a ticket was opened, Rule or None), the oldest first

    def get(self, opened):
        """The version for a ticket, or None.

        :param int opened: minute at which the ticket was opened
        """
        return next((rule for until, rule in self.former if opened < until), self.current)


class SlaRules(models.Model):
    """What the policies say, read once; and what they said to tickets that keep it.

    A new policy, or a changed one, concerns tickets that are opened from then on. Those that are open already keep what
    was promised until somebody has seen what would change and applies it.
    """

    _inherit = "helpdesk_lite.sla"

    @api.model
    @ormcache()
    def _get_rules(self):
        """The rules of all active policies.

        :return: dict of company id to tuple of :class:`Versions`
        """
        rules = {}
        # sudo: promises do not depend on who asks; names in the language in which they were written
        policies = self.sudo().with_context(lang=None, active_test=True).search([("active", "=", True)])
        known = set(policies.target_ids.ids)
        hours = self._get_known_calendars(policies)
        waiting = self._get_waiting_stages()
        for sla in policies:
            former = tuple(
                (version["until"], version["rule"] and sla._make_rule(version["rule"], waiting, known, hours))
                for version in sla.versions or ()
            )
            current = sla._make_rule(sla._describe(), waiting, known, hours)
            rules.setdefault(sla.company_id.id, []).append(Versions(current, former))
        return {company_id: tuple(found) for company_id, found in rules.items()}

    def _get_known_calendars(self, policies):
        """Which of the working hours that policies name still exist: nothing protects an id in a former version.

        :param policies: records of this model, sudoed
        :return: set of ids of ``resource.calendar``
        """
        return set(
            policies.env["resource.calendar"].browse({*policies.calendar_id.ids, *policies._get_former_hours()}).exists().ids
        )

    def _get_former_hours(self):
        """:return: set of ids of the calendars by which former versions of these policies count"""
        rules = [version["rule"] for sla in self for version in sla.versions or () if version["rule"]]
        return {rule["calendar_id"] for rule in rules if rule["calendar_id"]}

    def _get_waiting_stages(self):
        """:return: list of ids of the stages in which we wait for the customer"""
        Stage = self.env["helpdesk_lite.stage"].sudo()  # sudo: see the caller
        return Stage.with_context(active_test=False).search([("is_waiting", "=", True)]).ids

    def _describe(self):
        """What the policy says, as values that JSON and XML-RPC, which knows no null, can hold."""
        self.ensure_one()
        return {
            "name": self.name,
            "team_ids": self.with_context(active_test=False).team_ids.ids,
            "type_ids": self.with_context(active_test=False).type_ids.ids,
            "tag_ids": self.tag_ids.ids,
            "all_tags": self.tag_match == "all",
            "partner_ids": self.with_context(active_test=False).partner_ids.ids,
            "category_ids": self.partner_category_ids.ids,
            "channel": self.channel,
            "around_the_clock": self.around_the_clock,
            "calendar_id": self.calendar_id.id,
            "show_customer": self.show_customer,
            "pauses": self.with_context(active_test=False).pause_stage_ids.ids,
            "waits": self.pause_when_waiting,
            "targets": [[target.id, target.kind, target.stage_id.id, target._get_minutes()] for target in self.target_ids],
        }

    def _make_rule(self, said, waiting, known, hours):
        """:param dict said: from ``_describe``
        :param list waiting: ids of stages
        :param set known: ids of targets that have not been deleted
        :param set hours: ids of calendars that have not been deleted; without them, those of the team count
        :return: :class:`Rule`
        """
        return Rule(
            sla_id=self.id,
            company_id=self.company_id.id,
            name=said["name"],
            team_ids=frozenset(said["team_ids"]),
            type_ids=frozenset(said["type_ids"]),
            tag_ids=frozenset(said["tag_ids"]),
            all_tags=said["all_tags"],
            partner_ids=frozenset(said["partner_ids"]),
            category_ids=frozenset(said["category_ids"]),
            channel=said["channel"] or None,
            around_the_clock=said["around_the_clock"],
            calendar_id=said["calendar_id"] if said["calendar_id"] in hours else None,
            show_customer=said["show_customer"],
            targets=tuple(
                (
                    target_id,
                    Target(
                        kind,
                        tuple(minutes or None for minutes in budgets),
                        stage_id or None,
                        frozenset(said["pauses"]),
                        said["waits"],
                        frozenset(waiting) if said["waits"] else frozenset(),
                    ),
                )
                for target_id, kind, stage_id, budgets in said["targets"]
                if target_id in known
            ),
        )

    # ------------------------------------------------------------
    # VERSIONS
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        slas = super().create(vals_list)
        now = to_minutes(self.env.cr.now())
        # sudo: only the server writes versions
        slas.sudo().versions = [{"until": now, "rule": False}]
        self.env.registry.clear_cache()
        return slas

    def write(self, vals):
        before = self._get_descriptions()
        result = super().write(vals)
        self._keep_versions(before)
        if "active" in vals:
            # an archived policy promises nothing more
            self._recompute_later(self.company_id)
        return result

    def unlink(self):
        # not by the database alone: what is still to be kept ends with its target
        self.target_ids.unlink()
        self.env.registry.clear_cache()
        return super().unlink()

    def _get_descriptions(self):
        # sudo: a version does not depend on what its author can see; in the language in which it was written
        return {sla.id: sla._describe() for sla in self.sudo().with_context(lang=None)}

    def _keep_versions(self, before):
        """Keep what changed policies said, for the tickets that are open.

        :param dict before: id to what ``_describe`` said before
        """
        self.env.registry.clear_cache()
        now = to_minutes(self.env.cr.now())
        # sudo: only the server writes versions
        for sla in self.sudo().with_context(lang=None):
            versions = sla.versions or []
            # several changes in one transaction are one
            if before[sla.id] != sla._describe() and not (versions and versions[-1]["until"] >= now):
                sla.versions = [*versions, {"until": now, "rule": before[sla.id]}]


class SlaTargetRules(models.Model):
    """A changed target is a changed policy."""

    _inherit = "helpdesk_lite.sla.target"

    @api.model_create_multi
    def create(self, vals_list):
        slas = self.env["helpdesk_lite.sla"].browse({vals["sla_id"] for vals in vals_list if vals.get("sla_id")})
        before = slas._get_descriptions()
        targets = super().create(vals_list)
        slas._keep_versions(before)
        return targets

    def write(self, vals):
        slas = self.sla_id
        before = slas._get_descriptions()
        result = super().write(vals)
        slas._keep_versions(before)
        return result

    def unlink(self):
        slas = self.sla_id
        before = slas._get_descriptions()
        # sudo: what is promised ends, whoever sees the tickets
        Status = self.env["helpdesk_lite.sla.status"].sudo()
        statuses = Status.search([("target_id", "in", self.ids), ("is_open", "=", True)])
        # what was missed by now is not forgotten
        statuses.ticket_id._refresh_sla()
        statuses._end()
        result = super().unlink()
        slas._keep_versions(before)
        slas._recompute_later(slas.company_id)
        return result


class StageSla(models.Model):
    """Whether a stage waits for the customer is part of the rules."""

    _inherit = "helpdesk_lite.stage"

    @api.model_create_multi
    def create(self, vals_list):
        stages = super().create(vals_list)
        if any(vals.get("is_waiting") for vals in vals_list):
            self.env.registry.clear_cache()
        return stages

    def write(self, vals):
        result = super().write(vals)
        if "is_waiting" in vals:
            # afterwards, or somebody else would read the former rules into the cache meanwhile
            self.env.registry.clear_cache()
        return result
