import re

from odoo import models
from odoo.tools.misc import consteq, hmac

# a reference that stands in our mails to employees only, and in their answers to them
OWN_REFERENCE = re.compile(r"<helpdesk-lite-(\w{64})@")


class TicketReference(models.Model):
    """How mails of one ticket find each other, and how an employee's answer is told from a forged one.

    Our mails to employees, and no others, carry a keyed reference that answers bring back.
    """

    _inherit = "helpdesk_lite.ticket"

    def _has_own_reference(self, msg_dict):
        """Whether a mail answers one that went to employees only.

        :param dict msg_dict: the mail, parsed
        :return: bool
        """
        return any(
            consteq(reference, self._get_own_reference())
            for reference in OWN_REFERENCE.findall(msg_dict.get("references") or "")
        )

    def _get_own_reference(self):
        """What an answer to our mail to employees about this ticket refers to.

        :return: str of 64 hexadecimal digits
        """
        # sudo: the key of the database
        return hmac(self.sudo().env, "helpdesk_lite.answer", self.id)

    def _notify_by_email_get_final_mail_values(self, recipient_ids, mail_values, additional_values=None):
        values = super()._notify_by_email_get_final_mail_values(recipient_ids, mail_values, additional_values)
        # sudo: who of the recipients is one of our own
        recipients = self.env["res.partner"].sudo().browse(recipient_ids)
        if self and recipients and not any(recipients.mapped("partner_share")):
            references = values.get("references") or ""
            domain = references.rpartition("@")[2].rstrip(">") or "helpdesk"
            # in front: the last reference is the message itself
            values["references"] = f"<helpdesk-lite-{self._get_own_reference()}@{domain}> {references}".strip()
        return values

    def _notify_get_reply_to(self, default=None, author_id=False):
        # sudo: answers go to the team's alias, whoever writes
        teams = self.sudo().team_id
        reply_to = teams._notify_get_reply_to(default=default, author_id=author_id) if teams else {}
        return {ticket.id: reply_to.get(ticket.sudo().team_id.id) for ticket in self}

    def _message_compute_subject(self):
        self.ensure_one()
        return f"[{self.number}] {self.name}" if self.number else self.name
