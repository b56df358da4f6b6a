from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.http import request

from ..mail.ticket_recipients import CLAIM_LATER


class ResPartner(models.Model):
    """Whose an address is. The rule:

    * An address that an employee or the server's own jobs entered is the company's word: it is *verified*.
    * An address that a visitor or portal user typed, about themselves or others, is *unverified*: on the portal, at a free
      sign-up, in a shop. Nothing shows that mails to it reach them. So is one that an employee who may not change contacts
      gives themselves in the preferences.
    * It becomes verified when somebody uses the link of a password mail that was sent to exactly this address, or when an
      employee who may change the contact confirms it.
    * Any change of the address by such a person makes it unverified again. Saving the same address changes nothing, whoever
      does it.

    A contact with an unverified address gets no ticket because of it: neither those that came from the address before, nor
    those that still come from it. What it had, it keeps. An employee's word counts for the tickets of their own companies.

    The mark is the typed address itself. So an address that was changed on a way that nobody thought of is not marked, and
    neither are contacts that were there before this rule: they are the company's word.
    """

    _inherit = "res.partner"

    unverified_email = fields.Char(copy=False, groups=fields.NO_ACCESS, export_string_translation=False)
    is_email_unverified = fields.Boolean(compute="_compute_is_email_unverified", compute_sudo=True, groups="base.group_user")

    @api.depends("email_normalized", "unverified_email")
    def _compute_is_email_unverified(self):
        for partner in self:
            partner.is_email_unverified = partner._has_unverified_email()

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        partners._note_typed_email()
        return partners

    def write(self, vals):
        # sudo: the mark is nobody's to read, and some users may change contacts that they cannot read
        former = {contact.id: contact.email_normalized for contact in self.sudo()} if "email" in vals else {}
        result = super().write(vals)
        if "email" in vals:
            self._note_typed_email(former)
            # whoever reads the mails to the former address is not this person, or not any more
            # sudo: see above
            moved = self.sudo().filtered(lambda contact: former[contact.id] not in (False, contact.email_normalized))
            moved._end_links()
        elif vals.get("active") or "company_id" in vals:
            self._claim_tickets()
        if "active" in vals and not vals["active"]:
            self._end_links()
        return result

    def unlink(self):
        theirs = self._get_linked_tickets()
        result = super().unlink()
        theirs.exists()._renew_access_links()
        return result

    def _get_linked_tickets(self):
        """The tickets to which these contacts have links, as customers or followers.

        :return: records of ``helpdesk_lite.ticket``, sudoed
        """
        # sudo: the tickets need not be visible to who changes a contact
        Ticket = self.env["helpdesk_lite.ticket"].sudo().with_context(active_test=False)
        return Ticket.search(["|", ("partner_id", "in", self.ids), ("message_partner_ids", "in", self.ids)])

    def _end_links(self):
        """End the links to tickets that were sent to these contacts; the next mails have new ones."""
        if self:
            self._get_linked_tickets()._renew_access_links()

    # ------------------------------------------------------------
    # THE RULE
    # ------------------------------------------------------------

    @api.model
    def _is_word_of_the_company(self):
        """Whether what is entered now comes from an employee, or from the server itself.

        :return: bool
        """
        user = self.env.user
        if not user._is_superuser():
            return user._is_internal()
        # code that a visitor's request runs as superuser; without a request, it is a job of the server
        return not request or bool(request.env.uid and request.env.user._is_internal())

    def _note_typed_email(self, former=None):
        """Note who entered the addresses of these contacts, and give the contacts the tickets of verified ones.

        :param dict former: id to the normalized address before; a form of the portal sends an address that nobody changed
        """
        # sudo: the mark is nobody's to read or write
        contacts = self.sudo().filtered(lambda contact: contact.email_normalized != (former or {}).get(contact.id, False))
        own = self._get_own_contact()
        if self._is_word_of_the_company():
            contacts, entered = contacts & own, contacts - own
            entered.filtered("unverified_email").unverified_email = False
            entered.with_env(self.env)._claim_tickets()
        for contact in contacts:
            contact.unverified_email = contact.email_normalized
        if contacts & own and own.email_normalized and not own.partner_share:
            own._tell_unverified_employee()

    @api.model
    def _get_own_contact(self):
        """The contact of a user about whom only others can speak for the company.

        Every employee can change the own address in the preferences. With that of somebody else, the tickets of that person
        would become theirs, and those in private teams would be shown to them.

        :return: the contact of the user, sudoed; an empty record for those who may change contacts, and for the server
        """
        user = self.env.user
        if user._is_superuser() or self.env["res.partner"].with_user(user).has_access("write"):
            return self.browse()
        # sudo: only compared, and what the user typed about themselves is noted
        return user.sudo().partner_id

    def _tell_unverified_employee(self):
        """Tell an employee who changed their own address what is missing."""
        self.env.user._bus_send(
            "simple_notification",
            {
                "type": "warning",
                "sticky": True,
                "message": self.env._(
                    "Your new address %s is not verified. Until it is, e-mails from it are not taken for yours. Log out and "
                    "use “Reset Password”, or ask a colleague who can edit contacts to confirm the address.",
                    self.email,
                ),
            },
        )

    def _has_unverified_email(self):
        """:return: bool, see the class; False for a contact without an address"""
        self.ensure_one()
        # sudo: the mark is nobody's to read
        contact = self.sudo()
        return bool(contact.email_normalized) and contact.unverified_email == contact.email_normalized

    def _verify_email(self):
        """Note that the addresses of these contacts are verified, and give the contacts their tickets."""
        # sudo: the mark is nobody's to write
        self.sudo().unverified_email = False
        self._claim_tickets()

    def _claim_tickets(self):
        """Give these contacts the tickets that came from their addresses, as far as these are verified.

        The word of an employee counts for their own companies.
        """
        if self.env.context.get(CLAIM_LATER):
            return
        user = self.env.user
        companies = user.company_ids if user._is_internal() and not user._is_superuser() else None
        # sudo: the tickets need not be visible to who enters a contact, who learns nothing of them
        Ticket = self.env["helpdesk_lite.ticket"].sudo()
        # sudo: see above
        Ticket._claim(self.sudo().filtered(lambda contact: not contact._has_unverified_email()), companies)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_verify_email(self):
        """Confirm that the contact's address is theirs.

        :raise AccessError: unless the user is an employee who may change the contact
        :return: True, because XML-RPC has no None
        """
        if not self.env.user._is_internal():
            raise AccessError(self.env._("Only employees can confirm an e-mail address."))
        self.check_access("write")
        self._verify_email()
        return True
