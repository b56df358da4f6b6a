from odoo import models


class TicketSimilarity(models.Model):
    """How much alike tickets are."""

    _inherit = "helpdesk_lite.ticket"

    def _merge_similarity(self, others):
        """How much other tickets resemble this one.

        :param others: records of ``helpdesk_lite.ticket``
        :return: dict of ticket id to tuple (percent as float 0..100, the words that matched)
        """
        self.ensure_one()
        own = " ".join((self.name or "").casefold().split())
        return {
            other.id: (100.0 if own == " ".join((other.name or "").casefold().split()) else 0.0, "")
            for other in others
        }
