import re

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

ADDRESS = re.compile(r"[^\s@]+@[^\s@.*]+(\.[^\s@.*]+)+")


class MailBlock(models.Model):
    """A sender, or all senders of a domain, whose mails are parked."""

    _name = "helpdesk_lite.mail.block"
    _description = "Blocked Sender"
    _inherit = ["helpdesk_lite.links.mixin", "helpdesk_lite.search.mixin"]
    _order = "name, id"

    name = fields.Char("Address or Domain", required=True, help="An e-mail address, or a domain as in @example.com.")
    # a block for all companies would reach those that its author does not see
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    active = fields.Boolean(default=True)

    _name_unique = models.UniqueIndex("(name, company_id) WHERE active", "This sender is blocked already.")

    @api.constrains("name")
    def _check_name(self):
        for block in self:
            if refusal := self._get_refusal(block.name):
                raise ValidationError(refusal)

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
        if not (address and ADDRESS.fullmatch(address)):
            raise ValidationError(self.env._("%s is neither an e-mail address nor a domain.", name))
        return address if name.rpartition("@")[0] else address[1:]

    @api.model
    def _get_refusal(self, name):
        """Say why a sender cannot be blocked: employees write from the domains of our own addresses.

        :param str name: in the form in which it is stored
        :return: sentence, or None
        """
        # sudo: the names of our own domains stand in every address of ours
        if self.env["mail.alias.domain"].sudo().search_count([("name", "=", name.rpartition("@")[2])], limit=1):
            return self.env._("%s belongs to your own e-mail domain and cannot be blocked.", name)
        return None

    def action_unblock(self):
        """Let mails of these senders in again. Those that were parked stay parked until they are processed again."""
        self.action_archive()

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
