from odoo import api, fields, models


class MergeRecord(models.Model):
    """A ticket in a group of duplicates."""

    _name = "helpdesk_lite.merge.record"
    _description = "Duplicate Ticket"
    _inherit = ["helpdesk_lite.merge.group.visibility"]
    _order = "is_master desc, similarity desc, id"

    group_id = fields.Many2one("helpdesk_lite.merge.group", required=True, readonly=True, index=True, ondelete="cascade")
    ticket_id = fields.Many2one("helpdesk_lite.ticket", required=True, readonly=True, index=True, ondelete="cascade")
    is_master = fields.Boolean(help="The ticket that stays. All the others are merged into it.")
    similarity = fields.Float("Similarity (%)", readonly=True, digits=(5, 1), help="To the master.")
    explanation = fields.Char("Matching Words", readonly=True)

    # what becomes of the ticket
    absorb = fields.Boolean("Become One Anyway", help="The people who are named will see everything that the ticket contains.")
    accepted = fields.Json(readonly=True, help="Who may gain sight of the ticket, in the words of whoever ticked it.")
    outcome = fields.Selection(
        [("absorbed", "Becomes one with the master"), ("joined", "Stays with its own readers")], compute="_compute_outcome"
    )
    obstacle = fields.Char("Why", compute="_compute_outcome")
    # all names are shown, because somebody answers for them
    gains = fields.Text("Would Also See It", compute="_compute_outcome")

    # what the page shows of the ticket
    ticket_number = fields.Char(related="ticket_id.number", string="Number")
    ticket_name = fields.Char(related="ticket_id.name", string="Name")
    ticket_opened_on = fields.Datetime("Ticket Opened on", related="ticket_id.opened_on")
    values_text = fields.Char("Field Values", compute="_compute_values_text")
    used_in = fields.Char("Used in", compute="_compute_used_in")

    _one_master = models.UniqueIndex("(group_id) WHERE is_master")
    _ticket_once = models.Constraint("UNIQUE(group_id, ticket_id)", "A ticket can be in a group only once.")

    @api.depends("ticket_id", "absorb", "group_id.state", "group_id.record_ids.is_master")
    def _compute_outcome(self):
        reasons = {
            "team": self.env._("another team"),
            "customer": self.env._("another customer"),
            "followers": self.env._("other followers from outside"),
            "readers": self.env._("not everybody who sees the master can see it"),
        }
        Merge = self.env["helpdesk_lite.merge"]
        for group, records in self.grouped("group_id").items():
            master = group.master_id if group.state in ("new", "discarded") else group.master_id.browse()
            plan = Merge._plan(master, records.ticket_id - master) if master else None
            for record in records:
                ticket = record.ticket_id
                obstacle = plan and plan.obstacles.get(ticket.id)
                record.outcome = plan and ticket != master and ("joined" if obstacle and not record.absorb else "absorbed")
                record.obstacle = obstacle and reasons[obstacle]
                record.gains = obstacle and "; ".join(Merge._get_names(plan.gains[ticket.id]))

    def _accept_gains(self):
        """Note who would gain sight of these tickets, because somebody ticked that they may."""
        for group, records in self.grouped("group_id").items():
            plan = self.env["helpdesk_lite.merge"]._plan(group.master_id, records.ticket_id - group.master_id)
            for record in records:
                # sudo: only the server says what was accepted
                record.sudo().accepted = list(plan.gains.get(record.ticket_id.id, {}))

    @api.depends("ticket_id")
    def _compute_values_text(self):
        """What distinguishes tickets at a glance."""
        for record in self:
            ticket = record.ticket_id
            record.values_text = " · ".join(
                filter(
                    None,
                    (
                        ticket.partner_name or ticket.partner_email,
                        ticket.team_id.name,
                        ticket.stage_id.name,
                        ticket.user_id.name,
                    ),
                )
            )

    @api.depends("ticket_id")
    def _compute_used_in(self):
        """How many messages and files a ticket has."""
        ids = self.ticket_id.ids
        # sudo: only users who can change all its tickets see a group
        messages = dict(
            self.env["mail.message"]
            .sudo()
            ._read_group(
                [("model", "=", "helpdesk_lite.ticket"), ("res_id", "in", ids), ("message_type", "!=", "notification")],
                ["res_id"],
                ["__count"],
            )
        )
        # sudo: see above
        files = dict(
            self.env["ir.attachment"]
            .sudo()
            ._read_group([("res_model", "=", "helpdesk_lite.ticket"), ("res_id", "in", ids)], ["res_id"], ["__count"])
        )
        for record in self:
            record.used_in = self.env._(
                "Messages: %(messages)s, files: %(files)s",
                messages=messages.get(record.ticket_id.id, 0),
                files=files.get(record.ticket_id.id, 0),
            )

    def action_absorb(self):
        """Make this ticket one with the master although others would gain sight of it; or take that back.

        The page says whose names it shows. A client that shows none says nothing.

        :raise UserError: when these are no longer those who would gain sight
        :return: True
        """
        self.ensure_one()
        shown = self.env.context.get("gains_shown")
        if not self.absorb and shown is not None and (shown or "") != (self.gains or ""):
            self.env["helpdesk_lite.merge"]._refuse_gains(self.ticket_id)
        return self.write({"absorb": not self.absorb})

    def action_set_master(self):
        """Make this ticket the one into which the others are merged.

        :return: True
        """
        self.ensure_one()
        return self.write({"is_master": True})

    def write(self, vals):
        """The new master replaces the former one."""
        if vals.get("is_master"):
            self.check_access("write")
            others = self.group_id.record_ids - self
            others.filtered("is_master").write({"is_master": False})
            others.flush_recordset(["is_master"])
        result = super().write(vals)
        if "absorb" in vals:
            self._accept_gains()
        if vals.get("is_master"):
            # another master has other readers
            self.group_id.record_ids.filtered("absorb").absorb = False
            # sudo: the similarity to the new master is computed; users do not write it
            for group in self.sudo().group_id:
                group.record_ids._update_similarity()
        return result

    def _update_similarity(self):
        """Compute how similar these tickets, all those of one group, are to its master."""
        masters = self.filtered("is_master")
        others = self - masters
        resemblance = masters.ticket_id._merge_similarity(others.ticket_id) if masters else {}
        for record in others:
            record.similarity, record.explanation = resemblance.get(record.ticket_id.id, (0, ""))
        masters.write({"similarity": 100, "explanation": ""})
