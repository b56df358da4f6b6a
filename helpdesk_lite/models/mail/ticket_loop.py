from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import email_normalize


class TicketLoop(models.Model):
    """Stops two programs that answer each other: a sender makes only so many tickets of a team, and answers on one of them.

    Standard Odoo counts every ticket whose customer's address contains the sender's: those of an import too, and those of
    ``busy@`` when ``usy@`` writes. Here a ticket counts when a mail of exactly this sender made it.
    """

    _inherit = "helpdesk_lite.ticket"

    mail_from = fields.Char(
        "Sender of the First Email", readonly=True, copy=False, index="btree_not_null", groups="base.group_system"
    )

    @api.model
    def _is_mail_loop(self, routes, msg_dict):
        """Whether the sender of a mail has reached the limit of one of the teams that it is for.

        :param list routes: those to tickets
        :param dict msg_dict: the parsed mail
        :return: bool
        """
        origin = msg_dict["origin"]
        email = email_normalize(origin.email_from)
        if not email:
            return False
        for _model, thread_id, custom_values, *_rest in routes:
            # sudo: the gateway's user need not see what is counted
            ticket = self.sudo().browse(thread_id or [])
            # sudo: see above
            team = ticket.team_id or self.env["helpdesk_lite.team"].sudo()._find_existing((custom_values or {}).get("team_id"))
            team = team or self._default_team_id().sudo()
            if not team:
                continue
            limit, minutes = team._get_mail_limits()
            since = Domain("create_date", ">=", self.env.cr.now() - timedelta(minutes=minutes))
            if ticket:
                count = self._count_answers(ticket, email, origin, since)
            else:
                # sudo: see above
                count = (
                    self.sudo()
                    .with_context(active_test=False)
                    .search_count(Domain("mail_from", "=", email) & Domain("team_id", "=", team.id) & since)
                )
            if count >= limit:
                # sudo: a list of Odoo for administrators
                allowed = self.env["mail.gateway.allowed"].sudo().search_count([("email_normalized", "=", email)], limit=1)
                return not allowed
        return False

    @api.model
    def _count_answers(self, ticket, email, origin, since):
        """The mails of one sender on one ticket."""
        by_sender = (
            Domain("author_id", "=", origin.author_id)
            if origin.author_id
            else Domain("email_from", "in", [origin.email_from, email])
        )
        # sudo: the gateway's user need not see what is counted
        return (
            self.env["mail.message"]
            .sudo()
            .search_count(
                Domain("model", "=", self._name)
                & Domain("res_id", "=", ticket.id)
                & Domain("message_type", "in", ("email", "out_of_office"))
                & by_sender
                & since
            )
        )
