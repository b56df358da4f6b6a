from odoo import api, fields, models
from odoo.fields import Domain


class TicketCounting(models.Model):
    """Which tickets figures count: each request once.

    A ticket that was merged into another one is counted with it. One that was archived, or handed over to sales, did arrive,
    and counts; it is not open any more.

    The column is written by whoever merges, together with the others of a merge, and put back with them.
    """

    _inherit = "helpdesk_lite.ticket"

    counted_elsewhere = fields.Boolean(
        "Counted with Another Ticket",
        readonly=True,
        copy=False,
        help="The ticket was merged into another one. Reports count the request once, with that one.",
    )

    @api.model
    def _get_counted_domain(self):
        """The tickets that figures about the past count, to be searched without ``active_test``.

        :return: Domain
        """
        return Domain("counted_elsewhere", "=", False)

    @api.model
    def _get_unclosed_domain(self):
        """The tickets that are not done, snoozed ones included, to be searched without ``active_test``.

        :return: Domain
        """
        return Domain("active", "=", True) & Domain("is_closed", "=", False)
