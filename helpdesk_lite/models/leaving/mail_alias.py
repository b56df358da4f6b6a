from markupsafe import Markup
from odoo import models


class MailAlias(models.Model):
    """Tells people who write to an archived team that nobody reads it any more."""

    _inherit = "mail.alias"

    def _get_archived_team(self):
        """:return: the team of this alias if it is archived and takes no e-mails, sudoed, or an empty record"""
        Team = self.env["helpdesk_lite.team"]
        # sudo: the gateway's user need not have access to aliases and models
        alias = self.sudo()
        if alias.alias_parent_model_id.model != Team._name:
            return Team
        # sudo: the gateway's user need not have access to teams
        team = Team.sudo().browse(alias.alias_parent_thread_id).exists()
        return Team if not team or team._get_receiving_team() else team

    def _alias_bounce_incoming_email(self, message, message_dict, set_invalid=True):
        """Do not answer programs: two of them would write to each other forever."""
        if self._get_archived_team() and self.env["helpdesk_lite.ticket"]._get_origin(message, message_dict, []).verdict.quiet:
            return None
        return super()._alias_bounce_incoming_email(message, message_dict, set_invalid=set_invalid)

    def _get_alias_bounced_body_fallback(self, message_dict):
        team = self._get_archived_team()
        if not team:
            return super()._get_alias_bounced_body_fallback(message_dict)
        told = [self.env._("Your message was not delivered, because the address %s is not in use any more.", self.display_name)]
        if other := team.company_id.partner_id.email_formatted:
            told.append(self.env._("Please contact us at %s instead.", other))
        return Markup("<p>%s</p>") % " ".join(told)
