from odoo import api, fields, models
from odoo.tools import SQL, email_normalize

from ..leaving.notes import log_notes

CHANGED = ["partner_id", "partner_name", "partner_phone", "write_uid", "write_date"]


class TicketClaims(models.Model):
    """Mail first, contact later: tickets without a customer become those of the contact with their exact address.

    The number of statements does not depend on the number of tickets and contacts. Nobody is notified.
    """

    _inherit = "helpdesk_lite.ticket"

    _unclaimed_index = models.Index("(lower(partner_email)) WHERE partner_id IS NULL AND partner_email IS NOT NULL")

    @api.model
    def _claim(self, contacts, companies=None):
        """Make contacts the customers of the tickets that came from their addresses.

        Addresses are compared in Odoo's normal form: letter case does not matter, everything else does. A contact with
        several addresses gets nothing, and neither does any of several contacts with the same address. A forwarded e-mail is
        only what an agent was told, so it becomes nobody's until somebody answers it.

        :param contacts: records of ``res.partner`` whose addresses are verified, sudoed
        :param companies: records of ``res.company`` whose tickets may become theirs; None for all
        :return: the tickets that have a customer now
        """
        owners = {
            contact.id: contact.email_normalized
            for contact in contacts
            if contact.active and contact.email_normalized and email_normalize(contact.email) == contact.email_normalized
        }
        if not owners:
            return self.browse()
        self.flush_model(["partner_email", "team_id", "company_id", "forwarded_by_id", *CHANGED])
        self.env["res.partner"].flush_model(["active", "email", "email_normalized", "company_id", "unverified_email"])
        self.env["mail.alias"].flush_model(["alias_full_name"])
        rows = self.env.execute_query(
            SQL(
                """ SELECT ticket.id, contact.id, ticket.partner_email
                  FROM res_partner contact
                  JOIN helpdesk_lite_ticket ticket
                    ON lower(ticket.partner_email) = lower(contact.email_normalized) AND ticket.partner_id IS NULL
                 WHERE contact.id = ANY(%(contacts)s) AND ticket.forwarded_by_id IS NULL
                   AND (contact.company_id IS NULL OR contact.company_id = ticket.company_id) AND %(companies)s
                   AND NOT EXISTS (SELECT FROM mail_alias alias WHERE alias.alias_full_name = contact.email_normalized)
                   AND NOT EXISTS (
                       SELECT FROM res_partner other
                        WHERE other.email_normalized = contact.email_normalized AND other.id != contact.id AND other.active
                          AND (other.company_id IS NULL OR other.company_id = ticket.company_id)
                          AND other.unverified_email IS DISTINCT FROM other.email_normalized)
            """,
                contacts=list(owners),
                companies=SQL("TRUE") if companies is None else SQL("ticket.company_id = ANY(%s)", companies.ids),
            )
        )
        rows = [(ticket, contact) for ticket, contact, email in rows if email_normalize(email) == owners[contact]]
        if not rows:
            return self.browse()
        self.env.cr.execute(
            SQL(
                """ UPDATE helpdesk_lite_ticket ticket
                   SET partner_id = contact.id, partner_name = COALESCE(NULLIF(contact.name, ''), ticket.partner_name),
                       partner_phone = COALESCE(NULLIF(contact.phone, ''), ticket.partner_phone),
                       write_uid = %s, write_date = %s
                  FROM unnest(%s, %s) claim (ticket_id, contact_id) JOIN res_partner contact ON contact.id = claim.contact_id
                 WHERE ticket.id = claim.ticket_id
            """,
                self.env.uid,
                fields.Datetime.now(),
                [ticket for ticket, _contact in rows],
                [contact for _ticket, contact in rows],
            )
        )
        tickets = self.browse(ticket for ticket, _contact in rows)
        self.invalidate_model(CHANGED, flush=False)
        self._subscribe_customers(SQL("ticket.id = ANY(%s)", tickets.ids))
        bodies = {
            contact.id: self.env._(
                "The customer is %s now: the contact has the address that this ticket came from.", contact.name
            )
            for contact in contacts.filtered(lambda contact: contact.id in {owner for _ticket, owner in rows})
        }
        log_notes(self, rows, bodies)
        # no event tells of it
        tickets._refresh_sla()
        return tickets
