from odoo import api, fields, models
from odoo.exceptions import UserError

from .masked_link import CONTEXT, MaskedMany2one, mask_groups, mask_names


class Ticket(models.Model):
    """Tickets that are handed over to sales: they become opportunities and are archived.

    ``converted_lead_id`` is the result. It holds one record, so a ticket is converted to at most one;
    ``crm.lead.ticket_id`` is unique, so a ticket creates at most one lead.
    """

    _inherit = "helpdesk_lite.ticket"

    # only people with access to sales can see these links
    lead_ids = fields.One2many(
        "crm.lead", "ticket_id", "Opportunities", context={"active_test": False}, groups="sales_team.group_sale_salesman"
    )
    converted_lead_id = MaskedMany2one(
        "crm.lead",
        "Converted to",
        index="btree_not_null",
        copy=False,
        readonly=True,
        ondelete="set null",
        groups="sales_team.group_sale_salesman",
    )
    source_lead_ids = fields.One2many(
        "crm.lead", "converted_ticket_id", "Made from", context={"active_test": False}, groups="sales_team.group_sale_salesman"
    )
    conversation_copied = fields.Boolean(copy=False, readonly=True)
    lead_was_made = fields.Boolean(copy=False, readonly=True)
    is_converted = fields.Boolean("Converted", compute="_compute_is_converted")
    has_leads = fields.Boolean(compute="_compute_is_converted")

    @api.depends("converted_lead_id", "source_lead_ids")
    def _compute_is_converted(self):
        for ticket in self:
            # sudo: users who can see the ticket may know that it was converted, but nothing else
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
        # answers are copied to the linked record, so the link must lead to one that the user can see
        return {**super()._get_link_operations(), "converted_lead_id": "write"}

    def _has_made(self, lead):
        """Whether a lead was made from this ticket, also if it does not know that any more, and no other ticket is in it.

        :param lead: record of ``crm.lead``, sudoed
        :return: bool
        """
        return lead.ticket_id == self or (self.lead_was_made and not lead.ticket_id)

    # ------------------------------------------------------------
    # OTHER ADDONS
    # ------------------------------------------------------------

    def _get_departure(self):
        # sudo: users who can see the ticket may know that it was converted
        if self.sudo().converted_lead_id:
            return self.env._("The ticket %s is converted already.", self.number)
        return super()._get_departure()

    @api.model
    def _get_fixed_links(self):
        return {
            **super()._get_fixed_links(),
            "crm.lead.ticket_id": "the ticket that was made into it, and that comes back when this is undone",
            "crm.lead.converted_ticket_id": "the ticket that was made of it, and that goes when this is undone",
        }

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_convert(self):
        """Open the pop-up for the conversion of these tickets.

        :return: a window action
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
        """Open the records that the ticket was converted to or created from.

        :raise UserError: when the user has access to none of them
        :return: a window action
        """
        self.ensure_one()
        # sudo: only ids are read; access to the records is checked next
        ticket = self.sudo()
        leads = (ticket.converted_lead_id | ticket.source_lead_ids).sudo(False)
        visible = leads._filtered_access("read")
        if not visible:
            raise UserError(self.env._("Sales works on this ticket now. You do not have access to their records."))
        return visible.with_context(active_test=False)._get_records_action(name=self.env._("Opportunity"))

    def action_undo_convert(self):
        """Undo the conversion of these tickets: reopen them, and archive the records that were created from them.

        An opportunity that existed before is not changed. Nothing is deleted.

        :raise AccessError: when the user cannot change a ticket
        :raise UserError: when a ticket was not converted, or sales has worked on its opportunity
        :return: True, because XML-RPC has no None
        """
        self.check_access("write")
        return self._undo_convert()

    def _undo_convert(self):
        """Undo the conversion for callers who have checked the rights on the tickets or on their opportunities.

        :raise UserError: see ``action_undo_convert``
        """
        # sudo: the caller checked access to one side, and undoing changes both
        tickets = self.sudo().with_context(active_test=False)
        if len(tickets.try_lock_for_update(allow_referencing=True)) != len(tickets):
            raise UserError(self.env._("Somebody is changing this ticket at this very moment. Please try again."))
        for ticket in tickets:
            lead = ticket.converted_lead_id
            if not lead:
                raise UserError(self.env._("The ticket %s is not converted.", ticket.number))
            if ticket._has_made(lead) and not lead._is_new():
                raise UserError(
                    self.env._(
                        "Sales has already worked on the opportunity of the ticket %s, so its conversion cannot be undone. "
                        "You can unarchive the ticket and work on both.",
                        ticket.number,
                    )
                )
        makers = tickets.filtered(lambda ticket: ticket._has_made(ticket.converted_lead_id))
        made = makers.converted_lead_id
        ticket_links = {ticket.converted_lead_id.id: ticket._get_link_for_sales() for ticket in makers}
        leads = {ticket.id: ticket.converted_lead_id for ticket in tickets}
        made.ticket_id = False
        made._set_aside()
        # otherwise a new conversion in the same transaction would be inserted before this change is written
        made.flush_recordset(["ticket_id"])
        tickets.write({"converted_lead_id": False, "conversation_copied": False, "lead_was_made": False})
        for ticket in tickets:
            # as it was
            ticket._reopen(assign=False)
        tickets._message_log_batch(
            {
                ticket.id: self.env._("The conversion to %s was undone.", leads[ticket.id]._get_link_for_helpdesk())
                for ticket in tickets
            }
        )
        made._message_log_batch(
            {lead.id: self.env._("The conversion of the ticket %s was undone.", ticket_links[lead.id]) for lead in made}
        )
        for ticket in tickets.filtered(lambda ticket: leads[ticket.id] not in made):
            leads[ticket.id]._message_log(
                body=self.env._("Helpdesk is working on the ticket %s again.", ticket._get_link_for_sales())
            )
        return True

    def _get_link_for_sales(self):
        """The link to the ticket for the chatter of sales, with its number, because the subject may be private.

        :return: Markup
        """
        self.ensure_one()
        return self._get_html_link(title=f"#{self.number}")
