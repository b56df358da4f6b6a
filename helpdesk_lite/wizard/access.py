from odoo import api, fields, models
from odoo.fields import Command


class Access(models.TransientModel):
    """*Who Can See This*: each person or group of people who can read a ticket or a team, with the reason.

    The lines are computed for each user, who must be able to see the record. They are not stored.
    """

    _name = "helpdesk_lite.access"
    _description = "Who Can See This"
    _inherit = ["helpdesk_lite.links.mixin"]
    _order = "id"

    ticket_id = fields.Many2one("helpdesk_lite.ticket")
    team_id = fields.Many2one("helpdesk_lite.team")
    line_ids = fields.One2many("helpdesk_lite.access.line", "access_id", compute="_compute_line_ids")
    user_id = fields.Many2one("res.users", "Check a Person", help="Find out why this person can or cannot see it.")
    answer = fields.Char(compute="_compute_answer")

    @api.model
    def _open(self, ticket=None, team=None):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Who Can See This"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {"default_ticket_id": ticket and ticket.id, "default_team_id": team and team.id},
        }

    def _get_record(self):
        """The ticket or team that the wizard is about.

        :return: record, which may be empty
        :raise AccessError: when the user cannot read it
        """
        record = self.ticket_id or self.team_id
        record.check_access("read")
        return record

    def _reason_labels(self):
        _ = self.env._
        return {
            "employee": _("All internal users of the company"),
            "administrator": _("Helpdesk administrator"),
            "assignee": _("Assigned to the ticket"),
            "follower": _("Follower of the ticket"),
            "team_follower": _("Follower of the team"),
            "customer": _("Portal user following the ticket"),
        }

    @api.depends("ticket_id", "team_id")
    def _compute_line_ids(self):
        for access in self:
            access.line_ids = [Command.clear()] + [Command.create(line) for line in access._get_lines()]

    def _get_lines(self):
        """The lines of the page: one for all employees if all of them can see the record, and one for each other person.

        :return: list of dicts of values of ``helpdesk_lite.access.line``
        """
        record = self._get_record()
        if not record:
            return []
        _ = self.env._
        labels = self._reason_labels()
        reasons = record._access_reasons()
        changers = self.env.ref("helpdesk_lite.group_user" if self.ticket_id else "helpdesk_lite.group_manager")
        changes, reads = _("Read, answer and change"), _("Read and answer")
        if not self.ticket_id:
            changes, reads = _("Read and change the settings"), _("Read")
        lines = []
        employees = reasons.pop("employee", None)
        if employees is not None:
            lines.append(
                {
                    "name": _("%s people", len(employees)),
                    "reason": labels["employee"],
                    "may": _("Read and answer; agents also change") if self.ticket_id else reads,
                }
            )
        # sudo: the user may know who can see the record
        people = self.env["res.users"].sudo().union(*reasons.values()).sorted("name")
        for user in people:
            lines.append(
                {
                    "name": user.name,
                    "reason": ", ".join(labels[reason] for reason in labels if user in reasons.get(reason, ())),
                    "may": changes if changers in user.all_group_ids else reads,
                }
            )
        return lines + self._get_outside_lines(record, people)

    def _get_outside_lines(self, record, people):
        """The lines of followers without a login, and of the access link.

        :param record: ticket or team
        :param people: records of ``res.users`` who have a line already
        :return: list of dicts of values of ``helpdesk_lite.access.line``
        """
        _ = self.env._
        # sudo: users who can see the record may know its followers
        record = record.sudo()
        outside = record.message_partner_ids.filtered("partner_share") - people.partner_id
        linked = bool(self.ticket_id) and record._is_open_to_links()
        lines = [
            {
                "name": partner._get_person_name(),
                "reason": _("Follower who gets the e-mails"),
                "may": _("Open the ticket with the link in them") if linked else _("Only read these e-mails"),
            }
            for partner in outside.sorted("display_name")
        ]
        if linked and record.access_token:
            lines.append(
                {"name": _("Anybody"), "reason": _("Holds the access link of the ticket"), "may": _("Read and answer")}
            )
        return lines

    @api.depends("user_id", "ticket_id", "team_id")
    def _compute_answer(self):
        for access in self:
            record, user = access._get_record(), access.user_id
            access.answer = False
            if not user or not record:
                continue
            labels = access._reason_labels()
            found = [labels[reason] for reason, users in record._access_reasons().items() if user in users]
            if found:
                access.answer = self.env._("%(name)s can see it: %(reasons)s.", name=user.name, reasons=", ".join(found))
            else:
                access.answer = self.env._("%(name)s cannot see it.", name=user.name)


class AccessLine(models.TransientModel):
    _name = "helpdesk_lite.access.line"
    _description = "Who Can See This: a Person or Group"
    _inherit = ["helpdesk_lite.links.mixin"]
    _order = "id"

    access_id = fields.Many2one("helpdesk_lite.access")
    name = fields.Char("Who", readonly=True)
    reason = fields.Char("Why", readonly=True)
    may = fields.Char("Permissions", readonly=True)
