from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError


class MailBlock(models.Model):
    """A sender, or all senders of a domain, whose mails are parked."""

    _name = "helpdesk_lite.mail.block"
    _description = "Blocked Sender"
    _inherit = ["helpdesk_lite.links.mixin", "helpdesk_lite.search.mixin"]
    _order = "name, id"

    name = fields.Char("Address or Domain", required=True, help="An e-mail address, or a domain as in @example.com.")
    company_id = fields.Many2one("res.company", help="Leave empty to block the sender for all companies.")
    active = fields.Boolean(default=True)

    _name_unique = models.UniqueIndex("(name, COALESCE(company_id, 0))", "This sender is blocked already.")

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([{**vals, "name": self._normalize(vals.get("name"))} for vals in vals_list])

    def write(self, vals):
        return super().write({**vals, "name": self._normalize(vals["name"])} if "name" in vals else vals)

    @api.model
    def _normalize(self, name):
        """The form in which a sender is stored: ``zoe@example.com``, or ``@example.com`` for a domain.

        :param str name: as typed
        :return: str
        :raise ValidationError: when it is neither
        """
        name = (name or "").strip().lower()
        address = tools.email_normalize(name if name.rpartition("@")[0] else f"x@{name.removeprefix('@')}")
        if not address:
            raise ValidationError(self.env._("%s is neither an e-mail address nor a domain.", name))
        return address if name.rpartition("@")[0] else address[1:]

    @api.model
    def _get_names(self, email):
        """The names under which an address can be blocked.

        :param str email: address, with or without a display name
        :return: list of str
        """
        address = tools.email_normalize(email)
        return [address, f"@{address.rpartition('@')[2]}"] if address else []

    @api.model
    def _is_blocked(self, email, company=None):
        """Whether mails of an address are parked.

        :param str email: address, with or without a display name
        :param company: record of ``res.company``, or None to ask only what is blocked for all companies
        :return: bool
        """
        companies = [False, *(company.ids if company else [])]
        # sudo: the gateway's user need not have access to the list
        return bool(
            self.sudo().search_count([("name", "in", self._get_names(email)), ("company_id", "in", companies)], limit=1)
        )
