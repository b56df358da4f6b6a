from odoo import models, tools

from ...tools.merge_rule import Facts, find_obstacle

# of those who would gain sight: everybody who works here; whoever was given a link, of whom nothing is known
EVERYBODY, LINK = "everybody", "link"


class TicketReaders(models.Model):
    """Who reads a ticket, compared with who reads another one: what decides whether two can become one.

    For employees, the record rules are asked. People from outside see a ticket only in a public
    team, and only if they follow it or are its customer, who holds the access link.
    """

    _inherit = "helpdesk_lite.ticket"

    def _get_merge_customer(self):
        """Who made this request.

        :return: frozenset of the contact's id and the address, empty when there is neither
        """
        # sudo: whether the address is verified
        customer = self.partner_id.sudo()
        typed = customer and customer._has_unverified_email() and customer.email_normalized
        # an address that the contact only typed does not show that others who write from it are the same person
        return frozenset({customer.id, tools.email_normalize(self.partner_email)} - {False, None, typed})

    def _merge_has_same_customer(self, other):
        return bool(self._get_merge_customer() & other._get_merge_customer())

    def _merge_filter_readable(self, user):
        """Those of these tickets that a user can read.

        :param user: record of ``res.users``
        :return: records
        """
        own = self.with_user(user).with_context(active_test=False, allowed_company_ids=user.company_ids.ids)
        return own._filtered_access("read").with_env(self.env)

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

    def _merge_get_employees(self, partner_ids):
        """The internal users among some partners.

        :return: dict of partner id to record of ``res.users``, sudoed
        """
        # sudo: the users are looked up only to ask the rules in their name
        Users = self.env["res.users"].sudo()
        users = Users.search_fetch([("partner_id", "in", list(partner_ids)), ("share", "=", False)], ["partner_id"])
        return {user.partner_id.id: user for user in users}

    def _merge_compare(self, sources, named=None):
        """Compare the readers of this ticket, the master, with those of others.

        :param sources: records of ``helpdesk_lite.ticket``
        :param named: ids of the sources of which it is asked who would gain sight; all when None
        :return: dict of source id to tuple (what is in the way of absorbing it, or empty, see ``tools/merge_rule.py``;
            dict of who would gain sight of it: partner id, address, ``EVERYBODY`` or ``LINK`` to a name or None)
        """
        self.ensure_one()
        # sudo: the result must not depend on who asks; they can change all the tickets
        master, sources = self.sudo(), sources.sudo()
        followers = (master | sources)._merge_get_followers()
        partner_ids = set().union(*followers.values())
        employees = self._merge_get_employees(partner_ids | set((master | sources).user_id.partner_id.ids))
        facts = {
            ticket.id: Facts(
                ticket.team_id.id,
                ticket._get_merge_customer(),
                frozenset(followers[ticket.id] - employees.keys()),
                ticket._is_open_to_links() and bool(ticket.access_token),
            )
            for ticket in master | sources
        }
        compared = {}
        for source in sources:
            obstacle = find_obstacle(facts[master.id], facts[source.id])
            asked = named is None or source.id in named
            gains = master._merge_get_inside_gains(source, followers, employees) if asked or not obstacle else {}
            obstacle = obstacle or ("readers" if gains else "")
            if obstacle and asked:
                gains |= master._merge_get_outside_gains(source, facts)
            compared[source.id] = obstacle, gains
        return compared

    def _merge_get_inside_gains(self, source, followers, employees):
        if source.team_id.privacy_visibility != "private":
            return {}
        if self.team_id.privacy_visibility != "private":
            return {EVERYBODY: None}
        readers = followers[self.id] | set(self.user_id.partner_id.ids)
        if source.team_id != self.team_id:
            readers |= set(self.team_id.message_partner_ids.ids)
            employees = {**employees, **self._merge_get_employees(readers - employees.keys())}
        return {
            partner_id: employees[partner_id].name
            for partner_id in sorted(readers & employees.keys())
            if not source._merge_filter_readable(employees[partner_id])
        }

    def _merge_get_outside_gains(self, source, facts):
        """People from outside: followers, the customer, who holds the link, and whoever else was given it."""
        if not self._is_open_to_links():
            return {}
        before = facts[source.id].outsiders | source._get_merge_customer() if source._is_open_to_links() else frozenset()
        if self._get_merge_customer() & before:
            before |= self._get_merge_customer()
        gains = {}
        # sudo: their names are shown to a user who can change the ticket that they can see
        for partner in self.env["res.partner"].sudo().browse(sorted(facts[self.id].outsiders)) | self.partner_id:
            gains[partner.id] = partner._get_person_name()
        address = tools.email_normalize(self.partner_email)
        if address and not self.partner_id:
            gains[address] = address
        if facts[self.id].linked and not self._get_merge_customer():
            gains[LINK] = None
        return {key: name for key, name in gains.items() if key not in before}
