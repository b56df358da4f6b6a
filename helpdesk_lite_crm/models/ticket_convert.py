from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize
from odoo.tools.mail import parse_contact_from_email
from odoo.tools.misc import clean_context

CAMPAIGN_FIELDS = ("campaign_id", "medium_id", "source_id")


class TicketConvert(models.Model):
    """The conversion of tickets: checks, then set-based changes.

    Agents need no rights in CRM. Their choices are checked with their own rights, and the results
    are written with elevated rights.
    """

    _inherit = "helpdesk_lite.ticket"

    # ------------------------------------------------------------
    # CHECKS
    # ------------------------------------------------------------

    def _is_taken_by_somebody(self):
        """Whether a person assigned the ticket, rather than automatic assignment.

        :return: bool
        """
        self.ensure_one()
        # sudo: only administrators can read the log of assignments
        chosen = self.env["helpdesk_lite.assignment"].sudo().search([("ticket_id", "=", self.id)], order="id desc", limit=1)
        return bool(self.user_id) and self.user_id != chosen.user_id

    def _get_refusals(self):
        """Lock these tickets, and find those that cannot be converted.

        Of two simultaneous conversions, the lock lets one continue and refuses the other. A ticket that
        changed since the transaction began raises a serialization failure, upon which Odoo retries.

        :return: dict of ticket to a sentence with the reason
        """
        locked = self.try_lock_for_update(allow_referencing=True)
        writable = self._filtered_access("write")
        refusals = {}
        for ticket in self:
            if ticket not in writable:
                refusals[ticket] = self.env._("You may not change the ticket %s.", ticket.number)
            elif ticket not in locked:
                refusals[ticket] = self.env._(
                    "Somebody is converting or changing the ticket %s at this very moment. Please look again.", ticket.number
                )
            elif departure := ticket._get_departure():
                refusals[ticket] = departure
            elif not ticket.active:
                refusals[ticket] = self.env._("The ticket %s is archived. Restore it first.", ticket.number)
        return refusals

    def _check_customer(self, partner):
        """:raise UserError: when a contact cannot be the customer of this ticket's opportunity"""
        self.ensure_one()
        if not partner.active:
            raise UserError(
                self.env._(
                    "The contact “%s” is archived. Unarchive it, choose another one, or do not link to a customer.",
                    partner.display_name,
                )
            )
        if partner.company_id and partner.company_id != self.company_id:
            raise UserError(
                self.env._(
                    "The contact “%(contact)s” belongs to the company %(other)s, the ticket %(number)s to %(own)s.",
                    contact=partner.display_name,
                    other=partner.company_id.name,
                    number=self.number,
                    own=self.company_id.name,
                )
            )

    @api.model
    def _check_salesperson(self, salesperson):
        """:raise UserError: when the salesperson is not an active internal user"""
        if salesperson and (salesperson.share or not salesperson.active):
            raise UserError(self.env._("%s is not an active employee and cannot be the salesperson.", salesperson.name))

    def _check_sales(self, sales_team, salesperson):
        """:raise UserError: when the sales team or salesperson does not work for the ticket's company"""
        self.ensure_one()
        # sudo: only the companies are compared; access to the team and the person was checked
        sales_team, salesperson = sales_team.sudo(), salesperson.sudo()
        if sales_team.company_id and sales_team.company_id != self.company_id:
            raise UserError(
                self.env._(
                    "The sales team “%(team)s” works for the company %(other)s, the ticket %(number)s belongs to %(own)s.",
                    team=sales_team.name,
                    other=sales_team.company_id.name,
                    number=self.number,
                    own=self.company_id.name,
                )
            )
        self._check_salesperson(salesperson)
        if salesperson and self.company_id not in salesperson.company_ids:
            raise UserError(
                self.env._(
                    "%(name)s does not work for the company %(own)s of the ticket %(number)s.",
                    name=salesperson.name,
                    own=self.company_id.name,
                    number=self.number,
                )
            )

    # ------------------------------------------------------------
    # CUSTOMERS
    # ------------------------------------------------------------

    def _find_contacts(self):
        """Find the contacts with each ticket's e-mail address that the user can see, archived ones last.

        :return: dict of ticket to records of ``res.partner``
        """
        emails = {ticket: email_normalize(ticket.partner_email) for ticket in self}
        contacts = (
            self.env["res.partner"]
            .with_context(active_test=False)
            .search([("email_normalized", "in", [email for email in emails.values() if email])], order="active desc, id")
        )
        return {
            ticket: contacts.filtered(
                lambda partner, ticket=ticket, email=email: (
                    partner.email_normalized == email and partner.company_id in (self.env["res.company"], ticket.company_id)
                )
            )
            if email
            else contacts.browse()
            for ticket, email in emails.items()
        }

    def _get_known_customer(self, contacts):
        """The customer of this ticket, if it is known.

        :param contacts: records of ``res.partner``, from ``_find_contacts``
        :return: record of ``res.partner``: the ticket's customer, else the only active contact with its e-mail, else empty
        """
        self.ensure_one()
        # sudo: users who can see the ticket may know its customer
        own = self.sudo().partner_id
        active = contacts.filtered(lambda contact: contact.active and not contact._has_unverified_email())
        return own.sudo(False) or (active if len(active) == 1 else active.browse())

    def _prepare_customer_values(self):
        """:raise UserError: when the ticket has neither the name nor the e-mail of the customer
        :return: dict of values for ``res.partner.create``
        """
        self.ensure_one()
        name = self.partner_name or parse_contact_from_email(self.partner_email or "")[0] or self.partner_email
        if not name:
            raise UserError(
                self.env._(
                    "The ticket %s has neither the name nor the e-mail of a customer, so none can be created. "
                    "Link it to an existing customer, or to none.",
                    self.number,
                )
            )
        return {"name": name, "email": self.partner_email, "phone": self.partner_phone, "company_id": self.company_id.id}

    # ------------------------------------------------------------
    # CONVERSION
    # ------------------------------------------------------------

    def _convert(self, customers, values, copy_conversation):
        """Create an opportunity or lead from each of these tickets, and archive the tickets.

        The number of statements grows neither with messages nor with files. No customer follows the
        result or gets a mail. The salesperson, or else the team's leader, is notified once.

        :param dict customers: ticket to record of ``res.partner``, which may be empty
        :param dict values: common values of all leads, with ``user_id`` and ``team_id``
        :param bool copy_conversation: whether to copy description, messages, files and tags
        :return: records of ``crm.lead``, in the order of the tickets, sudoed
        """
        # sudo: agents need no rights in CRM; tickets and choices were checked with their own rights
        env = self.env(context=clean_context(self.env.context))
        Lead = env["crm.lead"].sudo().with_context(tracking_disable=True, helpdesk_lite_crm_keep_contacts=True)
        tags = self._get_sales_tags() if copy_conversation else {}
        # set here, because CRM would search for it for each lead
        values = {**values, "stage_id": Lead._stage_find(team_id=values["team_id"], domain=[("fold", "=", False)]).id}
        leads = Lead.create(
            [
                {**ticket._prepare_lead_values(customers[ticket]), "tag_ids": tags.get(ticket.id, []), **values}
                for ticket in self
            ]
        ).with_env(self.env(su=True))
        leads.with_context(mail_auto_subscribe_no_notify=True)._message_auto_subscribe(values)
        leads._message_log_batch({lead.id: lead._creation_message() for lead in leads})
        self._hand_over(leads, copy_conversation)
        leads._message_log_batch(
            {lead.id: self.env._("Created from the ticket %s.", lead.ticket_id._get_link_for_sales()) for lead in leads}
        )
        leads._notify_salesperson()
        return leads

    def _convert_into(self, lead, copy_conversation):
        """Link these tickets to an existing opportunity, and archive them.

        :param lead: record of ``crm.lead``, sudoed
        :param bool copy_conversation: whether to copy messages and files
        """
        for ticket in self:
            ticket._hand_over(lead, copy_conversation)
            lead._message_log(body=self.env._("The ticket %s was linked to this opportunity.", ticket._get_link_for_sales()))

    def _hand_over(self, leads, copy_conversation):
        """Copy the conversations, link and archive the tickets, and log the conversion.

        :param leads: records of ``crm.lead``, one for each of these tickets, sudoed
        :param bool copy_conversation: see ``_convert``
        """
        # sudo: the user can change the tickets, but only the conversion may write the links to sales
        tickets = self.sudo()
        if copy_conversation:
            texts = {
                lead.id: ticket.description for ticket, lead in zip(tickets, leads, strict=True) if lead.ticket_id == ticket
            }
            texts = self.env["mail.message"]._copy_conversations(
                self._name, leads._name, dict(zip(tickets.ids, leads.ids, strict=True)), texts
            )
            for lead in leads.with_context(tracking_disable=True):
                if texts.get(lead.id):
                    lead.description = texts[lead.id]
        for ticket, lead in zip(tickets.with_context(tracking_disable=True), leads, strict=True):
            made = lead.ticket_id == ticket
            ticket.write({"converted_lead_id": lead.id, "conversation_copied": copy_conversation, "lead_was_made": made})
        tickets.write({"active": False})
        tickets._message_log_batch(
            {ticket.id: self.env._("Converted to %s.", ticket.converted_lead_id._get_link_for_helpdesk()) for ticket in tickets}
        )

    def _prepare_lead_values(self, partner):
        """Prepare the values of the lead for this ticket, without the conversation.

        :param partner: record of ``res.partner``, the customer of the lead, which may be empty
        :return: dict of values for ``crm.lead.create``
        """
        self.ensure_one()
        # sudo: users who can see the ticket may know its customer
        known = partner.sudo() or self.sudo().partner_id
        values = {
            "ticket_id": self.id,
            "name": self.name,
            "type": "lead" if self.env.user.has_group("crm.group_use_lead") else "opportunity",
            "company_id": self.company_id.id,
            "partner_id": partner.id,
            "partner_name": known.commercial_company_name,
            "email_from": self.partner_email,
            "phone": self.partner_phone,
            "priority": self.priority,
            "lang_id": self.env["res.lang"]._get_data(code=known.lang).id,
        }
        if not (known.is_company and known.name == self.partner_name):
            values["contact_name"] = self.partner_name
        if partner:
            # values that the ticket does not have come from the contact
            values = {name: value for name, value in values.items() if value}
        for fname in CAMPAIGN_FIELDS:
            # other addons may add the fields of ``utm.mixin`` to tickets
            if fname in self._fields:
                values[fname] = self[fname].id
        return values

    def _get_sales_tags(self):
        """Find the tags of sales with the names of the tickets' tags, and create missing ones.

        :return: dict of ticket id to list of ids of ``crm.tag``
        """
        # sudo: agents need no rights on tags of sales
        Tag = self.env["crm.tag"].sudo()
        names = self.tag_ids.mapped("name")
        there = {tag.name.casefold(): tag.id for tag in Tag.search([("name", "in", names)])} if names else {}
        missing = {name.casefold(): name for name in names if name.casefold() not in there}
        there.update(zip(missing, Tag.create([{"name": name} for name in missing.values()]).ids, strict=True))
        return {ticket.id: [there[tag.name.casefold()] for tag in ticket.tag_ids] for ticket in self}
