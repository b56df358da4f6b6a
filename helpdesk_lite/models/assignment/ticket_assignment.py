from odoo import api, fields, models

from .team_assignment import Request

BATCH = 200  # tickets that the cron assigns at a time


class TicketAssignment(models.Model):
    """When a ticket is given to somebody automatically. Never over a choice that a person made.

    A new open ticket without an assignee; one that moves to a team where its assignee is not;
    one that is opened again when its assignee has gone. Who is next is the team's affair.
    """

    _inherit = "helpdesk_lite.ticket"

    assignment_waiting = fields.Boolean(
        "Waits for Somebody to Be Back", readonly=True, copy=False,
        help="Nobody could be assigned automatically. It is tried again until somebody can.",
    )

    _assignee_index = models.Index("(team_id, user_id) WHERE is_closed IS NOT TRUE AND active")
    _waiting_index = models.Index("(id) WHERE assignment_waiting")

    def write(self, vals):
        # sudo: what the write changes decides, whether or not its author sees the ticket after it
        tickets = self.sudo()
        moved = closed = tickets.browse()
        if not vals.get("user_id"):
            if "team_id" in vals:
                moved = tickets.filtered(lambda ticket: ticket.team_id.id != vals["team_id"])
            if "stage_id" in vals or "active" in vals:
                closed = tickets.filtered(lambda ticket: ticket.is_closed or not ticket.active)
        result = super().write(vals)
        if "user_id" in vals and "assignment_waiting" not in vals:
            # a person has decided
            tickets.filtered("assignment_waiting").assignment_waiting = False
        moved._assign_moved()
        (closed - moved)._assign_reopened()
        return result

    # ------------------------------------------------------------
    # NEW TICKETS
    # ------------------------------------------------------------

    def _choose_for_new(self, vals_list):
        """Enter assignees into the values of new tickets.

        :param list vals_list: of dicts, with their teams
        :return: tuple (list of a :class:`Choice` or None for each, list of the indexes of those that wait for somebody)
        """
        # sudo: the team decides, whoever writes to it
        teams = self.env["helpdesk_lite.team"].sudo().browse({vals["team_id"] for vals in vals_list if vals["team_id"]})
        choices, waiting = [None] * len(vals_list), []
        for team in teams.filtered("auto_assignment"):
            ours = [index for index, vals in enumerate(vals_list) if vals["team_id"] == team.id]
            users = team._get_assignable_users()
            requests = [self._prepare_request(team, users, vals_list[index]) for index in ours]
            for index, request, choice in zip(ours, requests, team._assign_in_turn(requests), strict=True):
                if choice:
                    choices[index] = choice
                    vals_list[index]["user_id"] = choice.user
                elif request.candidates:
                    waiting.append(index)
        return choices, waiting

    def _prepare_request(self, team, users, vals):
        nobody = users.browse()
        # sudo: stages may be hidden from the author
        stage = self.env["helpdesk_lite.stage"].sudo().browse(vals.get("stage_id") or team._get_first_stage().id)
        if stage.fold or not vals.get("active", True):
            return Request(nobody, nobody)
        user_id = vals["user_id"] if "user_id" in vals else self._get_default_user_id()
        if user_id:
            return Request(nobody, users.browse(user_id))
        tags = self.env["helpdesk_lite.tag"]
        if team.assign_method == "tags":
            tags = self.new({"tag_ids": vals.get("tag_ids", self.env.context.get("default_tag_ids"))}).tag_ids._origin
        return Request(team._get_candidates(users, tags), nobody)

    def _get_default_user_id(self):
        return self.env.context.get("default_user_id")

    # ------------------------------------------------------------
    # TICKETS THAT ARE THERE
    # ------------------------------------------------------------

    def _assign_moved(self):
        """Assign those that came to a team of whose members their assignee is none, or that have none."""
        for team, tickets in self._grouped_by_assigning_team():
            users = team._get_assignable_users()
            tickets.filtered(lambda ticket, users=users: ticket.user_id not in users)._assign(team, users)

    def _assign_reopened(self):
        """Assign those whose assignee has gone, or that have none.

        Who was chosen automatically has gone with leaving the team; who was chosen by a person
        need not be in it, and has gone when they cannot work tickets of the company any more.
        """
        for team, tickets in self._grouped_by_assigning_team():
            users = team._get_assignable_users()
            tickets = tickets.filtered(lambda ticket, users=users: ticket.user_id not in users)
            if not tickets:
                continue
            # sudo: it is looked up who chose, whoever reopens
            logged = self.env["helpdesk_lite.assignment"].sudo().search([("ticket_id", "in", tickets.ids)], order="id")
            automatic = {assignment.ticket_id: assignment.user_id for assignment in logged}
            able = team._get_assignable_users(any_team=True)
            tickets.filtered(
                lambda ticket, able=able, automatic=automatic:
                ticket.user_id not in able or ticket.user_id == automatic.get(ticket)
            )._assign(team, users)

    def _grouped_by_assigning_team(self):
        """Those of these tickets that may be assigned: open, active, of teams that assign automatically."""
        tickets = self.filtered(lambda ticket: not ticket.is_closed and ticket.active)
        return [(team, ours) for team, ours in tickets.grouped("team_id").items() if team.auto_assignment]

    def _assign(self, team, users):
        """Give these tickets of one team to who is next.

        :param team: record of ``helpdesk_lite.team``, sudoed
        :param users: from its ``_get_assignable_users``
        """
        tickets = self.sorted("id")
        requests = [Request(team._get_candidates(users, ticket.tag_ids), users.browse()) for ticket in tickets]
        choices = team._assign_in_turn(requests)
        chosen = {}
        for ticket, request, choice in zip(tickets, requests, choices, strict=True):
            if choice:
                chosen[choice.user] = chosen.get(choice.user, ticket.browse()) | ticket
            elif ticket.user_id or ticket.assignment_waiting != bool(request.candidates):
                # an assignee of another team, or who has gone, is no assignee
                ticket.write({"user_id": False, "assignment_waiting": bool(request.candidates)})
        for user, theirs in chosen.items():
            theirs.write({"user_id": user})
        tickets._log_choices(choices)

    @api.model
    def _cron_assign_waiting(self):
        """Assign tickets that nobody could be found for when they came."""
        waiting = [("assignment_waiting", "=", True), ("user_id", "=", False), ("is_closed", "=", False)]
        count = self.search_count(waiting)
        last = 0
        while tickets := self.search([*waiting, ("id", ">", last)], order="id", limit=BATCH):
            last = tickets[-1].id
            for team, ours in tickets.grouped("team_id").items():
                if team.auto_assignment:
                    ours._assign(team, team._get_assignable_users())
            count -= len(tickets)
            if not self.env["ir.cron"]._commit_progress(len(tickets), remaining=max(count, 0)):
                break

    # ------------------------------------------------------------
    # WHY ME
    # ------------------------------------------------------------

    def _log_choices(self, choices, waiting=()):
        """Keep why these tickets were given to whom, and say it on them.

        :param list choices: a :class:`Choice` or None for each ticket
        :param waiting: indexes of those that wait for somebody
        """
        if waiting:
            # sudo: entered by nobody
            self.browse([self[index].id for index in waiting]).sudo().assignment_waiting = True
        # sudo: the author need not see the team or its people
        made = [(ticket, choice) for ticket, choice in zip(self.sudo(), choices, strict=True) if choice]
        # sudo: nobody writes the log by hand
        self.env["helpdesk_lite.assignment"].sudo().create([
            {
                "ticket_id": ticket.id, "team_id": ticket.team_id.id, "user_id": choice.user, "method": choice.method,
                "number": choice.number, "date": choice.date, "reason": choice.reason,
            }
            for ticket, choice in made
        ])
        if made and not self.env.context.get("tracking_disable"):
            self._note_choices(made)

    def _note_choices(self, made):
        """Say the reasons in internal notes: who is off is not the customers' affair."""
        users = {user.id: user for user in made[0][0].env["res.users"].browse({choice.user for _ticket, choice in made})}
        self.browse([ticket.id for ticket, _choice in made])._message_log_batch({
            # the one who asks "why me?" reads their own language
            ticket.id: ticket.team_id.with_context(lang=users[choice.user].lang)._explain_choice(
                users[choice.user], choice.method, choice.date, choice.reason)
            for ticket, choice in made
        }, author_id=self.env["ir.model.data"]._xmlid_to_res_id("base.partner_root"))
