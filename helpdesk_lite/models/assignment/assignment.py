from markupsafe import escape
from odoo import fields, models

from ...tools.fair_share import choose


class Assignment(models.Model):
    """An automatic choice with all its inputs, so that it can be repeated and checked.

    ``reason`` holds ``when`` (see ``Availability``), ``loads`` and ``turns`` by user id (the lowest
    load wins, then the earliest turn), and ``away``: the end of other people's time off by user id.
    """

    _name = "helpdesk_lite.assignment"
    _description = "Automatic Assignment"
    _inherit = ["helpdesk_lite.links.mixin", "helpdesk_lite.search.mixin"]
    _order = "id desc"
    _rec_name = "number"

    ticket_id = fields.Many2one("helpdesk_lite.ticket", required=True, index=True, ondelete="cascade")
    team_id = fields.Many2one("helpdesk_lite.team", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="team_id.company_id", store=True, precompute=True)
    user_id = fields.Many2one("res.users", "Assigned to", required=True, ondelete="cascade")
    method = fields.Selection(
        lambda self: self.env["helpdesk_lite.team"]._fields["assign_method"]._description_selection(self.env), required=True
    )
    number = fields.Integer(required=True, help="The number of the choice, counted within the team.")
    date = fields.Datetime("Chosen at", required=True)
    reason = fields.Json(required=True)

    _number_unique = models.UniqueIndex("(team_id, number)")

    def _find_discrepancies(self):
        """Repeat these choices from the stored inputs and the calendars, and compare the results.

        Calendars, leaves and names must not have changed since.

        :return: list of tuples (record, description of the discrepancy)
        """
        # sudo: checking reads the same data as choosing
        return [(record, what) for record in self for what in record.sudo()._check_again()]

    def _check_again(self):
        loads, turns = ({int(user): value for user, value in self.reason[name].items()} for name in ("loads", "turns"))
        if choose(loads, turns) != self.user_id.id:
            yield f"{self.user_id.id} does not follow from {loads} and {turns}"
        away = [int(user) for user in self.reason["away"]]
        availability = self.team_id._get_availability(self.user_id.browse([*loads, *away]), self.date)
        if sorted(availability.users) != sorted(loads) or str(availability.when) != self.reason["when"]:
            yield f"{availability} and not {self.reason['when']}, {sorted(loads)} were there"
        if {str(user): fields.Datetime.to_string(until) for user, until in availability.away.items()} != self.reason["away"]:
            yield f"{availability.away} and not {self.reason['away']} were away"
        explanation = escape(self.with_context(lang=self.user_id.lang)._explain())
        if not any(explanation in body for body in self.ticket_id.message_ids.mapped("body")):
            yield f"{self._explain()} is not on the ticket"

    def _explain(self):
        """The answer to "why me?" in one line, in the language of the environment.

        :return: str
        """
        self.ensure_one()
        # sudo: names of colleagues and the team's time zone
        record = self.sudo()
        return record.team_id._explain_choice(record.user_id, record.method, record.date, record.reason)
