from odoo import models
from odoo.tools import SQL

from ..guards.attached_mixin import OURS


class MailFollowers(models.Model):
    """Shows the followers of a ticket or team only to people who can see it.

    In standard Odoo every employee can read all followers of all records, so anybody could find
    out who deals with a private team. The rules of tickets and teams decide.
    """

    _name = "mail.followers"
    _inherit = ["helpdesk_lite.attached.mixin", "mail.followers"]

    # covers both questions of the record rules: what somebody follows, and whether they follow this record
    _ticket_index = models.Index("(partner_id, res_id) WHERE res_model = 'helpdesk_lite.ticket'")

    def unlink(self):
        """End the links that people from outside have, together with their following."""
        # sudo: only the kind of the followers is read
        outside = self.sudo().filtered(lambda row: row.res_model == "helpdesk_lite.ticket" and row.partner_id.partner_share)
        tickets = self.env["helpdesk_lite.ticket"].browse(outside.mapped("res_id"))
        result = super().unlink()
        if tickets:
            tickets._renew_access_links()
        return result

    def _get_guard(self):
        return SQL(
            "(%s)",
            SQL(" AND ").join(
                SQL(
                    "(mail_followers.res_model != %s OR %s)",
                    name,
                    self.env[name]._is_visible(SQL.identifier("mail_followers", "res_id")),
                )
                for name in OURS
            ),
        )
