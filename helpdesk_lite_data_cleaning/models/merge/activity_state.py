from collections import defaultdict

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

STATES = ("overdue", "today", "planned")


class TicketActivityState(models.Model):
    """The state of a ticket's activities counts only the activities that the user can see.

    Odoo searches and groups by it in SQL over all activities. Its result is corrected for the
    tickets with an activity that a merge moved there and that is hidden from the user, mostly none.
    """

    _inherit = "helpdesk_lite.ticket"

    def _get_states_beside_hidden(self):
        """The states of the tickets with a hidden activity.

        :return: dict of ticket id to the state that the user sees, False for none
        """
        if self.env.su:
            return {}
        Activity = self.env["mail.activity"]
        ours = Domain("res_model", "=", self._name)
        # sudo: the hidden activities are searched for in order to leave them out
        hidden = Activity.sudo().search(ours & Domain("merge_origin_id", "!=", False) & ~Activity._get_origin_domain())
        states = defaultdict(set)
        ids = set(hidden.mapped("res_id"))
        for activity in Activity.search(ours & Domain("res_id", "in", ids)) if ids else ():
            states[activity.res_id].add(activity.state)
        return {id_: next((state for state in STATES if state in states[id_]), False) for id_ in ids}

    def _search_activity_state(self, operator, value):
        domain = super()._search_activity_state(operator, value)
        states = self._get_states_beside_hidden()
        if domain is NotImplemented or not states:
            return domain
        wanted = {state or False for state in value}
        found = [id_ for id_, state in states.items() if (state in wanted) == (operator == "in")]
        return Domain("id", "in", found) | (Domain("id", "not in", list(states)) & Domain(domain))

    def _read_group_groupby(self, alias, groupby_spec, query):
        term = super()._read_group_groupby(alias, groupby_spec, query)
        states = self._get_states_beside_hidden() if groupby_spec == "activity_state" else {}
        if not states:
            return term
        rows = SQL(
            "(SELECT * FROM unnest(%s::int[], %s::text[]) AS seen(id, state))",
            list(states),
            [state or None for state in states.values()],
        )
        seen = query.left_join(alias, "id", rows, "id", "seen_activity_state")
        return SQL("CASE WHEN %s IS NULL THEN %s ELSE %s END", SQL.identifier(seen, "id"), term, SQL.identifier(seen, "state"))
