import re

from odoo import models
from odoo.tools.misc import consteq, hmac

# the reference that only our mails to employees carry, and the answers to these mails
OWN_REFERENCE = re.compile(r"<helpdesk-lite-(\w{64})@")


class TicketReference(models.Model):
    """The threading of a ticket's mails, and the proof that an employee's answer is not forged.

    Our mails to employees, and no others, carry a keyed reference that answers repeat.
    """

    _inherit = "helpdesk_lite.ticket"

    def _has_own_reference(self, msg_dict):
        """Whether a mail answers one that was sent to employees only.

        :param dict msg_dict: the parsed mail
        :return: bool
        """
        return any(
            consteq(reference, self._get_own_reference())
            for reference in OWN_REFERENCE.findall(msg_dict.get("references") or "")
        )

    def _get_own_reference(self):
        """The keyed reference of this ticket, for mails to employees.

        :return: str of 64 hexadecimal digits
        """
        # sudo: the secret of the database is read
        return hmac(self.sudo().env, "helpdesk_lite.answer", self.id)

    def _notify_by_email_get_final_mail_values(self, recipient_ids, mail_values, additional_values=None):
        values = super()._notify_by_email_get_final_mail_values(recipient_ids, mail_values, additional_values)
        # sudo: only the kind of the recipients is read
        recipients = self.env["res.partner"].sudo().browse(recipient_ids)
        if self and recipients and not any(recipients.mapped("partner_share")):
            references = values.get("references") or ""
            domain = references.rpartition("@")[2].rstrip(">") or "helpdesk"
            # in front, because the last reference is the message itself
            values["references"] = f"<helpdesk-lite-{self._get_own_reference()}@{domain}> {references}".strip()
        return values

    def _notify_get_reply_to(self, default=None, author_id=False):
        # sudo: the author need not have access to the team, whose alias receives the answers
        teams = self.sudo().team_id
        reply_to = teams._notify_get_reply_to(default=default, author_id=author_id) if teams else {}
        return {ticket.id: reply_to.get(ticket.sudo().team_id.id) for ticket in self}

    def _message_compute_subject(self):
        self.ensure_one()
        return f"[{self.number}] {self.name}" if self.number else self.name
