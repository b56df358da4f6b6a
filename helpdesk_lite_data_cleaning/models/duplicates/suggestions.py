from odoo import fields, models
from odoo.tools import SQL

from ..merge.service import MOST_TICKETS

SHOWN = 5
# below this, too many suggestions are wrong
LEAST_PERCENT = 70


class TicketDuplicates(models.Model):
    """Possible duplicates, shown on the form of a ticket."""

    _inherit = "helpdesk_lite.ticket"

    possible_duplicates = fields.Json(compute="_compute_possible_duplicates", groups="helpdesk_lite.group_user")

    def _compute_possible_duplicates(self):
        for ticket in self:
            ticket.possible_duplicates = ticket._merge_suggest() if ticket._origin and ticket.active else []

    def _merge_suggest(self):
        """The tickets that may be the same request, among those that this user can read and nobody has related to this one.

        The others are excluded from the search for candidates, not from its result. So they do not
        take the place of tickets that the user can read, and their number does not show either.

        :return: list of dicts of ``id``, ``name``, ``number``, ``stage``, ``similarity`` (percent),
            ``words`` (those that matched), ``can_merge`` and ``undone`` (a merge of both was), best first, at most ``SHOWN``
        """
        origin = self._origin
        condition = SQL("%s AND %s", self._merge_readable_condition(), self._merge_unrelated_condition())
        candidates = self.browse(origin._merge_find_candidates(condition)[origin.id])
        found = origin._merge_similarity(candidates) if candidates else {}
        candidates = candidates.filtered(lambda ticket: found[ticket.id][0] >= LEAST_PERCENT)
        if not candidates:
            return []
        # sudo: tickets that anybody kept apart are left out, and those that came back from a merge are marked
        groups = (
            self.env["helpdesk_lite.merge.record"]
            .sudo()
            .search([("ticket_id", "=", origin.id), ("group_id.state", "in", ("discarded", "undone"))])
            .group_id
        )
        undone = groups.filtered(lambda group: group.state == "undone")
        candidates -= (groups - undone).record_ids[:MOST_TICKETS].ticket_id
        parted = set(undone.record_ids[:MOST_TICKETS].ticket_id.ids)
        best = candidates.sorted(lambda ticket: (ticket.id in parted, -found[ticket.id][0], -ticket.id))[:SHOWN]
        changeable = best._filtered_access("write") if origin.has_access("write") else self.browse()
        return [
            {
                "id": ticket.id,
                "name": ticket.name,
                "number": ticket.number or "",
                # sudo: a user who was invited to one ticket may not see the stages of its team
                "stage": ticket.sudo().stage_id.name,
                "similarity": found[ticket.id][0],
                "words": found[ticket.id][1],
                "can_merge": ticket in changeable,
                "undone": ticket.id in parted,
            }
            for ticket in best
        ]

    def _merge_readable_condition(self):
        """SQL on a candidate ``ticket`` for the ticket ``own``: the user can read it, and their company is the same."""
        return SQL("ticket.company_id = own.company_id AND %s", self.browse()._is_visible(SQL.identifier("ticket", "id")))

    def _merge_unrelated_condition(self):
        """SQL on a candidate ``ticket`` for the ticket ``own``: nobody has said what the one is to the other.

        Two requests that are a follow-up, a part or a relation of each other are not one request. One condition for each
        side, each with an index of its own.
        """
        return SQL(
            """NOT EXISTS (SELECT FROM helpdesk_lite_relation WHERE ticket_id = own.id AND other_id = ticket.id)
           AND NOT EXISTS (SELECT FROM helpdesk_lite_relation WHERE other_id = own.id AND ticket_id = ticket.id)"""
        )
