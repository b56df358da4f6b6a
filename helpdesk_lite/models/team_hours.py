from odoo import api, fields, models
from odoo.tools import SQL


class TeamHours(models.Model):
    """Notices that the working hours of a team have changed, so that those of its open tickets are counted again.

    A change costs one statement, however many tickets there are: the team remembers from which ticket on the hours are due,
    and a scheduled action counts them.
    """

    _inherit = "helpdesk_lite.team"

    hours_due_from = fields.Integer(
        readonly=True,
        copy=False,
        default=0,
        groups="base.group_system",
        help="The lowest id of the tickets whose hours are to be counted again. 0 stands for none.",
    )

    def write(self, vals):
        if not {"resource_calendar_id", "company_id"} & vals.keys():
            return super().write(vals)
        # sudo: only compared
        former = {team: (team.resource_calendar_id, team.company_id) for team in self.sudo()}
        result = super().write(vals)
        changed = [team.id for team, before in former.items() if (team.resource_calendar_id, team.company_id) != before]
        self.browse(changed)._change_hours()
        return result

    def _change_hours(self):
        """Count again what was counted with the former working hours, or in the former company, of these teams."""
        self._make_hours_due(SQL("id = ANY(%s)", self.ids))

    @api.model
    def _make_hours_due(self, condition):
        """Have the hours of open tickets counted again, soon and not now.

        :param SQL condition: on the table of teams
        """
        self.flush_model(["resource_calendar_id", "company_id", "hours_due_from"])
        due = self.env.execute_query(SQL("UPDATE helpdesk_lite_team SET hours_due_from = 1 WHERE (%s) RETURNING id", condition))
        if due:
            self.invalidate_model(["hours_due_from"], flush=False)
            # sudo: who changes working hours need not have access to scheduled actions; None while being installed
            cron = self.env.ref("helpdesk_lite.cron_count_hours", raise_if_not_found=False)
            cron and cron.sudo()._trigger()

    def _get_tickets_with_hours_due(self, limit):
        """The next open tickets of this team whose hours are due.

        :param int limit: how many at most
        :return: records of ``helpdesk_lite.ticket``, by id
        """
        self.ensure_one()
        Ticket = self.env["helpdesk_lite.ticket"]
        Ticket.flush_model(["team_id", "is_closed", "assign_date"])
        rows = self.env.execute_query(
            SQL(
                """ SELECT id FROM helpdesk_lite_ticket
                 WHERE team_id = %s AND is_closed IS NOT TRUE AND id >= %s
                   AND (assign_date IS NOT NULL OR first_response_date IS NOT NULL)
              ORDER BY id LIMIT %s
            """,
                self.id,
                self.hours_due_from,
                limit,
            )
        )
        return Ticket.browse(ticket for (ticket,) in rows)


class ResourceCalendar(models.Model):
    """The hours of calendars are those of teams."""

    _inherit = "resource.calendar"

    def _change_hours(self, company):
        result = super()._change_hours(company)
        # sudo: who changes a calendar, or enters a holiday, need not have access to teams
        self.env["helpdesk_lite.team"].sudo()._make_hours_due(
            SQL(
                "resource_calendar_id IS NOT NULL AND %s AND %s",
                SQL("resource_calendar_id = ANY(%s)", self.ids) if self else SQL("TRUE"),
                SQL("company_id = %s", company.id) if company else SQL("TRUE"),
            )
        )
        return result
