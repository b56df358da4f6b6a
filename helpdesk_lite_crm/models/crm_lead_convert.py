from markupsafe import Markup
from odoo import models
from odoo.exceptions import UserError
from odoo.tools.misc import clean_context


class CrmLeadConvert(models.Model):
    """The other direction: a lead that is a request for help is converted to a ticket."""

    _inherit = "crm.lead"

    def action_open_convert_to_ticket(self):
        """Open the pop-up that asks for the helpdesk team and the customer.

        :return: a window action
        """
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Convert to Ticket"),
            "res_model": "helpdesk_lite_crm.convert_lead",
            "view_mode": "form",
            "target": "new",
            "context": {"default_lead_id": self.id},
        }

    def action_undo_convert_to_ticket(self):
        """Take the lead back from helpdesk, if nobody there has taken the ticket yet.

        :raise AccessError: when the user cannot change this lead
        :raise UserError: when it was not converted, or helpdesk has worked on the ticket
        :return: True, because XML-RPC has no None
        """
        self.ensure_one()
        self.check_access("write")
        # sudo: users who can change the lead may take it back without access to the ticket
        lead = self.sudo()
        lead.lock_for_update(allow_referencing=True)
        ticket = lead.converted_ticket_id
        if not ticket:
            raise UserError(self.env._("This was not converted to a ticket."))
        taken = ticket.is_closed or not ticket.active or ticket._is_taken_by_somebody()
        if taken or ticket._get_departure() or ticket._get_dependents():
            raise UserError(self.env._("Helpdesk has worked on the ticket %s already.", ticket.number))
        link = ticket._get_link_for_sales()
        ticket.active = False
        lead.converted_ticket_id = False
        lead.action_restore()
        ticket._message_log(body=self.env._("Taken back by sales: %s.", lead._get_link_for_helpdesk()))
        lead._message_log(body=self.env._("The ticket %s was taken back.", link))
        return True

    def _convert_to_ticket(self, team, partner, name, copy_conversation):
        """Create a ticket from this lead, and archive the lead.

        The customer gets no mail. In a public team they can see the ticket on the portal with its
        subject, but no text by sales: the conversation is copied as notes.

        :param team: record of ``helpdesk_lite.team`` that the user can see
        :param partner: record of ``res.partner``, which may be empty
        :param str name: subject of the ticket
        :param bool copy_conversation: whether to copy notes, messages, files and tags
        :raise UserError: when the lead was already converted or is closed
        :return: record of ``helpdesk_lite.ticket``
        """
        self.ensure_one()
        if not self.try_lock_for_update(allow_referencing=True):
            raise UserError(self.env._("Somebody is changing this lead at this very moment. Please look again."))
        if self.converted_ticket_id:
            raise UserError(self.env._("“%s” is converted to a ticket already.", self.name))
        if not self.active or self.won_status != "pending":
            raise UserError(self.env._("“%s” is closed. Restore it first.", self.name))
        env = self.env(context=clean_context(self.env.context))
        ticket = (
            env["helpdesk_lite.ticket"]
            .with_context(mail_notrack=True, mail_create_nolog=True)
            .create(
                {
                    "name": name,
                    "team_id": team.id,
                    "partner_id": partner.id,
                    "partner_name": self.contact_name or self.partner_name or partner.name,
                    "partner_email": self.email_from or partner.email,
                    "partner_phone": self.phone or partner.phone,
                    "priority": self.priority,
                }
            )
            .with_env(self.env)
        )
        # sudo: salespeople need not be agents; their rights on this lead were checked
        lead, ticket_sudo = self.sudo(), ticket.sudo()
        if copy_conversation:
            ticket_sudo.with_context(mail_notrack=True).tag_ids = lead._get_helpdesk_tags()
            text = self.env["mail.message"]._copy_conversations(
                lead._name, ticket._name, {lead.id: ticket.id}, {ticket.id: lead.description}
            )[ticket.id]
            if text:
                ticket_sudo._message_log(body=Markup(text))
        lead.with_context(tracking_disable=True).converted_ticket_id = ticket
        lead._set_aside()
        ticket_sudo._message_log(body=self.env._("Created from %s.", lead._get_link_for_helpdesk()))
        lead._message_log(body=self.env._("Converted to the ticket %s.", ticket_sudo._get_link_for_sales()))
        return ticket

    def _get_helpdesk_tags(self):
        """Find the helpdesk tags with the names of the lead's tags, and create missing ones.

        :return: records of ``helpdesk_lite.tag``
        """
        # sudo: salespeople cannot create tags of helpdesk
        Tag = self.env["helpdesk_lite.tag"].sudo()
        names = {name.casefold(): name for name in self.tag_ids.mapped("name")}
        there = Tag.search([("name", "in", list(names.values()))])
        missing = names.keys() - {tag.name.casefold() for tag in there}
        return there + Tag.create([{"name": names[key]} for key in sorted(missing)])
