from odoo import fields, models
from odoo.tools import SQL

from ..ticket_hours import Hours
from .sql_clock import get_clocks, passed, worked

# the events that tell in which stage a ticket is from then on
ENTRIES = ("created", "stage")


class StageReport(models.Model):
    """One row for each visit of a ticket to a stage, from the event log.

    A visit that lasts has no end and no hours, so that averages are those of visits that are over.
    """

    _name = "helpdesk_lite.stage.report"
    _description = "Stages Report"
    _inherit = ["helpdesk_lite.search.mixin", "helpdesk_lite.report.mixin"]
    _auto = False
    _depends = {
        "helpdesk_lite.ticket": ["company_id", "partner_id", "type_id"],
        "helpdesk_lite.team": ["company_id", "resource_calendar_id"],
    }
    _rec_name = "ticket_id"
    _order = "entered_on desc, id desc"

    ticket_id = fields.Many2one("helpdesk_lite.ticket", readonly=True)
    stage_id = fields.Many2one("helpdesk_lite.stage", readonly=True)
    team_id = fields.Many2one("helpdesk_lite.team", "Helpdesk Team", readonly=True, help="At that time.")
    user_id = fields.Many2one("res.users", "Assigned to", readonly=True, help="When the ticket entered the stage.")
    company_id = fields.Many2one("res.company", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    type_id = fields.Many2one("helpdesk_lite.type", readonly=True)
    priority = fields.Selection(lambda self: self._get_choices("helpdesk_lite.ticket", "priority"), readonly=True)
    author_kind = fields.Selection(
        lambda self: self._get_choices("helpdesk_lite.event", "author_kind"), "Moved by", readonly=True
    )
    entered_on = fields.Datetime(readonly=True)
    left_on = fields.Datetime(readonly=True)
    stage_hours = Hours("Hours in Stage", readonly=True, aggregator="avg", help="In the working hours of the team.")
    calendar_hours = Hours("Hours in Stage (Day and Night)", readonly=True, aggregator="avg")

    @property
    def _table_query(self):
        ticket = SQL.identifier("helpdesk_lite_ticket")
        columns = {
            "id": SQL("visit.id"),
            "ticket_id": SQL("visit.ticket_id"),
            "stage_id": SQL("visit.stage_id"),
            "team_id": SQL("visit.team_id"),
            "user_id": SQL("visit.user_id"),
            "priority": SQL("visit.priority"),
            "author_kind": SQL("visit.author_kind"),
            "company_id": SQL("%s.company_id", ticket),
            "partner_id": SQL("%s.partner_id", ticket),
            "type_id": SQL("%s.type_id", ticket),
            "entered_on": SQL("visit.date"),
            "left_on": SQL("next.date"),
            "stage_hours": worked(
                SQL("visit.date"),
                SQL("next.date"),
                get_clocks(self.env),
                SQL("visited.resource_calendar_id"),
                SQL("visited.company_id"),
            ),
            "calendar_hours": passed(SQL("visit.date"), SQL("next.date")),
        }
        joins = SQL(
            """ JOIN helpdesk_lite_event visit ON visit.ticket_id = %s.id AND visit.kind = ANY(%s)
                LEFT JOIN LATERAL (SELECT later.date FROM helpdesk_lite_event later
                                    WHERE later.ticket_id = visit.ticket_id AND later.id > visit.id AND later.kind = 'stage'
                                    ORDER BY later.id LIMIT 1) next ON TRUE
                JOIN helpdesk_lite_team visited ON visited.id = COALESCE(visit.team_id, %s.team_id)
            """,
            ticket,
            list(ENTRIES),
            ticket,
        )
        return self._select_tickets(columns, joins)
