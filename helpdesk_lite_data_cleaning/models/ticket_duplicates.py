from odoo import fields, models

from .merge_group import MOST_TICKETS

SHOWN = 5
# below this there is more noise than help
LEAST_PERCENT = 70


class TicketDuplicates(models.Model):
    """Possible duplicates, shown while somebody works on a ticket."""

    _inherit = "helpdesk_lite.ticket"

    possible_duplicates = fields.Json(
        compute="_compute_possible_duplicates", groups="helpdesk_lite.group_user", export_string_translation=False,
    )

    def _compute_possible_duplicates(self):
        for ticket in self:
            ticket.possible_duplicates = ticket._merge_suggest() if ticket._origin and ticket.active else []

    def _merge_suggest(self):
        """The tickets that may be the same request, of those that this user may read.

        Whatever the user may not read changes nothing here but what is among the candidates.

        :return: list of dicts of ``id``, ``name``, ``number``, ``stage``, ``similarity`` (percent),
            ``words`` (those that matched) and ``can_merge``, best first, at most ``SHOWN``
        """
        origin = self._origin
        candidates = self.browse(origin._merge_find_candidates()[origin.id])
        # sudo: what was kept apart is left out, whoever did it
        decided = self.env["helpdesk_lite.merge.record"].sudo().search([
            ("ticket_id", "=", origin.id), ("group_id.state", "in", ("discarded", "undone")),
        ]).group_id.record_ids[:MOST_TICKETS].ticket_id
        readable = self.search([("id", "in", (candidates - decided).ids), ("company_id", "=", origin.company_id.id)])
        found = origin._merge_similarity(readable)
        best = readable.filtered(lambda ticket: found[ticket.id][0] >= LEAST_PERCENT).sorted(
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
