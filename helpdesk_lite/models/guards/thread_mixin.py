from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class ThreadMixin(models.AbstractModel):
    """Searches through a record's messages with the access rights of the messages.

    Standard Odoo skips these rights in domains, for speed. People who can read the record but not
    the message could then guess its text letter by letter.
    """

    _name = "helpdesk_lite.thread.mixin"
    _inherit = ["mail.thread", "helpdesk_lite.search.mixin"]
    _description = "Guarded Messages"

    message_ids = fields.One2many(bypass_search_access=False)
    website_message_ids = fields.One2many(bypass_search_access=False)
    rating_ids = fields.One2many(bypass_search_access=False)

    def message_post(self, **kwargs):
        # with one of these, Odoo would store a rating of whoever posts, or link any rating with the message
        kwargs.pop("rating_value", None)
        kwargs.pop("rating_id", None)
        return super().message_post(**kwargs)

    def rating_apply(self, *args, **kwargs):
        """Refuse to rate: Odoo would take anybody's word for the customer's.

        :raise AccessError: always
        """
        raise AccessError(self.env._("Only customers rate tickets, and nobody changes what they said."))

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        self._refuse_own_addresses(partner_ids)
        return super().message_subscribe(partner_ids, subtype_ids)

    def _refuse_own_addresses(self, partner_ids):
        """Refuse followers whose address is one of our aliases: each mail to them would create a ticket.

        :param list partner_ids: ids of ``res.partner``
        :raise UserError: when one of them has such an address
        """
        # sudo: the aliases are only compared with addresses, not shown
        partners = self.env["res.partner"].sudo().browse(partner_ids or [])
        own = self.env["mail.alias.domain"].sudo()._find_aliases(partners.filtered("email").mapped("email_normalized"))
        if own:
            names = ", ".join(partners.filtered(lambda partner: partner.email_normalized in own).mapped("name"))
            raise UserError(
                self.env._("%s cannot follow: it is the e-mail alias of a team, which would write to itself.", names)
            )


class ActivityMixin(models.AbstractModel):
    """Searches and shows the fields of activities with the access rights of the activities."""

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
