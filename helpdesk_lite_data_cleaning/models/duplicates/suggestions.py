from odoo import fields, models
from odoo.tools import SQL

from ..merge.merging import MOST_TICKETS

SHOWN = 5
# below this there is more noise than help
LEAST_PERCENT = 70


class TicketDuplicates(models.Model):
    """Possible duplicates, shown while somebody works on a ticket."""

    _inherit = "helpdesk_lite.ticket"

    possible_duplicates = fields.Json(
        compute="_compute_possible_duplicates", groups="helpdesk_lite.group_user",
    )

    def _compute_possible_duplicates(self):
        for ticket in self:
            ticket.possible_duplicates = ticket._merge_suggest() if ticket._origin and ticket.active else []

    def _merge_suggest(self):
        """The tickets that may be the same request, of those that this user may read.

        The others are left out while candidates are looked for, not afterwards: they neither
        show nor take the place of one that does.

        :return: list of dicts of ``id``, ``name``, ``number``, ``stage``, ``similarity`` (percent),
            ``words`` (those that matched) and ``can_merge``, best first, at most ``SHOWN``
        """
        origin = self._origin
        candidates = self.browse(origin._merge_find_candidates(self._merge_readable_condition())[origin.id])
        # sudo: what was kept apart is left out, whoever did it
        decided = self.env["helpdesk_lite.merge.record"].sudo().search([
            ("ticket_id", "=", origin.id), ("group_id.state", "in", ("discarded", "undone")),
        ]).group_id.record_ids[:MOST_TICKETS].ticket_id
        candidates -= decided
        found = origin._merge_similarity(candidates)
        best = candidates.filtered(lambda ticket: found[ticket.id][0] >= LEAST_PERCENT).sorted(
            lambda ticket: (-found[ticket.id][0], -ticket.id))[:SHOWN]
        changeable = best._filtered_access("write") if origin.has_access("write") else self.browse()
        return [{
            "id": ticket.id,
            "name": ticket.name,
            "number": ticket.number or "",
            # sudo: somebody invited to one ticket need not see the team's stages
            "stage": ticket.sudo().stage_id.name,
            "similarity": found[ticket.id][0],
            "words": found[ticket.id][1],
            "can_merge": ticket in changeable,
        } for ticket in best]

    def _merge_readable_condition(self):
        """SQL on a candidate ``ticket`` of the ticket ``own``: this user may read it, and merge the two."""
        readable = self.env[self._name]._search([])
        readable.add_where(SQL("%s = ticket.id", SQL.identifier(self._table, "id")))
        return SQL("ticket.company_id = own.company_id AND EXISTS %s", readable.subselect(SQL("1")))
