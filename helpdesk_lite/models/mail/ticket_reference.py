import re

from odoo import models
from odoo.tools import formataddr
from odoo.tools.misc import consteq, hmac

# the reference that only our mails to employees carry, and the answers to these mails
OWN_REFERENCE = re.compile(r"<helpdesk-lite-(\w{64})@")

# Reply-To on one line, which Python's library would fold in a way that some mail servers misread (see Odoo's
# ``_notify_get_reply_to_formatted_email``)
LONGEST_SENDER = 68


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
        """Answers go to the team's alias, or else to the catchall address, under the team's name.

        Odoo would take the name of the author or of the mail gateway's user, and any of the team's addresses.
        """
        addresses = {}
        # sudo: the author need not have access to the team, whose alias receives the answers
        for ticket in self.sudo():
            email = ticket.team_id.alias_email or ticket.company_id.catchall_email
            addresses[ticket.id] = ticket._format_sender(email) if email else default
        return addresses

    def _get_team_sender(self):
        """The sender of mails that no person writes: the company, or the team where the company has no address.

        :return: str, formatted, or None when neither has an address
        """
        self.ensure_one()
        # sudo: the user who causes the mail need not have access to the team
        ticket = self.sudo()
        email = ticket.company_id.partner_id.email_normalized or ticket.team_id.alias_email or ticket.company_id.catchall_email
        return ticket._format_sender(email) if email else None

    def _format_sender(self, email):
        """An address under the name of the team, or of the company if that of the team is too long for one line.

        :param str email: the address
        :return: str
        """
        self.ensure_one()
        ticket = self.with_context(lang=self._get_customer_lang())
        for name in (ticket.team_id.name, ticket.company_id.name):
            if len(formatted := formataddr((name or "", email))) <= LONGEST_SENDER:
                return formatted
        return email

    def _message_compute_subject(self):
        self.ensure_one()
        return f"[{self.number}] {self.name}" if self.number else self.name
