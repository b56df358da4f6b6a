from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL, email_normalize, escape_psql

MOST_TICKETS, MOST_CONTACTS = 10, 5


class TicketCustomerPanel(models.Model):
    """Who the customer of a ticket is, and what else they have asked, as far as the agent can read it."""

    _inherit = "helpdesk_lite.ticket"

    @api.readonly
    def get_customer_panel(self):
        """What the form shows of the customer, at most 12 statements and one more for each app that has documents on them.

        :return: dict: ``contact`` is a dict or False, ``open`` and ``closed`` are dicts (``count``, ``tickets``),
            ``colleagues`` and ``documents`` are lists
        :raise AccessError: when the user has no role in Helpdesk, or cannot read the ticket
        """
        self.ensure_one()
        if not self.env.user.has_group("helpdesk_lite.group_user"):
            raise AccessError(self.env._("Only agents see what else a customer has asked."))
        self.check_access("read")
        # sudo: the ticket can be read, and its customer is looked up below with the user's own rights
        ticket = self.sudo()
        contact = self._look_up_customer(ticket.partner_id.id)
        # sudo: only the id of the company of a contact whom the user can read
        company_id = contact.sudo().commercial_partner_id.id
        return {
            "contact": bool(contact) and contact._describe_contact(),
            **self._find_customer_tickets(ticket),
            "colleagues": self._find_colleagues(contact, company_id) if company_id else [],
            "documents": self._find_customer_documents(company_id) if company_id else [],
        }

    @api.model
    def _look_up_customer(self, partner_id):
        """A contact, or none when the user cannot read it; searched, because that takes one statement with the rules."""
        names = ["name", "email", "phone", "function", "lang", "tz", "commercial_partner_id", "is_company"]
        return (
            self.env["res.partner"].with_context(active_test=False).search_fetch([("id", "=", partner_id)], names)
            if partner_id
            else self.env["res.partner"]
        )

    @api.model
    def _find_colleagues(self, contact, company_id):
        """Other contacts of the customer's company, by its id and not by the tree of contacts, of which there can be 50,000."""
        if not contact.is_company and contact.id == company_id:
            return []
        domain = Domain("commercial_partner_id", "=", company_id) & Domain("id", "!=", contact.id)
        colleagues = self.env["res.partner"].search_fetch(
            domain & Domain("name", "!=", False), ["name", "function"], limit=MOST_CONTACTS, order="is_company desc, name, id"
        )
        return [{"id": colleague.id, "name": colleague.name, "function": colleague.function or ""} for colleague in colleagues]

    def _find_customer_tickets(self, ticket):
        """The other tickets of this customer and of this address that the user can read, those closed last and open ones.

        :param ticket: this ticket, sudoed
        :return: dict: ``open`` and ``closed`` are dicts of ``count`` and ``tickets``
        """
        rows = self._number_tickets(ticket._get_same_customer_domain())
        # sudo: the search has found what the user can read; who can read a ticket may know the name of its stage
        tickets = self.sudo().browse(ticket_id for ticket_id, _is_closed, _count in rows)
        tickets.fetch(["name", "number", "stage_id", "opened_on", "close_date"])
        result = {"open": {"count": 0, "tickets": []}, "closed": {"count": 0, "tickets": []}}
        for found, (_ticket_id, is_closed, count) in zip(tickets, rows, strict=True):
            part = result["closed" if is_closed else "open"]
            part["count"] = count
            part["tickets"].append(found._describe_for_panel())
        return result

    def _get_same_customer_domain(self):
        """The other tickets of the same contact, or of the same address when there is none.

        :return: Domain
        """
        same = Domain("partner_id", "=", self.partner_id.id) if self.partner_id else Domain.FALSE
        # an address that is none, or several, is no address
        if email := email_normalize(self.partner_email):
            # by the index for parts of it, whose words are compared whatever their case
            same |= Domain("partner_email", "=ilike", escape_psql(email))
        return same & Domain("id", "!=", self.id)

    @api.model
    def _number_tickets(self, domain):
        """The first open and the last closed tickets of a domain, and how many there are, in one search.

        :param Domain domain: searched with the user's rights
        :return: list of tuples (id, whether it is closed, number of such tickets)
        """
        query = self.env["helpdesk_lite.ticket"]._search(domain)
        if query.is_empty():
            return []
        self.flush_model(["is_closed", "close_date", "opened_on"])
        return self.env.execute_query(
            SQL(
                """ SELECT id, is_closed, total
                  FROM (SELECT ticket.id, ticket.is_closed IS TRUE AS is_closed,
                               count(*) OVER (PARTITION BY ticket.is_closed IS TRUE) AS total,
                               row_number() OVER (PARTITION BY ticket.is_closed IS TRUE ORDER BY
                                                  COALESCE(ticket.close_date, ticket.opened_on) DESC, ticket.id DESC) AS place
                          FROM helpdesk_lite_ticket ticket
                         WHERE ticket.id IN %s) numbered
                 WHERE place <= %s
              ORDER BY is_closed, place
            """,
                query.subselect(),
                MOST_TICKETS,
            )
        )

    def _describe_for_panel(self):
        return {
            "id": self.id,
            "number": self.number or "",
            "name": self.name,
            "stage": self.stage_id.name or "",
            "date": fields.Datetime.to_string(self.close_date or self.opened_on),
        }
