from odoo import models
from odoo.tools import email_normalize


class MailSenders(models.Model):
    """Blocks the senders of mails, or lets them send as many as they want."""

    _inherit = "helpdesk_lite.mail"

    def action_block_sender(self):
        """Ask whether to block the addresses or the domains of the senders.

        :return: a window action
        """
        return self._open_wizard("helpdesk_lite.mail.block.sender", self.env._("Block Sender"))

    def action_allow_sender(self):
        """Let the senders send as many mails as they want: they are added to the list of allowed senders of Odoo.

        :return: an action that shows for each mail whether its sender was added
        """
        self.check_access("read")
        # sudo: the list of Odoo is for its administrators. It lifts a limit on the number of mails and nothing else.
        Allowed = self.env["mail.gateway.allowed"].sudo()
        addresses = {mail: email_normalize(mail.email_from or "") for mail in self}
        known = set(Allowed.search([("email_normalized", "in", list(addresses.values()))]).mapped("email_normalized"))
        Allowed.create([{"email": address} for address in sorted({*filter(None, addresses.values())} - known)])
        _ = self.env._
        return self._show_outcomes(
            {
                mail: (False, _("This mail has no sender."))
                if not address
                else (False, _("%s is allowed already.", address))
                if address in known
                else (True, _("%s may now send any number of mails.", address))
                for mail, address in addresses.items()
            }
        )

    def _get_block_name(self, kind):
        """The name under which the sender is blocked.

        :param str kind: ``address`` or ``domain``
        :return: str, empty if the mail has no sender
        """
        names = self.env["helpdesk_lite.mail.block"]._get_names(self.email_from or "")
        return names[kind == "domain"] if names else ""

    def _block_senders(self, kind):
        """Block the senders in the companies that they wrote to, with the rights of the user.

        :param str kind: ``address`` or ``domain``
        :return: an action that shows for each mail whether its sender was blocked
        """
        Block = self.env["helpdesk_lite.mail.block"]
        _ = self.env._
        outcomes, blocked = {}, set()
        for mail in self:
            name, company = mail._get_block_name(kind), mail.company_id or self.env.company
            if not name:
                outcomes[mail] = (False, _("This mail has no sender."))
            elif refusal := Block._get_refusal(name):
                outcomes[mail] = (False, refusal)
            elif (name, company) in blocked:
                outcomes[mail] = (True, _("%s is blocked.", name))
            elif Block.search_count([("name", "=", name), ("company_id", "=", company.id)], limit=1):
                outcomes[mail] = (False, _("%s was blocked before.", name))
            else:
                Block.create({"name": name, "company_id": company.id})
                blocked.add((name, company))
                outcomes[mail] = (True, _("%s is blocked.", name))
        return self._show_outcomes(outcomes)
