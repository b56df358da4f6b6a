from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import UserError


class MergeGroup(models.Model):
    """Tickets that may be the same request, until somebody decides: the page on which they are merged."""

    _name = "helpdesk_lite.merge.group"
    _description = "Group of Duplicate Tickets"
    _inherit = ["helpdesk_lite.merge.group.visibility"]
    _group_column = "id"
    _order = "similarity desc, id desc"

    rule_id = fields.Many2one(
        "helpdesk_lite.merge.rule",
        readonly=True,
        index=True,
        ondelete="set null",
        help="The rule that found the group. Empty when somebody chose the tickets.",
    )
    company_id = fields.Many2one("res.company", readonly=True, required=True, index=True, ondelete="cascade")
    state = fields.Selection(
        [("new", "To Review"), ("merged", "Merged"), ("discarded", "Discarded"), ("undone", "Undone")],
        default="new",
        required=True,
        readonly=True,
        index=True,
    )
    record_ids = fields.One2many("helpdesk_lite.merge.record", "group_id", "Tickets")
    master_id = fields.Many2one("helpdesk_lite.ticket", compute="_compute_master_id")
    # what becomes of the tickets
    absorbed_text = fields.Html("Become One", compute="_compute_outcome", sanitize=False)
    joined_text = fields.Html("Stay with Their Own Readers", compute="_compute_outcome", sanitize=False)
    has_obstacles = fields.Boolean(compute="_compute_outcome")
    ticket_count = fields.Integer("Number of Tickets", compute="_compute_similarity", store=True)
    similarity = fields.Float(
        "Similarity (%)",
        compute="_compute_similarity",
        store=True,
        digits=(5, 1),
        aggregator="avg",
        help="Of the ticket that resembles the master least.",
    )

    notify_customers = fields.Boolean(
        "Tell the Customers", help="The customer of each ticket that is merged into the master is told by e-mail."
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
                group.record_ids.filtered(lambda record: not record.is_master).mapped("similarity"), default=0
            )

    @api.depends("record_ids.outcome", "record_ids.obstacle", "record_ids.gains", "record_ids.absorb")
    def _compute_outcome(self):
        for group in self:
            group.has_obstacles = any(group.record_ids.mapped("obstacle"))
            for outcome in ("absorbed", "joined"):
                lines = [
                    Markup("<li>%s</li>") % self._get_outcome_text(record)
                    for record in group.record_ids
                    if record.outcome == outcome
                ]
                group[f"{outcome}_text"] = Markup("<ul class='mb-0'>%s</ul>") % Markup("").join(lines) if lines else False

    @api.model
    def _get_outcome_text(self, record):
        """What becomes of a ticket, and why.

        :param record: record of ``helpdesk_lite.merge.record``
        :return: str
        """
        parts = {"ticket": record.ticket_id.display_name, "reason": record.obstacle, "names": record.gains}
        if not record.obstacle:
            return parts["ticket"]
        if record.absorb and record.gains:
            return self.env._("%(ticket)s: %(reason)s. Will also be seen by: %(names)s", **parts)
        return self.env._("%(ticket)s: %(reason)s", **parts)

    @api.depends("ticket_count", "master_id")
    def _compute_display_name(self):
        for group in self:
            group.display_name = (
                self.env._("%(name)s and %(count)s more", name=group.master_id.name, count=group.ticket_count - 1)
                if group.ticket_count > 1
                else group.master_id.name
            )

    def _get_groups(self):
        return self

    # ------------------------------------------------------------
    # CREATION
    # ------------------------------------------------------------

    @api.model
    def _create_groups(self, candidates):
        """Create groups of tickets, choose the master of each, and compute the similarity to it.

        :param candidates: list of dicts of ``ticket_ids`` (list of ids), ``rule_id`` (id or
            False) and, when known, ``similarities`` (as ``Ticket._merge_similarity`` returns them)
            to the master that ``Merge._choose_masters`` chooses
        :return: records of ``helpdesk_lite.merge.group``, one for each candidate, in the same order
        """
        Ticket = self.env["helpdesk_lite.ticket"]
        masters = self.env["helpdesk_lite.merge"]._choose_masters([candidate["ticket_ids"] for candidate in candidates])
        vals_list = []
        for candidate, master in zip(candidates, masters, strict=True):
            tickets = Ticket.browse(candidate["ticket_ids"])
            resemblance = candidate.get("similarities") or master._merge_similarity(tickets - master)
            vals_list.append(
                {
                    "rule_id": candidate.get("rule_id"),
                    "company_id": master.company_id.id,
                    "record_ids": [
                        fields.Command.create(
                            {
                                "ticket_id": ticket.id,
                                "is_master": ticket == master,
                                "similarity": 100 if ticket == master else resemblance[ticket.id][0],
                                "explanation": "" if ticket == master else resemblance[ticket.id][1],
                            }
                        )
                        for ticket in master | tickets
                    ],
                }
            )
        # sudo: the caller checked that the user can change the tickets; nothing else creates groups
        return self.sudo().create(vals_list).with_env(self.env)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_merge(self):
        """Merge the tickets of each of these groups into its master.

        :raise UserError: when the group was merged already or its tickets cannot be merged
        :return: the action that opens the master, or True for several groups
        """
        self.browse().check_access("write")
        action, Merge = True, self.env["helpdesk_lite.merge"]
        for group in self:
            # sudo: nothing is done or told before the merge has checked the rights on all tickets
            lines = self.env["helpdesk_lite.merge.record"].sudo().search_fetch([("group_id", "=", group.id)])
            tickets = lines.ticket_id.with_env(self.env)
            Merge._begin(tickets)
            # sudo: users do not set the state, the merge does
            group_sudo = group.sudo()
            group_sudo._check_state()
            master = lines.filtered("is_master").ticket_id.with_env(self.env)
            if not master:
                raise UserError(self.env._("Choose the ticket that stays: the master."))
            action, notify = master.get_formview_action(), group_sudo.notify_customers
            accepted = {line.ticket_id.id: set(line.accepted or []) for line in lines if line.absorb}
            Merge._merge(master, tickets - master, accepted, group_sudo)
            if notify:
                Merge._tell_customers(tickets - master)
        return action if len(self) == 1 else True

    def action_discard(self):
        """Keep the tickets of these groups apart, and hide the groups. The filter *Discarded* shows them.

        :raise UserError: when a group was merged already
        :return: True
        """
        self.check_access("write")
        for group in self:
            group._check_state()
        # sudo: users do not set the state by hand
        self.sudo().state = "discarded"
        return True

    def _check_state(self):
        if self.state not in ("new", "discarded"):
            raise UserError(self.env._("These tickets were merged already."))
