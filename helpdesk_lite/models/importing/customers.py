"""Finds the contact of each imported customer, for all rows at once. Contacts are neither made nor changed."""

from collections import defaultdict

from odoo.fields import Domain
from odoo.tools.mail import email_normalize, email_split_tuples


def split_address(text):
    """The name and the address in a cell.

    :param str text: such as ``Zoe <zoe@quill.example>``
    :return: tuple of str; the text itself as address when it is not exactly one
    """
    pairs = email_split_tuples(text)
    return pairs[0] if len(pairs) == 1 else ("", text)


class Contacts:
    """The contacts with some addresses or names that the user sees.

    A customer is linked to the one contact with exactly their address, in the company of the ticket or in none. One of
    several is not guessed, because the contact follows public tickets.
    """

    def __init__(self, env, emails, names):
        """:param emails: those in the cells, normalized here
        :param names: of customers without an address
        """
        self.by_email, self.by_name = defaultdict(list), defaultdict(list)
        emails = {normalized for email in emails if (normalized := email_normalize(email))}
        if not emails and not names:
            return
        domain = Domain("email_normalized", "in", list(emails)) | Domain("name", "in", list(names))
        for partner in env["res.partner"].search_fetch(domain, ["email_normalized", "name", "company_id"]):
            self.by_email[partner.email_normalized].append(partner)
            self.by_name[partner.name].append(partner)

    def find(self, email, name, company_id):
        """The contacts that a customer may be.

        :param str email: as in the cell, or a false value
        :param str name: as in the cell, or a false value
        :param int company_id: of the ticket
        :return: list of records of ``res.partner``; exactly one means that it is the customer
        """
        # what is no address belongs to nobody, and not to the contacts without one
        address = email_normalize(email) if email else None
        partners = self.by_email.get(address, []) if address else self.by_name.get(name, []) if not email else []
        return [partner for partner in partners if partner.company_id.id in (False, company_id)]
