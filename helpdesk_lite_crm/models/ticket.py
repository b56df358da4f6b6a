from odoo import api, fields, models
from odoo.exceptions import UserError

from .masked_link import CONTEXT, MaskedMany2one, mask_groups, mask_names


class Ticket(models.Model):
    """A ticket can be handed over to sales: it becomes an opportunity, and is archived.

    ``converted_lead_id`` says where it went. It holds one record, so a ticket is in one place;
    ``crm.lead.ticket_id`` is unique, so a ticket makes one lead.
    """

    _inherit = "helpdesk_lite.ticket"

    # what is known of sales is for those who may see sales
    lead_ids = fields.One2many(
        "crm.lead", "ticket_id", "Opportunities", context={"active_test": False}, groups="sales_team.group_sale_salesman",
    )
    converted_lead_id = MaskedMany2one(
        "crm.lead", "Converted to", index="btree_not_null", copy=False, readonly=True, ondelete="set null",
        groups="sales_team.group_sale_salesman",
    )
    source_lead_ids = fields.One2many(
        "crm.lead", "converted_ticket_id", "Made from", context={"active_test": False},
        groups="sales_team.group_sale_salesman",
    )
    conversation_copied = fields.Boolean(copy=False, readonly=True)
    is_converted = fields.Boolean("Converted", compute="_compute_is_converted")
    has_leads = fields.Boolean(compute="_compute_is_converted")

    @api.depends("converted_lead_id", "source_lead_ids")
    def _compute_is_converted(self):
        for ticket in self:
            # sudo: that a ticket went to sales is said to all who see it, and no more than that
            ticket_sudo = ticket.sudo()
            ticket.is_converted = bool(ticket_sudo.converted_lead_id)
            ticket.has_leads = bool(ticket_sudo.converted_lead_id or ticket_sudo.source_lead_ids)

    @api.depends_context("uid", CONTEXT)
    def _compute_display_name(self):
        result = super()._compute_display_name()
        mask_names(self, "number")
        return result

    def _read_group_postprocess_groupby(self, groupby_spec, raw_values):
        groups = super()._read_group_postprocess_groupby(groupby_spec, raw_values)
        return mask_groups(self, groupby_spec, groups)

    @api.model
    def _get_link_operations(self):
        # answers go where a ticket is linked to
        return {**super()._get_link_operations(), "converted_lead_id": "write"}

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_convert(self):
        """Ask what to make of these tickets.

        :return: a window action with the pop-up
        """
        leads = self.env.user.has_group("crm.group_use_lead")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Convert to Lead") if leads else self.env._("Convert to Opportunity"),
            "res_model": "helpdesk_lite_crm.convert",
            "view_mode": "form",
            "target": "new",
            "context": {"default_ticket_ids": self.ids},
        }

    def action_open_leads(self):
        """Open what the ticket was converted to, or made from.

        :raise UserError: when sales did not open it to the user
        :return: a window action
        """
        self.ensure_one()
        # sudo: which records they are; whether the user sees them is asked next
        ticket = self.sudo()
        leads = (ticket.converted_lead_id | ticket.source_lead_ids).sudo(False)
        visible = leads._filtered_access("read")
        if not visible:
            raise UserError(self.env._("Sales works on this ticket now. You do not have access to their records."))
        return visible.with_context(active_test=False)._get_records_action(name=self.env._("Opportunity"))

    def action_undo_convert(self):
        """Take the conversion of these tickets back: they are open again, what was made of them is archived.

        An opportunity that was there before is left as it is. Nothing is deleted.

        :raise AccessError: when a ticket may not be changed by the user
        :raise UserError: when a ticket was not converted, or sales has worked on the opportunity already
        :return: True, as XML-RPC knows no None
        """
        self.check_access("write")
        return self._undo_convert()

    def _undo_convert(self):
        """The same, for whoever may change the tickets or what they were converted to."""
        # sudo: the caller checked one side, and undoing changes both
        tickets = self.sudo().with_context(active_test=False)
        if len(tickets.try_lock_for_update(allow_referencing=True)) != len(tickets):
            raise UserError(self.env._("Somebody is changing this ticket at this very moment. Please try again."))
        for ticket in tickets:
            lead = ticket.converted_lead_id
            if not lead:
                raise UserError(self.env._("The ticket %s is not converted.", ticket.number))
            if lead.ticket_id == ticket and not lead._is_new():
                raise UserError(self.env._(
                    "Sales has worked on what was made of the ticket %s already, so it cannot be taken back. "
                    "You can unarchive the ticket and work on both.", ticket.number,
                ))
        made = tickets.converted_lead_id.filtered(lambda lead: lead.ticket_id in tickets)
        ticket_links = {lead.id: lead.ticket_id._get_link_for_sales() for lead in made}
        leads = {ticket.id: ticket.converted_lead_id for ticket in tickets}
        made.ticket_id = False
        made._set_aside()
        # a new conversion in the same transaction is inserted before pending changes are written
        made.flush_recordset(["ticket_id"])
        tickets.write({"converted_lead_id": False, "conversation_copied": False})
        for ticket in tickets:
            ticket._reopen()
        tickets._message_log_batch({
            ticket.id: self.env._("The conversion to %s was taken back.", leads[ticket.id]._get_link_for_helpdesk())
            for ticket in tickets
        })
        made._message_log_batch({
            lead.id: self.env._("The conversion of the ticket %s was taken back.", ticket_links[lead.id]) for lead in made
        })
        for ticket in tickets.filtered(lambda ticket: leads[ticket.id] not in made):
            leads[ticket.id]._message_log(
                body=self.env._("The ticket %s is worked by helpdesk again.", ticket._get_link_for_sales()))
        return True

    def _get_link_for_sales(self):
        """The ticket as it is named in the chatter of sales: its number, as the subject may be private.

        :return: Markup
        """
        self.ensure_one()
        return self._get_html_link(title=f"#{self.number}")
