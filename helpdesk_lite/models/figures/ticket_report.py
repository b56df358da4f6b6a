from odoo import api, fields, models
from odoo.tools import SQL

from ..ticket_hours import Hours
from .overview_satisfaction import HAPPY
from .sql_clock import passed

# copied from the ticket as they are
COPIED = (
    "number",
    "team_id",
    "company_id",
    "stage_id",
    "user_id",
    "closer_id",
    "partner_id",
    "partner_lang",
    "type_id",
    "close_reason_id",
    "priority",
    "channel",
    "opened_on",
    "close_date",
    "first_response_date",
    "assign_hours",
    "close_hours",
    "first_response_hours",
    "answer_hours",
    "waiting_hours",
    "reopen_count",
    "response_count",
    "sla_state",
)


class TicketReport(models.Model):
    """One row for each request, with all that is measured of it.

    A column that is not asked for costs nothing: PostgreSQL leaves it out.
    """

    _name = "helpdesk_lite.ticket.report"
    _description = "Tickets Report"
    _inherit = ["helpdesk_lite.search.mixin", "helpdesk_lite.report.mixin"]
    _auto = False
    _depends = {
        "helpdesk_lite.ticket": [*COPIED, "active", "is_closed"],
        "rating.rating": ["res_model", "res_id", "consumed", "rating", "rating_text", "rated_on"],
        "helpdesk_lite.rating.request": ["ticket_id", "asked_on", "answered_on"],
    }
    _rec_name = "ticket_id"
    _order = "opened_on desc, id desc"

    ticket_id = fields.Many2one("helpdesk_lite.ticket", readonly=True)
    number = fields.Char(readonly=True)
    team_id = fields.Many2one("helpdesk_lite.team", "Helpdesk Team", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    stage_id = fields.Many2one("helpdesk_lite.stage", readonly=True)
    user_id = fields.Many2one("res.users", "Assigned to", readonly=True)
    closer_id = fields.Many2one("res.users", "Closed by", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    partner_lang = fields.Selection(lambda self: self.env["res.lang"].get_installed(), "Customer Language", readonly=True)
    type_id = fields.Many2one("helpdesk_lite.type", readonly=True)
    close_reason_id = fields.Many2one("helpdesk_lite.close.reason", readonly=True)
    tag_ids = fields.Many2many(
        "helpdesk_lite.tag", "helpdesk_lite_ticket_tag_rel", "ticket_id", "tag_id", "Tags", readonly=True
    )
    priority = fields.Selection(lambda self: self._get_choices("helpdesk_lite.ticket", "priority"), readonly=True)
    channel = fields.Selection(lambda self: self._get_choices("helpdesk_lite.ticket", "channel"), readonly=True)
    rating_text = fields.Selection(
        lambda self: self._get_choices("helpdesk_lite.ticket", "customer_rating"), "Customer Rating", readonly=True
    )
    sla_state = fields.Selection(lambda self: self._get_choices("helpdesk_lite.ticket", "sla_state"), "SLA", readonly=True)
    is_closed = fields.Boolean("Closed", readonly=True)
    is_archived = fields.Boolean("Archived", readonly=True)

    # dates
    opened_on = fields.Datetime("Opened on", readonly=True)
    first_response_date = fields.Datetime("First Answer on", readonly=True)
    close_date = fields.Datetime("Closed on", readonly=True)

    # measures
    assign_hours = Hours("Hours to Assign", readonly=True, aggregator="avg")
    first_response_hours = Hours("Hours to First Answer", readonly=True, aggregator="avg")
    answer_hours = Hours("Hours to Answer", readonly=True, aggregator="avg")
    close_hours = Hours("Hours to Close", readonly=True, aggregator="avg")
    open_hours = Hours("Hours to Close (Day and Night)", readonly=True, aggregator="avg")
    waiting_hours = Hours("Hours the Customer Waited", readonly=True, aggregator="avg")
    reopen_count = fields.Integer("Times Reopened", readonly=True)
    response_count = fields.Integer("Answers", readonly=True)
    question_count = fields.Integer("Messages of the Customer", readonly=True)
    one_answer_rate = Hours(
        "Solved With One Answer (%)",
        readonly=True,
        aggregator="avg",
        help="Of the tickets that are closed; others do not count.",
    )
    happy_rate = Hours(
        "Happy Customers (%)", readonly=True, aggregator="avg", help="Of the tickets that customers rated; others do not count."
    )
    answered_rate = Hours(
        "Questions Answered (%)",
        readonly=True,
        aggregator="avg",
        help="Of the tickets whose customers were asked by email how satisfied they are; others do not count.",
    )

    @property
    def _table_query(self):
        return self._select_tickets(self._get_columns())

    @api.model
    def _get_columns(self):
        """The columns of the report: an extension point for other measures.

        :return: dict of field name to SQL on the table ``helpdesk_lite_ticket``
        """
        ticket = SQL.identifier("helpdesk_lite_ticket")
        columns = {name: SQL.identifier("helpdesk_lite_ticket", name) for name in ("id", *COPIED)}
        return columns | {
            "ticket_id": SQL("%s.id", ticket),
            # archived is not deleted: the report counts such tickets, and tells them apart
            "is_archived": SQL("%s.active IS NOT TRUE", ticket),
            "is_closed": SQL("%s.is_closed IS TRUE", ticket),
            "open_hours": passed(SQL("%s.opened_on", ticket), SQL("%s.close_date", ticket)),
            "question_count": SQL(
                """ (SELECT count(*)::int FROM helpdesk_lite_event event
                      WHERE event.ticket_id = %s.id AND event.kind IN ('customer', 'remark'))
                """,
                ticket,
            ),
            "one_answer_rate": SQL(
                """ CASE WHEN %(ticket)s.is_closed IS NOT TRUE THEN NULL
                         WHEN %(ticket)s.response_count = 1 AND COALESCE(%(ticket)s.reopen_count, 0) = 0 THEN 100.0 ELSE 0.0 END
                """,
                ticket=ticket,
            ),
            "rating_text": last_rating(SQL("rating.rating_text")),
            "happy_rate": last_rating(SQL("CASE WHEN rating.rating = %s THEN 100.0 ELSE 0.0 END", HAPPY)),
            "answered_rate": SQL(
                """ (SELECT CASE WHEN request.answered_on IS NULL THEN 0.0 ELSE 100.0 END
                       FROM helpdesk_lite_rating_request request
                      WHERE request.ticket_id = %s.id AND request.asked_on IS NOT NULL)
                """,
                ticket,
            ),
        }


def last_rating(value):
    """What the latest rating of the ticket of a row says. Those of tickets that were merged into it are among them.

    :param SQL value: on the table ``rating``
    :return: SQL, NULL where nobody has rated
    """
    return SQL(
        """ (SELECT %s FROM rating_rating rating
              WHERE rating.res_model = 'helpdesk_lite.ticket' AND rating.res_id = helpdesk_lite_ticket.id AND rating.consumed
              ORDER BY rating.rated_on DESC, rating.id DESC LIMIT 1)
        """,
        value,
    )
