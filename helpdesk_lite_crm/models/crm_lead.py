from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import UserError

from .masked_link import CONTEXT, MaskedMany2one, mask_groups, mask_names


class CrmLead(models.Model):
    """Leads and opportunities that were created from a helpdesk ticket, and can be given back."""

    _name = "crm.lead"
    # the links mixin comes last, because it wraps the storage of leads
    _inherit = ["crm.lead", "helpdesk_lite.links.mixin"]
    # forms of messages and files name hidden ones of leads neither
    _helpdesk_lite_guarded = True

    ticket_id = MaskedMany2one(
        "helpdesk_lite.ticket",
        "Helpdesk Ticket",
        copy=False,
        readonly=True,
        ondelete="set null",
        help="The ticket that this was created from.",
    )
    converted_ticket_id = MaskedMany2one(
        "helpdesk_lite.ticket", "Converted to Ticket", copy=False, readonly=True, ondelete="set null"
    )
    handed_over_ticket_ids = fields.One2many(
        "helpdesk_lite.ticket", "converted_lead_id", "Tickets", context={"active_test": False}
    )
    helpdesk_ticket_count = fields.Integer(compute="_compute_helpdesk_tickets")
    is_ticket_restorable = fields.Boolean(compute="_compute_helpdesk_tickets")

    _one_per_ticket = models.UniqueIndex(
        "(ticket_id) WHERE ticket_id IS NOT NULL", "This ticket was made into an opportunity already."
    )
    _one_ticket = models.UniqueIndex(
        "(converted_ticket_id) WHERE converted_ticket_id IS NOT NULL", "This ticket was made from another lead already."
    )

    @api.depends("ticket_id", "converted_ticket_id", "handed_over_ticket_ids", "active", "stage_id", "won_status", "type")
    def _compute_helpdesk_tickets(self):
        for lead in self:
            lead.helpdesk_ticket_count = len(lead._get_helpdesk_tickets())
            lead.is_ticket_restorable = bool(lead.ticket_id) and lead._is_new()

    @api.depends_context("uid", CONTEXT)
    def _compute_display_name(self):
        result = super()._compute_display_name()
        mask_names(self, "id")
        return result

    def _read_group_postprocess_groupby(self, groupby_spec, raw_values):
        groups = super()._read_group_postprocess_groupby(groupby_spec, raw_values)
        return mask_groups(self, groupby_spec, groups)

    def _get_helpdesk_tickets(self):
        # sudo: sales may know the number of tickets; opening them requires access
        lead = self.sudo().with_context(active_test=False)
        return lead.ticket_id | lead.handed_over_ticket_ids | lead.converted_ticket_id

    def _is_new(self):
        """Whether sales has not worked on the record yet: a lead, or an opportunity in its first stage.

        :return: bool
        """
        self.ensure_one()
        return (
            self.active
            and self.won_status == "pending"
            and (self.type == "lead" or self.stage_id == self._stage_find(domain=[("fold", "=", False)]))
        )

    def _set_aside(self):
        """Archive without marking as lost: for CRM, archived records with a probability of 0 are lost."""
        self.filtered(lambda lead: not lead.probability).probability = 0.01
        self.active = False

    def _inverse_email_from(self):
        # CRM would write the lead's e-mail to its contact, and conversions never change contacts
        if self.env.context.get("helpdesk_lite_crm_keep_contacts"):
            return None
        return super()._inverse_email_from()

    def _inverse_phone(self):
        if self.env.context.get("helpdesk_lite_crm_keep_contacts"):
            return None
        return super()._inverse_phone()

    def _merge_dependences(self, opportunities):
        """Move the tickets of merged leads and opportunities to the result of the merge."""
        # sudo: users who merge leads need not have access to the tickets
        tail = opportunities.sudo()
        tail.handed_over_ticket_ids.converted_lead_id = self
        ticket = tail.ticket_id[:1]
        if ticket and not self.ticket_id:
            tail.ticket_id = False
            self.env.flush_all()
            # sudo: see above
            self.sudo().ticket_id = ticket
        return super()._merge_dependences(opportunities)

    @api.model
    def _get_link_operations(self):
        # for the links that this addon adds, because tickets are restored and archived through them
        return {"ticket_id": "write", "converted_ticket_id": "write", "handed_over_ticket_ids": "write"}

    @api.model
    def _is_protected(self, field):
        return field.name in ("ticket_id", "converted_ticket_id")

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_helpdesk_tickets(self):
        """Open the tickets that this record was created from or converted to.

        :raise UserError: when the user can see none of them
        :return: a window action
        """
        self.ensure_one()
        # sudo(False): which of them the user may open
        visible = self._get_helpdesk_tickets().sudo(False)._filtered_access("read")
        if not visible:
            raise UserError(self.env._("The ticket belongs to a private helpdesk team. Its assignee can invite you to it."))
        return visible.with_context(active_test=False)._get_records_action(name=self.env._("Helpdesk Tickets"))

    def action_undo_convert(self):
        """Give the ticket back to helpdesk and archive this record, if sales has not worked on it yet.

        :raise AccessError: when the user cannot change this record
        :raise UserError: when it was not created from a ticket, or sales has worked on it
        :return: True, because XML-RPC has no None
        """
        self.check_access("write")
        # sudo: users who can change the lead may give it back without access to the ticket
        tickets = self.sudo().ticket_id
        if len(tickets) != len(self) or tickets.converted_lead_id != self.sudo():
            raise UserError(self.env._("This record was not created from a helpdesk ticket."))
        return tickets._undo_convert()

    # ------------------------------------------------------------
    # TEXTS
    # ------------------------------------------------------------

    def _get_link_for_helpdesk(self):
        """The link to the lead for the chatter of helpdesk, without its title, which helpdesk must not see.

        :return: Markup
        """
        self.ensure_one()
        title = self.env._("lead") if self.type == "lead" else self.env._("opportunity")
        return self._get_html_link(title=f"{title} #{self.id}")

    def _get_salesperson(self):
        """Who works on this record: the salesperson, or else the leader of the team.

        :return: record of ``res.users``
        """
        return self.user_id or self.team_id.user_id

    def _notify_salesperson(self):
        """Notify each salesperson, or else the team's leader, once for all these leads."""
        for recipient, leads in self.grouped(lambda lead: lead._get_salesperson()).items():
            if not recipient.active or recipient == self.env.user:
                continue
            leads = leads.with_context(lang=recipient.lang)
            _ = leads.env._
            links = [lead._get_html_link() for lead in leads[:20]]
            # a mail about several is of no record: its button would open one of them, and an answer would land there
            thread = leads if len(leads) == 1 else leads.env["mail.thread"]
            thread.message_notify(
                subject=_("From helpdesk: %s", leads[0].name)
                if len(leads) == 1
                else _("From helpdesk: %s opportunities", len(leads)),
                body=_("Helpdesk handed over to you: %s", Markup(", ").join(links) + ("…" if len(leads) > 20 else "")),
                partner_ids=recipient.partner_id.ids,
            )
