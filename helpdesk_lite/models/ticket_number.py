from odoo import api, models
from odoo.tools import SQL


class TicketNumber(models.Model):
    """Numbers are drawn from the company's sequence, for a whole batch in one statement."""

    _inherit = "helpdesk_lite.ticket"

    @api.model
    def _next_numbers(self, company, count):
        """Draw ticket numbers of a company.

        :param company: record of ``res.company``
        :param int count: how many
        :return: list of ``count`` strings, all different
        """
        # sudo: every author of a ticket needs a number, hardly any may read sequences
        sequence = self.env["ir.sequence"].sudo().search(
            [("code", "=", "helpdesk_lite.ticket"), ("company_id", "in", (company.id, False))],
            order="company_id", limit=1,
        )
        if not sequence:
            company._create_ticket_sequence()
            return self._next_numbers(company, count)
        if sequence.implementation != "standard" or sequence.use_date_range:
            return [sequence.next_by_id() for _i in range(count)]
        drawn = self.env.execute_query(SQL(
            "SELECT nextval(%s) FROM generate_series(1, %s)", f"ir_sequence_{sequence.id:03d}", count,
        ))
        return [sequence.get_next_char(number) for (number,) in drawn]
