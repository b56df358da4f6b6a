from odoo import models
from odoo.tools import SQL

from ..guards.pointer_mixin import OURS


class MailFollowers(models.Model):
    """Who follows a ticket or team is known to those who see it.

    In stock Odoo every employee may read all followers of all records, which tells strangers
    who deals with a private team. What is visible is asked of the tickets' and teams' own rules.
    """

    _name = "mail.followers"
    _inherit = ["helpdesk_lite.pointer.mixin", "mail.followers"]

    # all that a record rule asks: what somebody follows, and whether they follow this
    _ticket_index = models.Index("(partner_id, res_id) WHERE res_model = 'helpdesk_lite.ticket'")

    def _get_guard(self):
        return SQL("(%s)", SQL(" AND ").join(
            SQL(
                "(mail_followers.res_model != %s OR %s)",
                name, self.env[name]._is_visible(SQL.identifier("mail_followers", "res_id")),
            ) for name in OURS
        ))
