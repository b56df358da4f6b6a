from markupsafe import Markup, escape
from odoo import Command, api, fields, models
from odoo.addons.helpdesk_lite.models.guards.links_mixin import parse
from odoo.exceptions import UserError
from odoo.tools.misc import clean_context


class Convert(models.TransientModel):
    """The pop-up that converts one ticket or a selection of tickets.

    A single ticket is converted, or refused with the reason. Of a selection, all tickets that can be
    converted are; there, *create* means that a new customer is created only where none is known.
    """

    _name = "helpdesk_lite_crm.convert"
    _description = "Convert Tickets to Opportunities"
    _inherit = ["helpdesk_lite.links.mixin"]

    ticket_ids = fields.Many2many(
        "helpdesk_lite.ticket",
        "helpdesk_lite_crm_convert_ticket_rel",
        "convert_id",
        "ticket_id",
        "Tickets",
        required=True,
        context={"active_test": False},
    )
    ticket_count = fields.Integer(compute="_compute_ticket_count")
    hidden_count = fields.Integer("Hidden Tickets", readonly=True)
    name = fields.Char(
        "Title",
        compute="_compute_name",
        store=True,
        readonly=False,
        precompute=True,
        help="The title for sales. It need not be the subject of the ticket.",
    )

    # customer
    partner_action = fields.Selection(
        [("create", "Create a new customer"), ("link", "Link to an existing customer"), ("none", "Do not link to a customer")],
        string="Customer Action",
        required=True,
        compute="_compute_partner_action",
        store=True,
        readonly=False,
        precompute=True,
    )
    partner_id = fields.Many2one(
        "res.partner", "Customer", compute="_compute_partner_id", store=True, readonly=False, precompute=True
    )
    same_email_names = fields.Char(compute="_compute_same_email_names")
    create_anyway = fields.Boolean("Create Another Contact")

    # sales
    user_id = fields.Many2one(
        "res.users",
        "Salesperson",
        domain=[("share", "=", False)],
        compute="_compute_user_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    sales_team_id = fields.Many2one("crm.team", compute="_compute_sales_team_id", store=True, readonly=False, precompute=True)
    sales_warning = fields.Char(compute="_compute_sales_warning")
    open_lead_ids = fields.Many2many("crm.lead", compute="_compute_open_lead_ids", compute_sudo=True)
    lead_id = fields.Many2one(
        "crm.lead", "Link to Opportunity", help="Link the ticket to this opportunity instead of creating a new one."
    )

    # text
    is_private = fields.Boolean(compute="_compute_is_private")
    copy_conversation = fields.Boolean(
        "Copy the Conversation",
        compute="_compute_copy_conversation",
        store=True,
        readonly=False,
        precompute=True,
        help="Description, messages, notes, files and tags. Everybody who can see the opportunity can read them.",
    )
    result = fields.Html(readonly=True)

    @api.depends("ticket_ids")
    def _compute_ticket_count(self):
        for convert in self:
            convert.ticket_count = len(convert.ticket_ids)

    @api.depends("ticket_ids")
    def _compute_name(self):
        for convert in self:
            convert.name = convert.ticket_ids.name if len(convert.ticket_ids) == 1 else False

    @api.depends("ticket_ids")
    def _compute_partner_action(self):
        for convert in self:
            tickets = convert.ticket_ids
            if len(tickets) != 1:
                # sudo: only whether there is a customer is read; the customer itself is checked for each ticket
                known = tickets and all(ticket.partner_id.active for ticket in tickets.sudo())
                convert.partner_action = "link" if known else "none"
            elif convert._get_proposed_customer():
                convert.partner_action = "link"
            else:
                convert.partner_action = "create" if tickets.partner_name or tickets.partner_email else "none"

    @api.depends("ticket_ids", "partner_action")
    def _compute_partner_id(self):
        for convert in self:
            convert.partner_id = convert.partner_action == "link" and convert._get_proposed_customer()

    def _get_proposed_customer(self):
        ticket = self.ticket_ids._origin
        if len(ticket) != 1:
            return self.env["res.partner"]
        customer = ticket._get_known_customer(ticket._find_contacts()[ticket])
        # sudo: see _get_known_customer
        return customer if customer.sudo().active else customer.browse()

    @api.depends("ticket_ids", "partner_action")
    def _compute_same_email_names(self):
        for convert in self:
            ticket = convert.ticket_ids._origin
            contacts = ticket._find_contacts()[ticket] if len(ticket) == 1 else self.env["res.partner"]
            names = ", ".join(partner._get_person_name() for partner in contacts)
            convert.same_email_names = names if convert.partner_action == "create" else False

    @api.depends("ticket_ids")
    def _compute_user_id(self):
        for convert in self:
            # sudo: users who can see the ticket may know its customer, and so that customer's salesperson
            users = convert.ticket_ids.sudo().partner_id.user_id.filtered(lambda user: user.active and not user.share)
            convert.user_id = users.sudo(False) if len(users) == 1 else False

    @api.depends("user_id")
    def _compute_sales_team_id(self):
        """Propose the salesperson's team as CRM does; without a salesperson, a team that has members."""
        for convert in self:
            team, user = convert.sales_team_id, convert.user_id
            if team and (not user or user in team.member_ids | team.user_id):
                continue
            Team = self.env["crm.team"]
            proposed = (
                Team._get_default_team_id(user_id=user.id)
                if user
                else Team.search(
                    [("company_id", "in", [False, *convert.ticket_ids.company_id.ids]), ("member_ids", "!=", False)], limit=1
                )
            )
            convert.sales_team_id = proposed

    @api.onchange("sales_team_id")
    def _onchange_sales_team_id(self):
        """Replace a salesperson who is not in the team by its leader, who gets leads without a salesperson in CRM."""
        team = self.sales_team_id
        if team and self.user_id not in team.member_ids | team.user_id:
            self.user_id = team.user_id

    @api.depends("sales_team_id", "user_id")
    def _compute_sales_warning(self):
        for convert in self:
            team = convert.sales_team_id
            convert.sales_warning = (
                bool(team)
                and not convert.user_id
                and not team.member_ids
                and self.env._(
                    "The sales team “%s” has no members, so nobody will be notified. Choose a salesperson or another team.",
                    team.name,
                )
            )

    @api.depends("ticket_ids", "partner_id")
    def _compute_open_lead_ids(self):
        """Find open opportunities of the same customer or e-mail that the user can change in CRM.

        Other users must not learn that a customer is in touch with sales.
        """
        # the field is computed with elevated rights, because even an empty link requires rights on leads
        Lead = self.env["crm.lead"].sudo(False)
        for convert in self.sudo(False):
            ticket = convert.ticket_ids._origin
            leads = Lead
            if len(ticket) == 1 and Lead.has_access("write"):
                partner = convert.partner_id or ticket.partner_id
                leads = Lead._get_lead_duplicates(partner, ticket.partner_email)._filtered_access("write")
            # sudo: see above
            convert.sudo().open_lead_ids = leads.filtered(lambda lead: lead.type == "opportunity").ids

    @api.depends("ticket_ids")
    def _compute_is_private(self):
        for convert in self:
            # sudo: users who are invited to the ticket cannot see its team, but may know its visibility
            modes = convert.ticket_ids.sudo().mapped("team_id.privacy_visibility")
            convert.is_private = "private" in modes

    @api.depends("is_private")
    def _compute_copy_conversation(self):
        for convert in self:
            convert.copy_conversation = not convert.is_private

    @api.model
    def default_get(self, fields):
        """Remove tickets that the user cannot see (any more) from the selection."""
        values = super().default_get(fields)
        if values.get("ticket_ids"):
            values["ticket_ids"] = [Command.set(self._get_chosen(values["ticket_ids"])._filtered_access("read").ids)]
        return values

    @api.model_create_multi
    def create(self, vals_list):
        """Remove hidden tickets as ``default_get`` does, and count them.

        :raise AccessError: when the user can see none of the tickets
        """
        hidden_counts = []
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            chosen = self._get_chosen(vals.get("ticket_ids") or self.env.context.get("default_ticket_ids") or [])
            visible = chosen._filtered_access("read")
            if not visible:
                chosen.check_access("read")
            vals["ticket_ids"] = [Command.set(visible.ids)]
            hidden_counts.append(len(chosen) - len(visible))
        converts = super().create(vals_list)
        # sudo: users cannot write this field
        for convert, hidden_count in zip(converts.sudo(), hidden_counts, strict=True):
            convert.hidden_count = hidden_count
        return converts

    def _get_chosen(self, value):
        """The selected tickets, found by id, because access to links of an unsaved record is not checked.

        :param value: ids or commands
        :return: records of ``helpdesk_lite.ticket`` that exist
        """
        return self.env["helpdesk_lite.ticket"].browse(parse(value)[0]).exists()

    @api.constrains("user_id")
    def _check_user_id(self):
        for convert in self:
            # sudo: only the kind of user is read
            convert.ticket_ids._check_salesperson(convert.user_id.sudo())

    @api.model
    def _get_link_operations(self):
        return {**super()._get_link_operations(), "lead_id": "write"}

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_convert(self):
        """Convert the tickets, each at most once, and archive them.

        :raise AccessError: when the user cannot read a chosen record
        :raise UserError: when the only ticket cannot be converted, with the reason
        :return: an action that shows the new record, or a summary of the conversions
        """
        self.ensure_one()
        self.check_access("write")
        self._check_all_links()
        tickets = self.ticket_ids
        single = len(tickets) == 1 and not self.hidden_count
        if not tickets:
            raise UserError(self.env._("Choose a ticket first."))
        refusals = tickets._get_refusals()
        customers = self._get_customers(tickets.browse([t.id for t in tickets if t not in refusals]), refusals)
        if single and refusals:
            raise UserError(refusals[tickets])
        accepted = tickets.browse([ticket.id for ticket in tickets if ticket in customers])
        lead = self._get_chosen_lead()
        if lead:
            accepted._convert_into(lead, self.copy_conversation)
            leads = lead
        elif accepted:
            leads = accepted._convert(self._create_customers(customers), self._prepare_values(), self.copy_conversation)
        else:
            leads = lead
        return self._show_lead(leads) if single else self._show_result(accepted, refusals)

    def _get_chosen_lead(self):
        """:return: record of ``crm.lead`` that the user can change, sudoed; empty to create a new one"""
        # sudo: conversions write to sales with elevated rights; the user's right to change the lead was checked
        lead = self.lead_id.sudo()
        if not lead:
            return lead
        if not lead.active or lead.won_status != "pending":
            raise UserError(self.env._("The opportunity “%s” is closed. Create a new one.", lead.name))
        if lead.company_id and lead.company_id != self.ticket_ids.company_id:
            raise UserError(self.env._("The opportunity “%s” belongs to another company than the ticket.", lead.name))
        return lead

    def _prepare_values(self):
        values = {"user_id": self.user_id.id, "team_id": self.sales_team_id.id}
        if self.name and len(self.ticket_ids) == 1:
            values["name"] = self.name
        return values

    def _get_customers(self, tickets, refusals):
        """Find the customer of each ticket, and add refusals where there can be none.

        :param tickets: records of ``helpdesk_lite.ticket``
        :param dict refusals: ticket to a sentence with the reason; is changed
        :return: dict of ticket to record of ``res.partner``, empty for no customer, or None for a customer to create
        """
        if self.lead_id:
            # an existing opportunity keeps its customer, salesperson and team
            return dict.fromkeys(tickets, self.env["res.partner"])
        contacts = tickets._find_contacts()
        customers = {}
        for ticket in tickets:
            try:
                ticket._check_sales(self.sales_team_id, self.user_id)
                customers[ticket] = self._get_customer(ticket, contacts[ticket])
            except UserError as error:
                refusals[ticket] = str(error)
        return customers

    def _get_customer(self, ticket, contacts):
        """Find the customer of one ticket, see ``_get_customers``.

        :param contacts: records of ``res.partner``, from ``_find_contacts``
        :raise UserError: when there is no such customer
        """
        none = self.env["res.partner"]
        several = len(self.ticket_ids) > 1
        if self.partner_action == "none":
            return none
        known = ticket._get_known_customer(contacts)
        if self.partner_action == "create" and not (several and known):
            if contacts and not self.create_anyway:
                raise UserError(
                    self.env._(
                        "A contact with the e-mail %(email)s already exists: %(names)s. "
                        "Link to it, or confirm that you want to create another one.",
                        email=ticket.partner_email,
                        names=", ".join(partner._get_person_name() for partner in contacts),
                    )
                )
            ticket._prepare_customer_values()
            return None
        partner = self.partner_id or (known if several else none)
        if not partner:
            raise UserError(self.env._("Choose the customer that the ticket %s is linked to.", ticket.number))
        # sudo: users who can see the ticket may know its customer
        ticket._check_customer(partner.sudo())
        return partner

    def _create_customers(self, customers):
        """Create the missing customers, one for each e-mail address.

        :param dict customers: from ``_get_customers``
        :return: the same dict with the new records
        """
        new = {}
        for ticket, partner in customers.items():
            if partner is None:
                values = ticket._prepare_customer_values()
                key = (values["email"] or ticket).lower() if values["email"] else ticket
                new.setdefault((key, ticket.company_id), (values, []))[1].append(ticket)
        env = self.env(context=clean_context(self.env.context))
        # sudo: agents may create the contact of a ticket's customer without the right to create contacts
        created = env["res.partner"].sudo().create([values for values, _tickets in new.values()]).sudo(False)
        made = {
            ticket: partner for partner, (_values, tickets) in zip(created, new.values(), strict=True) for ticket in tickets
        }
        return {ticket: made.get(ticket, partner) for ticket, partner in customers.items()}

    # ------------------------------------------------------------
    # ANSWERS
    # ------------------------------------------------------------

    def _show_lead(self, lead):
        """Open the new record if the user can read it, or else confirm that it was created.

        :param lead: record of ``crm.lead``, sudoed
        :return: an action
        """
        if lead.sudo(False).has_access("read"):
            return lead.sudo(False).redirect_lead_opportunity_view()
        made = self.env._("The lead was created") if lead.type == "lead" else self.env._("The opportunity was created")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "title": made,
                "message": self.env._("Sales takes over. You do not have access to their records; the ticket is archived."),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _show_result(self, tickets, refusals):
        """Show the result in the pop-up: which tickets were converted, and why others were not.

        :param tickets: the converted records of ``helpdesk_lite.ticket``
        :param dict refusals: ticket to a sentence with the reason
        :return: a window action
        """
        sentences = list(refusals.values())
        if self.hidden_count:
            sentences.append(self.env._("Selected tickets that you cannot see: %s.", self.hidden_count))
        body = Markup("<p>%s</p>") % self.env._("Converted tickets: %s.", len(tickets))
        if sentences:
            body += Markup("<p>%s</p><ul>%s</ul>") % (
                self.env._("Tickets that were not converted: %s.", len(refusals) + self.hidden_count),
                Markup("").join(Markup("<li>%s</li>") % escape(sentence) for sentence in sentences),
            )
        # sudo: users cannot write this field
        self.sudo().result = body
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Converted Tickets"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }
