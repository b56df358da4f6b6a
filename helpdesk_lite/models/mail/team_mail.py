from odoo import fields, models


class TeamMail(models.Model):
    """What a team decides about its mails."""

    _inherit = "helpdesk_lite.team"

    acknowledge_forwarded = fields.Boolean(
        "Acknowledge Forwarded Emails",
        help="Tell customers that their e-mail arrived when an agent forwards it to this team. Otherwise nobody is told.",
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
