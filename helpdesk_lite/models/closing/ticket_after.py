from datetime import timedelta

from markupsafe import Markup
from odoo import api, fields, models

from ...tools.thanks import is_thanks


class TicketAfter(models.Model):
    """What a message of the customer does to a closed ticket: it reopens it, makes a new ticket, or only says thank you."""

    _inherit = "helpdesk_lite.ticket"

    def _is_over(self):
        """Whether what the customer of this closed ticket writes now is another request."""
        self.ensure_one()
        # sudo: customers and the gateway cannot read the team's rules
        ticket = self.sudo()
        team = ticket.team_id
        if not ticket.is_closed or not ticket.active or not team.active or team.reopen_policy == "always":
            return False
        if team.reopen_policy == "never":
            return True
        return bool(ticket.close_date and ticket.close_date + timedelta(days=team.reopen_days) < fields.Datetime.now())

    def _is_only_thanks(self, message):
        # sudo: see above
        ticket, message = self.sudo(), message.sudo()
        name = message.author_id.name or message.email_from or ""
        return (
            ticket.is_closed and ticket.team_id.ignore_thanks and not message.attachment_ids and is_thanks(message.body, name)
        )

    # ------------------------------------------------------------
    # BY MAIL
    # ------------------------------------------------------------

    @api.model
    def _route_to_threads(self, routes, msg_dict):
        """A mail to a ticket that is over makes a new one, before anything is posted."""
        routed = super()._route_to_threads(routes, msg_dict)
        result = []
        for route in routed:
            model, thread_id, values, *rest = route
            # sudo: the gateway's user need not have access to the ticket
            ticket = self.sudo().browse(thread_id if model == self._name and thread_id else ())
            if ticket and ticket._is_over() and not ticket._is_written_by_us(msg_dict) and not ticket._is_thanks(msg_dict):
                msg_dict["follow_up_of_id"] = ticket.id
                route = (model, False, {**(values or {}), "team_id": ticket.team_id.id}, *rest)
            result.append(route)
        return result

    def _is_thanks(self, msg_dict):
        return self.team_id.ignore_thanks and is_thanks(msg_dict.get("body") or "", msg_dict.get("email_from") or "")

    def _is_written_by_us(self, msg_dict):
        """Whether an employee who is not the customer wrote a mail."""
        # sudo: see above
        author = self.env["res.partner"].sudo().browse(msg_dict.get("author_id") or [])
        return self._is_ours(author)

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        former_id = msg_dict.pop("follow_up_of_id", None)
        ticket = super().message_new(msg_dict, custom_values)
        if former_id and self.env.su:
            ticket._link_follow_up(self.browse(former_id))
        return ticket

    # ------------------------------------------------------------
    # BY PORTAL
    # ------------------------------------------------------------

    def _reopen_for_customer(self, message):
        """Leave a ticket closed when its customer says thank you, or when it is over.

        :param message: record of ``mail.message``, the answer
        """
        if self._is_only_thanks(message):
            return self._note_as_system(
                self.env._("The customer said thank you, so the ticket stays closed. Use Reopen if there is more to do.")
            )
        # a message on a ticket that was merged into this one is not for the customer of this one
        # sudo: only where it is
        if self._is_over() and message.sudo().res_id == self.id:
            return self._make_follow_up(message)
        return super()._reopen_for_customer(message)

    def _get_message_kind(self, message):
        kind = super()._get_message_kind(message)
        # sudo: customers cannot read whether there is something left to do
        return "remark" if kind == "customer" and self.sudo().is_closed else kind

    def _make_follow_up(self, message):
        """Make a new ticket of what the customer wrote on this one.

        :param message: record of ``mail.message``
        """
        # sudo: customers cannot create tickets; theirs has the customer and team of the one they wrote on
        ticket, message = self.sudo(), message.sudo()
        follow_up = ticket.with_context(mail_create_nosubscribe=True, mail_create_nolog=True).create(
            {
                "name": ticket.name,
                "description": message.body,
                "team_id": ticket.team_id.id,
                "user_id": False,
                "partner_id": ticket.partner_id.id,
                "partner_name": ticket.partner_name,
                "partner_email": ticket.partner_email,
                "partner_phone": ticket.partner_phone,
                "email_cc": ticket.email_cc,
            }
        )
        copies = [file.copy({"res_model": self._name, "res_id": follow_up.id}).id for file in message.attachment_ids]
        follow_up.message_post(
            body=message.body,
            author_id=message.author_id.id,
            email_from=message.email_from,
            message_type="comment",
            subtype_id=ticket._creation_subtype().id,
            attachment_ids=copies,
        )
        follow_up._link_follow_up(ticket)

    def _link_follow_up(self, former):
        """Link a new ticket with the closed one that it follows, and note it on that one."""
        # sudo: the customer caused it, and can neither relate tickets nor see each of them
        new = self.sudo()
        new._relate("follow_up", former.sudo())
        link = new._get_html_link(title=new.number)
        former._note_as_system(Markup("%s") % self.env._("The customer wrote again. The new ticket is %s.", link))

    def _note_as_system(self, body):
        # sudo: the customer caused it, and does not write it
        self.sudo()._message_log(body=body, author_id=self.env.ref("base.partner_root").id)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_reopen(self):
        """Move these closed tickets to the first open stage of their teams.

        :return: True, because XML-RPC has no None
        """
        for ticket in self.filtered("is_closed"):
            ticket._skip_stage_mail()
            ticket.stage_id = ticket.team_id._get_first_stage()
        return True
