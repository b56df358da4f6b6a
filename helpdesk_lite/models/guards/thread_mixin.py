from odoo import api, fields, models
from odoo.exceptions import UserError


class ThreadMixin(models.AbstractModel):
    """What is asked about messages by way of their record is answered by the messages' own access.

    Stock lets domains pass from a record to its messages without it, for speed. That tells, letter
    by letter, what a message says to people who may read the record and not the message.
    """

    _name = "helpdesk_lite.thread.mixin"
    _inherit = ["mail.thread", "helpdesk_lite.search.mixin"]
    _description = "Guarded Messages"

    message_ids = fields.One2many(bypass_search_access=False)
    website_message_ids = fields.One2many(bypass_search_access=False)

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        self._refuse_own_addresses(partner_ids)
        return super().message_subscribe(partner_ids, subtype_ids)

    def _refuse_own_addresses(self, partner_ids):
        """A contact with the address of an alias would answer each mail that it gets with a new ticket.

        :raise UserError: when one of the contacts has such an address
        """
        # sudo: only whether an address is one of our own, nothing of the aliases is shown
        partners = self.env["res.partner"].sudo().browse(partner_ids or [])
        own = self.env["mail.alias.domain"].sudo()._find_aliases(partners.filtered("email").mapped("email_normalized"))
        if own:
            names = ", ".join(partners.filtered(lambda partner: partner.email_normalized in own).mapped("name"))
            raise UserError(self.env._(
                "%s cannot follow: it is the e-mail alias of a team, which would write to itself.", names,
            ))


class ActivityMixin(models.AbstractModel):
    """The same for activities: no field of theirs is searched or shown for somebody who may not read them."""

    _name = "helpdesk_lite.activity.mixin"
    _inherit = ["mail.activity.mixin", "helpdesk_lite.search.mixin"]
    _description = "Guarded Activities"

    activity_ids = fields.One2many(bypass_search_access=False)
    activity_type_id = fields.Many2one(related_sudo=False)
    activity_type_icon = fields.Char(related_sudo=False)
    activity_summary = fields.Char(related_sudo=False)

    @api.model
    def _search_activity_user_id(self, operator, operand):
        domain = super()._search_activity_user_id(operator, operand)
        return domain if domain is NotImplemented else self._guard_domain(domain)

    def _search_activity_date_deadline(self, operator, operand):
        domain = super()._search_activity_date_deadline(operator, operand)
        return domain if domain is NotImplemented else self._guard_domain(domain)
