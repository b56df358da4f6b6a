from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

MOST_TICKETS = 200


class MergeGroup(models.Model):
    """Tickets that may be one and the same request, waiting for somebody to decide.

    Groups and all that hangs on them exist only for who may change every ticket in them:
    even their number would tell others about tickets that they do not see.
    """

    _name = "helpdesk_lite.merge.group"
    _description = "Group of Duplicate Tickets"
    _inherit = ["helpdesk_lite.links.mixin", "helpdesk_lite.search.mixin"]
    _order = "similarity desc, id desc"

    rule_id = fields.Many2one(
        "helpdesk_lite.merge.rule", readonly=True, index=True, ondelete="set null",
        help="The rule that found the group. Empty when somebody chose the tickets.",
    )
    company_id = fields.Many2one("res.company", readonly=True, required=True, index=True, ondelete="cascade")
    state = fields.Selection(
        [("new", "To Review"), ("merged", "Merged"), ("discarded", "Discarded"), ("undone", "Undone")],
        default="new", required=True, readonly=True, index=True,
    )
    record_ids = fields.One2many("helpdesk_lite.merge.record", "group_id", "Tickets")
    master_id = fields.Many2one("helpdesk_lite.ticket", compute="_compute_master_id")
    # sight
    candidate_ids = fields.Many2many("res.partner", compute="_compute_audience")
    audience = fields.Html(compute="_compute_audience", sanitize=False)
    invited_ids = fields.Many2many(
        "res.partner", "helpdesk_lite_merge_group_partner_rel", "group_id", "partner_id", string="Show All to",
        domain="[('id', 'in', candidate_ids)]",
        help="These people follow the merged ticket and everything in it, whatever they saw before.",
    )
    ticket_count = fields.Integer("Number of Tickets", compute="_compute_similarity", store=True)
    similarity = fields.Float(
        "Similarity (%)", compute="_compute_similarity", store=True, digits=(5, 1), aggregator="avg",
        help="Of the ticket that resembles the master least.",
    )

    notify_customers = fields.Boolean(
        "Tell the Customers", help="Each customer of a ticket that is merged into the master gets an e-mail that says so.",
    )

    @api.depends("record_ids.is_master", "record_ids.ticket_id")
    def _compute_master_id(self):
        for group in self:
            group.master_id = group.record_ids.filtered("is_master").ticket_id[:1]

    @api.depends("record_ids.similarity", "record_ids.is_master")
    def _compute_similarity(self):
        for group in self:
            group.ticket_count = len(group.record_ids)
            group.similarity = min(
                group.record_ids.filtered(lambda record: not record.is_master).mapped("similarity"), default=0,
            )

    @api.depends("record_ids.ticket_id", "state")
    def _compute_audience(self):
        for group in self:
            gains = group.record_ids.ticket_id._merge_get_gains() if group.state == "new" else {}
            group.candidate_ids = self.env["res.partner"].union(*gains)
            group.audience = Markup("<ul>%s</ul>") % Markup("").join(
                Markup("<li>%s</li>") % self.env._(
                    "%(person)s does not see %(tickets)s.",
                    person=partner.display_name, tickets=", ".join(f"#{number}" for number in tickets.mapped("number")),
                )
                for partner, tickets in gains.items()
            ) if gains else False

    @api.depends("ticket_count", "master_id")
    def _compute_display_name(self):
        for group in self:
            group.display_name = self.env._(
                "%(name)s and %(count)s more", name=group.master_id.name, count=group.ticket_count - 1,
            ) if group.ticket_count > 1 else group.master_id.name

    # ------------------------------------------------------------
    # SIGHT
    # ------------------------------------------------------------

    @api.model
    def _get_hidden_condition(self, column):
        """Condition on a group: it holds a ticket that the user may not change.

        :param SQL column: the id of the group
        :return: SQL
        """
        Ticket = self.env["helpdesk_lite.ticket"].with_context(active_test=False)
        readable = Ticket._search([])
        writable = Ticket._search(self.env["ir.rule"]._compute_domain(Ticket._name, "write"), bypass_access=True)
        for query in (readable, writable):
            # followed by its id through the primary key
            query.add_where(SQL("%s = record.ticket_id", SQL.identifier(query.table, "id")))
        return SQL(
            """EXISTS (SELECT FROM helpdesk_lite_merge_record record
                        WHERE record.group_id = %s AND NOT (EXISTS %s AND EXISTS %s))""",
            column, readable.subselect(), writable.subselect(),
        )

    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        query = super()._search(domain, *args, bypass_access=bypass_access, **kwargs)
        if not (self.env.su or bypass_access):
            hidden = self._get_hidden_condition(SQL.identifier(self._table, "id"))
            query.add_where(SQL("NOT %s", hidden))
        return query

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if self.env.su or not self:
            return result
        forbidden, error = result or (self.browse(), None)
        hidden = (self - forbidden)._filter_hidden()
        if not hidden:
            return result
        return forbidden | hidden, error or (
            lambda: AccessError(self.env._("Only who may change every ticket of this group may see the group."))
        )

    def _filter_hidden(self):
        """Those groups that hold a ticket which the user may not change."""
        # sudo: the tickets are looked at to decide about access
        records = self.sudo().record_ids
        tickets = records.ticket_id.with_env(self.env)
        allowed = tickets._filtered_access("read")._filtered_access("write")
        closed = {record.group_id.id for record in records if record.ticket_id.id not in allowed.ids}
        return self.filtered(lambda group: group.id in closed)

    # ------------------------------------------------------------
    # CREATION
    # ------------------------------------------------------------

    @api.model
    def _create_groups(self, candidates):
        """Make groups of tickets, each with its master chosen and the similarity to it known.

        :param candidates: list of dicts of ``ticket_ids`` (list of ids), ``rule_id`` (id or
            False) and, when known, ``similarities`` (as ``Ticket._merge_similarity`` returns them)
            to the master that ``Ticket._merge_choose_masters`` chooses
        :return: records of ``helpdesk_lite.merge.group``, one for each candidate in its order
        """
        Ticket = self.env["helpdesk_lite.ticket"]
        masters = Ticket._merge_choose_masters([candidate["ticket_ids"] for candidate in candidates])
        vals_list = []
        for candidate, master in zip(candidates, masters, strict=True):
            tickets = Ticket.browse(candidate["ticket_ids"])
            resemblance = candidate.get("similarities") or master._merge_similarity(tickets - master)
            vals_list.append({
                "rule_id": candidate.get("rule_id"),
                "company_id": master.company_id.id,
                "record_ids": [
                    fields.Command.create({
                        "ticket_id": ticket.id,
                        "is_master": ticket == master,
                        "similarity": 100 if ticket == master else resemblance[ticket.id][0],
                        "explanation": "" if ticket == master else resemblance[ticket.id][1],
                    })
                    for ticket in master | tickets
                ],
            })
        # sudo: who may change the tickets may group them; groups are made by nothing else
        return self.sudo().create(vals_list).with_env(self.env)

    def _update_similarity(self):
        """Compute how much each ticket resembles the master, after another one was chosen."""
        for group in self:
            others = group.record_ids.filtered(lambda record: not record.is_master)
            resemblance = group.master_id._merge_similarity(others.ticket_id) if group.master_id else {}
            for record in others:
                record.similarity, record.explanation = resemblance.get(record.ticket_id.id, (0, ""))
            (group.record_ids - others).write({"similarity": 100, "explanation": ""})

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_merge(self):
        """Merge the tickets of each of these groups into its master.

        :raise UserError: when the group is decided already or its tickets cannot be merged
        :return: the action that opens the master's page, or True for several groups
        """
        action = True
        for group in self:
            group._check_open()
            master = group.master_id
            if not master:
                raise UserError(self.env._("Choose the ticket that stays: the master."))
            action = master.get_formview_action()
            tickets, notify = group.record_ids.ticket_id, group.notify_customers
            # sudo: the state is the outcome, nobody sets it by hand
            tickets._merge_into(master, group.invited_ids, group.sudo())
            if notify:
                (tickets - master)._merge_tell_customers()
        return action if len(self) == 1 else True

    def action_discard(self):
        """Hide these groups: the tickets stay apart. The filter *Discarded* shows them.

        :raise UserError: when a group is merged already
        :return: True
        """
        for group in self:
            group._check_open()
        # sudo: the state is the outcome, nobody sets it by hand
        self.sudo().state = "discarded"
        return True

    def _check_open(self):
        self.check_access("write")
        if self.state not in ("new", "discarded"):
            raise UserError(self.env._("These tickets were merged already."))
