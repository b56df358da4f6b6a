from odoo import models

from ...tools.mail_addresses import without_tag


class MailAliasDomain(models.Model):
    """Says which addresses are our own."""

    _inherit = "mail.alias.domain"

    def _find_aliases(self, email_list):
        """Count the address of a team with a tag, ``support+lamps@``, as ours: mails to it become tickets."""
        found = super()._find_aliases(email_list)
        tagged = {email: base for email in email_list or () if email not in found and (base := without_tag(email))}
        if not tagged:
            return found
        teams = set(self.env["helpdesk_lite.team"]._find_aliases_of_teams(tagged.values()))
        # in the order of the question, as in standard Odoo
        return [email for email in email_list if email in found or tagged.get(email) in teams]
