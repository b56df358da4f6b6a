from typing import NamedTuple

from odoo import models, tools
from odoo.tools import SQL


class Terms(NamedTuple):
    """Whether everyone who reads the master also reads a source: employees (inside), and people from outside."""

    inside: bool
    outside: bool


class TicketVisibility(models.Model):
    """Who sees which of a set of tickets, so that a merge shows nobody more than before.

    For employees, the record rules are asked. People from outside see a ticket only in a public
    team, and only if they follow it or are its customer, who holds the access link.
    """

    _inherit = "helpdesk_lite.ticket"

    def _merge_get_followers(self):
        """Followers of these tickets.

        :return: dict of ticket id to set of ids of partners
        """
        followers = {ticket_id: set() for ticket_id in self.ids}
        # sudo: the followers are compared; only users who can change the tickets get to see some of them
        for res_id, partner in (
            self.env["mail.followers"]
            .sudo()
            ._read_group([("res_model", "=", self._name), ("res_id", "in", self.ids)], ["res_id", "partner_id"])
        ):
            followers[res_id].add(partner.id)
        return followers

    def _merge_get_visible(self, partner_ids, followers=None):
        """Which of these tickets each of some people sees.

        :param partner_ids: iterable of ids of partners
        :param dict followers: what ``_merge_get_followers`` returns, when known
        :return: dict of partner id to set of ticket ids
        """
        followers = followers or self._merge_get_followers()
        partner_ids = set(partner_ids)
        if not partner_ids:
            return {}
        visible = {}
        for user in self._merge_get_employees(partner_ids):
            companies = user.company_ids.ids
            own = self.with_user(user).with_context(active_test=False, allowed_company_ids=companies)
            seen = own.search([("id", "in", self.ids)]).ids if own.browse().has_access("read") else []
            visible.setdefault(user.partner_id.id, set()).update(seen)
        public = self._merge_filter_by_mode("public")
        for partner_id in partner_ids - set(visible):
            visible[partner_id] = {
                ticket.id for ticket in public if partner_id in followers[ticket.id] or ticket.partner_id.id == partner_id
            }
        return visible

    def _merge_filter_by_mode(self, mode):
        """Those of these tickets whose team has this visibility.

        :param str mode: a value of ``privacy_visibility``
        :return: records, sudoed
        """
        # sudo: only the visibility is looked at
        return self.sudo().filtered(lambda ticket: ticket.team_id.privacy_visibility == mode)

    def _merge_get_gains(self):
        """What people would start to see if they saw all of these tickets.

        :return: dict of record of ``res.partner`` to the tickets that they cannot see yet
        """
        followers = self._merge_get_followers()
        # sudo: see _merge_get_followers
        people = set().union(*followers.values()) | set(self.sudo().partner_id.ids)
        internal = self._merge_filter_internal(people)
        public_ids = set(self._merge_filter_by_mode("public").ids)
        gains = {}
        for partner_id, seen in self._merge_get_visible(people, followers).items():
            gained = (set(self.ids) if partner_id in internal else public_ids) - seen
            if gained and seen:
                gains[self.env["res.partner"].browse(partner_id)] = self.filtered(lambda ticket, ids=gained: ticket.id in ids)
        return dict(sorted(gains.items(), key=lambda item: item[0].id))

    def _merge_get_employees(self, partner_ids):
        """The internal users among some partners.

        :return: records of ``res.users``, sudoed
        """
        # sudo: the users are looked up only to ask the rules in their name
        return self.env["res.users"].sudo().search([("partner_id", "in", list(partner_ids)), ("share", "=", False)])

    def _merge_filter_internal(self, partner_ids):
        """Those of some partners who are employees.

        :return: set of ids
        """
        return set(self._merge_get_employees(partner_ids).partner_id.ids)

    def _merge_grant_visibility(self, partners):
        """Make people followers of these tickets, except where following would show them nothing.

        :param partners: records of ``res.partner``
        """
        if not partners:
            return
        self.env["helpdesk_lite.team"]._refuse_own_addresses(partners.ids)
        internal = self._merge_filter_internal(partners.ids)
        default, _internal, external = self.env["mail.message.subtype"].default_subtypes(self._name)
        for ids, tickets, subtypes in (
            (internal, self, default),
            (set(partners.ids) - internal, self._merge_filter_by_mode("public"), external),
        ):
            if ids and tickets:
                self._insert_followers(
                    SQL(
                        """ SELECT ticket.id AS res_id, partner.id AS partner_id, subtype.id AS subtype_id
                          FROM unnest(%s) AS ticket(id), unnest(%s) AS partner(id), unnest(%s) AS subtype(id)
                    """,
                        tickets.ids,
                        list(ids),
                        subtypes.ids,
                    )
                )

    def _merge_get_terms(self, sources, followers=None, internal=None):
        """How the readers of this ticket, the master, relate to those of the sources.

        :param sources: records of ``helpdesk_lite.ticket``
        :param dict followers: what ``_merge_get_followers`` returns for all of them, when known
        :param set internal: ids of the employees among the followers, when known
        :return: dict of source id to Terms
        """
        self.ensure_one()
        private = sources._merge_filter_by_mode("private")
        public_ids = set(sources._merge_filter_by_mode("public").ids)
        followers = followers or (self | sources)._merge_get_followers()
        internal = internal if internal is not None else self._merge_filter_internal(followers[self.id])
        outsiders = followers[self.id] - internal
        hidden_ids = self._merge_find_hidden(private, followers)
        master_public = bool(self._merge_filter_by_mode("public"))
        # sudo: the customer decides who holds the link to the ticket
        master = self.sudo()
        terms = {}
        for source in sources.sudo():
            readers = followers[source.id] | set(source.partner_id.ids)
            # the customer holds the master's link; without a customer and without a link, nobody does
            link_is_known = (
                master.partner_id.id in readers
                or master._merge_has_same_customer(source)
                or not (master._merge_get_customer() or master.access_token)
            )
            outside = not master_public or (source.id in public_ids and outsiders <= readers and link_is_known)
            terms[source.id] = Terms(source.id not in hidden_ids, outside)
        return terms

    def _merge_get_customer(self):
        """Who made this request.

        :return: set of the contact's id and the address, empty when there is neither
        """
        return {self.partner_id.id, tools.email_normalize(self.partner_email)} - {False, None}

    def _merge_has_same_customer(self, other):
        return bool(self._merge_get_customer() & other._merge_get_customer())

    def _merge_find_hidden(self, private, followers):
        """The private sources that at least one employee who reads this ticket cannot read.

        :return: set of ids
        """
        if not private or not self._merge_filter_by_mode("private"):
            return set(private.ids)
        # sudo: the readers of the master are collected, and not shown
        master = self.sudo()
        readers = followers[self.id] | set(master.user_id.partner_id.ids)
        if private.team_id != master.team_id:
            readers |= set(master.team_id.message_partner_ids.ids)
        visible = private.with_env(self.env)._merge_get_visible(readers, followers)
        internal = self._merge_filter_internal(readers)
        return {
            ticket.id
            for ticket in private
            if any(ticket.id not in seen for partner_id, seen in visible.items() if partner_id in internal)
        }
