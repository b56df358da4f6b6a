from odoo import api, fields, models
from odoo.exceptions import ValidationError

# parameter: the name by which our mail server calls itself in Authentication-Results
MAIL_SERVER = "helpdesk_lite.mail_server"


class TeamMail(models.Model):
    """What a team decides about its mails."""

    _inherit = "helpdesk_lite.team"

    new_ticket_notice = fields.Selection(
        [("nobody", "Nobody"), ("members", "Team Members"), ("followers", "Followers of the Team")],
        string="New Tickets Are Announced to",
        required=True,
        default="followers",
        help="Who gets an e-mail about each new ticket, besides its assignee. Followers of the team choose for themselves "
        "with “Ticket Created”.",
    )
    acknowledge_forwarded = fields.Boolean(
        "Acknowledge Forwarded Emails",
        help="Tell customers that their e-mail arrived when an agent forwards it to this team. Otherwise nobody is told.",
    )
    employee_answers = fields.Selection(
        [("always", "Always"), ("verified", "If our mail server verifies the sender"), ("never", "Never")],
        string="Employees' Answers by Email",
        required=True,
        default="always",
        help="Anybody can write an e-mail in an employee's name. Whether such an e-mail to a ticket counts as the employee's "
        "answer. If not, it is kept as an internal note that says that the sender is not verified.",
    )
    mail_limit = fields.Integer(
        "Emails from One Sender",
        help="How many e-mails of one sender make tickets of this team, or messages on one ticket, within the minutes below. "
        "Two programs that answer each other write more: what comes then is parked in Incoming Mail, and nothing is answered. "
        "0 stands for Odoo's limit: 20, or the system parameter mail.gateway.loop.threshold.",
    )
    mail_limit_minutes = fields.Integer(
        "Counted in Minutes",
        help="The time in which the e-mails of one sender are counted. 0 stands for Odoo's: 120 minutes, or the system "
        "parameter mail.gateway.loop.minutes.",
    )
    _mail_limits_positive = models.Constraint(
        "CHECK(mail_limit >= 0 AND mail_limit_minutes >= 0)", "The limits of e-mails cannot be negative."
    )

    @api.constrains("employee_answers")
    def _check_employee_answers(self):
        # sudo: administrators of the helpdesk cannot read the settings
        if "verified" in self.mapped("employee_answers") and not self.env["ir.config_parameter"].sudo().get_param(MAIL_SERVER):
            raise ValidationError(
                self.env._(
                    "No sender can be verified yet, because the name of your mail server is not known. Ask an administrator "
                    "of Odoo to enter it in the settings of Helpdesk."
                )
            )

    def _get_mail_limits(self):
        """How many mails of one sender make tickets of this team, or answers on one of them, and in which time.

        :return: tuple (number, minutes)
        """
        self.ensure_one()
        # sudo: the mail gateway's user need not be able to read the team or the parameters, which are Odoo's
        get_param, team = self.env["ir.config_parameter"].sudo().get_param, self.sudo()
        return (
            team.mail_limit or int(get_param("mail.gateway.loop.threshold", 20)),
            team.mail_limit_minutes or int(get_param("mail.gateway.loop.minutes", 120)),
        )
