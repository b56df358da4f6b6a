from odoo import api, models
from odoo.tools import email_normalize
from odoo.tools.misc import consteq, hmac

# A mail for a password is being sent. The value must be this very object, which no client can send in a context.
PROVING, PROOF = "helpdesk_lite_proving_email", object()
SEPARATOR = "~"


class ResPartner(models.Model):
    """Signs the links in mails for passwords with the address that the mail goes to.

    Odoo's own token does not contain the address. Somebody could ask for such a mail, change the address of their contact on
    the portal, and only then use the link.
    """

    _inherit = "res.partner"

    def _generate_signup_token(self, expiration=None):
        token = super()._generate_signup_token(expiration=expiration)
        if self.env.context.get(PROVING) is not PROOF:
            return token
        return f"{token}{SEPARATOR}{self._get_email_proof(token)}"

    @api.model
    def _get_partner_from_token(self, token):
        return super()._get_partner_from_token(token.partition(SEPARATOR)[0] if isinstance(token, str) else token)

    def _get_email_proof(self, token):
        """:return: str, the signature of a token together with the contact's address"""
        self.ensure_one()
        # sudo: the secret of the database is read
        contact = self.sudo()
        return hmac(contact.env, "helpdesk_lite.email_proof", (token, contact.id, contact.email_normalized or ""))

    def _is_email_proven(self, token):
        """Whether a link was sent to the address that the contact has now.

        :param token: from a request
        :return: bool
        """
        plain, _separator, proof = token.partition(SEPARATOR) if isinstance(token, str) else ("", "", "")
        # sudo: the contact of a valid token is only compared
        contact = self.sudo()
        return bool(
            proof
            and proof.isascii()
            and email_normalize(contact.email) == contact.email_normalized
            and consteq(contact._get_email_proof(plain), proof)
        )


class ResUsers(models.Model):
    """Verifies the address of those who use the link of a password mail, and gives new users their tickets."""

    _inherit = "res.users"

    @api.model_create_multi
    def create(self, vals_list):
        users = super().create(vals_list)
        users.partner_id._claim_tickets()
        return users

    def write(self, vals):
        result = super().write(vals)
        if vals.get("active") or vals.get("partner_id"):
            self.partner_id._claim_tickets()
        return result

    def _action_reset_password(self, signup_type="reset"):
        # the one mail that goes to the address of this moment, even if it is sent again later
        proving = self.with_context(**{PROVING: PROOF})
        return super(ResUsers, proving)._action_reset_password(signup_type=signup_type)

    @api.model
    def signup(self, values, token=None):
        # sudo: the visitor has no access yet; an invalid token is refused below
        contact = self.env["res.partner"].sudo()._get_partner_from_token(token) if token else None
        proven = bool(contact) and contact._is_email_proven(token)
        email = contact.email_normalized if proven else None
        result = super().signup(values, token)
        # a new user's login becomes the address, and nobody has sent anything to that
        if proven and contact.email_normalized == email:
            contact._verify_email()
        return result
