from odoo import api, fields, models
from odoo.exceptions import RedirectWarning, UserError
from odoo.fields import Domain

# switch of a stage: the fields of a ticket of which one is needed
NEEDS = {
    "require_user": ("user_id",),
    "require_customer": ("partner_id", "partner_email"),
    "require_type": ("type_id",),
    "require_tags": ("tag_ids",),
    "require_properties": ("properties",),
    "require_close_reason": ("close_reason_id",),
}


class MissingNeeds(RedirectWarning):
    """A ticket lacks what its stage needs. The web client opens the dialog that asks for it, see ``missing_needs.js``."""


class TicketNeeds(models.Model):
    """What a ticket needs in its stage. People who move it there are asked; mails, customers and programs are not.

    What is missing then is shown on the ticket and found by a filter.
    """

    _inherit = "helpdesk_lite.ticket"

    is_waiting = fields.Boolean("Waiting for the Customer", related="stage_id.is_waiting", store=True, precompute=True)
    missing_needs = fields.Char(compute="_compute_missing_needs", search="_search_missing_needs")

    @api.depends("stage_id", *(name for names in NEEDS.values() for name in names if name != "properties"))
    def _compute_missing_needs(self):
        for ticket in self:
            ticket.missing_needs = ticket._name_needs(ticket._get_missing_needs()) or False

    def _search_missing_needs(self, operator, value):
        if operator != "in" or set(value) != {False}:
            return NotImplemented
        # sudo: the stages of others match none of the tickets that the user can see
        stages = self.env["helpdesk_lite.stage"].sudo().search(Domain.OR(Domain(flag, "=", True) for flag in NEEDS))
        missing = Domain.OR(
            Domain("stage_id", "=", stage.id)
            & Domain.OR(
                Domain.AND(Domain(name, "=", False) for name in names)
                for flag, names in NEEDS.items()
                # the values of properties cannot be searched all at once
                if stage[flag] and flag != "require_properties"
            )
            for stage in stages
        )
        return ~missing

    def _get_missing_needs(self, stage=None):
        """The switches of a stage that are not fulfilled.

        :param stage: record of ``helpdesk_lite.stage``; the ticket's own by default
        :return: list of names of fields of the stage
        """
        self.ensure_one()
        # sudo: an employee who is invited to one ticket need not have access to its stage
        ticket = self.sudo()
        stage = stage.sudo() if stage else ticket.stage_id
        return [flag for flag, names in NEEDS.items() if stage[flag] and not any(ticket._is_filled(name) for name in names)]

    def _is_filled(self, name):
        if name != "properties":
            return bool(self[name])
        values = self.properties
        asked = [
            item for item in self.team_id.ticket_properties_definition or () if item.get("type") not in ("separator", "boolean")
        ]
        return all(values.get(item["name"]) for item in asked)

    @api.model
    def _name_needs(self, flags):
        names = {
            "require_user": self.env._("an assignee"),
            "require_customer": self.env._("a customer"),
            "require_type": self.env._("a type"),
            "require_tags": self.env._("tags"),
            "require_properties": self.env._("all properties"),
            "require_close_reason": self.env._("a close reason"),
        }
        return ", ".join(names[flag] for flag in flags)

    # ------------------------------------------------------------
    # ASKING
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """Create tickets as the core does; what stands in a later stage at once has what that stage needs.

        :raise UserError: when something is missing; no dialog could ask for it, as the tickets are not there then
        """
        tickets = super().create(vals_list)
        if self._are_needs_asked():
            # sudo: the team's stages may be hidden from the author
            later = tickets.filtered(lambda ticket: ticket.stage_id != ticket.sudo().team_id._get_first_stage())
            if missing := later._find_missing_needs({ticket.id: set(NEEDS) for ticket in later}):
                raise UserError(self._describe_missing_needs(missing))
        return tickets

    def write(self, vals):
        """Change tickets; people are asked for what the stage needs.

        :raise MissingNeeds: when something is missing; it opens a dialog in which to fill that in
        """
        touched = {flag for flag, names in NEEDS.items() if not vals.keys().isdisjoint(names)}
        if not self._are_needs_asked() or not (touched or "stage_id" in vals or "team_id" in vals):
            return super().write(vals)
        # sudo: the user may lose access to the ticket by this write
        before = {ticket.id: ticket.stage_id for ticket in self.sudo()}
        result = super().write(vals)
        asked = {ticket.id: set(NEEDS) if ticket.stage_id != before[ticket.id] else touched for ticket in self.sudo()}
        if missing := self._find_missing_needs(asked):
            raise MissingNeeds(self._describe_missing_needs(missing), self._get_needs_action(missing), self.env._("Fill In"))
        return result

    @api.model
    def _are_needs_asked(self):
        """Whether a person acts who can be asked: not a mail, a customer, an import or a program."""
        return not self.env.su and self.env.user._is_internal() and not self.env.context.get("import_file")

    def _find_missing_needs(self, asked):
        """What the stages of these tickets lack.

        :param dict asked: id of a ticket to the switches that a change has to do with
        :return: dict of switches to the tickets that lack them, sudoed
        """
        missing = {}
        # sudo: the user may have lost access to the ticket by this change
        for ticket in self.sudo():
            for flag in ticket._get_missing_needs():
                if flag in asked[ticket.id]:
                    missing.setdefault(flag, ticket.browse())
                    missing[flag] |= ticket
        return missing

    def _describe_missing_needs(self, missing):
        stage = next(iter(missing.values()))[0].stage_id
        return self.env._("The stage “%(stage)s” needs %(what)s.", stage=stage.name, what=self._name_needs(missing))

    def _get_needs_action(self, missing):
        """The dialog that asks for what is missing, of all tickets that went to the same stage.

        :param dict missing: as ``_find_missing_needs`` returns it
        """
        stage = next(iter(missing.values()))[0].stage_id
        # sudo: see _find_missing_needs
        moved = [ticket.id for ticket in self.sudo() if ticket.stage_id == stage]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Move to “%s”", stage.name),
            "res_model": "helpdesk_lite.stage.move",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_ticket_ids": moved, "default_stage_id": stage.id},
        }
