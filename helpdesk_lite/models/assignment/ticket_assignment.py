import logging

from odoo import api, fields, models

from .team_assignment import Request

_logger = logging.getLogger(__name__)

BATCH = 200  # tickets that the scheduled action assigns at a time
MOST_IN_LOG = 10  # that one line names


class TicketAssignment(models.Model):
    """When tickets are assigned automatically, which never overrides a person's choice.

    A ticket is assigned when it is new, open and has no assignee, when it moves to a team that its
    assignee is not a member of, and when it is reopened after its assignee has left. The team
    decides whose turn it is, see ``team_assignment.py``.
    """

    _inherit = "helpdesk_lite.ticket"

    assignment_waiting = fields.Boolean(
        "Waiting for an Available Member",
        readonly=True,
        copy=False,
        help="Nobody could be assigned automatically. Assignment is retried until somebody is available.",
    )

    _waiting_index = models.Index("(id) WHERE assignment_waiting IS TRUE")

    def write(self, vals):
        stranded = self._get_stranded(vals)
        if stranded and "user_id" not in vals:
            # an assignee who has no access to the company cannot keep the ticket
            (self - stranded).write(vals)
            return stranded.write({**vals, "user_id": False})
        # sudo: the user may lose access to the ticket by this write
        tickets = self.sudo()
        moved = closed = tickets.browse()
        if not vals.get("user_id"):
            if "team_id" in vals:
                moved = tickets.filtered(lambda ticket: ticket.team_id.id != vals["team_id"])
            # who opens it again and says that it is nobody's has decided
            if "user_id" not in vals and ("stage_id" in vals or "active" in vals):
                closed = tickets.filtered(lambda ticket: ticket.is_closed or not ticket.active)
        result = super().write(vals)
        if "user_id" in vals and "assignment_waiting" not in vals:
            # a person has decided
            tickets.filtered("assignment_waiting").assignment_waiting = False
        moved._assign_moved()
        (closed - moved)._assign_reopened()
        return result

    def _get_stranded(self, vals):
        """The tickets that move to a company to which their assignee has no access.

        :param dict vals: what is written
        :return: records of ``helpdesk_lite.ticket``
        """
        if "team_id" not in vals:
            return self.browse()
        # sudo: where the user may move the tickets is checked later
        company = self.env["helpdesk_lite.team"].sudo().browse(vals["team_id"] or []).company_id
        # sudo: the assignee's companies are only compared
        return self.filtered(lambda ticket: (user := ticket.sudo().user_id) and company not in user.company_ids)

    # ------------------------------------------------------------
    # NEW TICKETS
    # ------------------------------------------------------------

    def _choose_for_new(self, vals_list):
        """Fill in the assignees of new tickets.

        :param list vals_list: dicts of values, with ``team_id``; are changed
        :return: tuple (list with a :class:`Choice` or None for each ticket, list of the indexes of waiting tickets)
        """
        # sudo: the team decides, whoever creates the ticket
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
    # EXISTING TICKETS
    # ------------------------------------------------------------

    def _assign_moved(self):
        """Assign tickets whose assignee cannot be given tickets of the new team, and those without an assignee."""
        for team, tickets in self._grouped_by_assigning_team():
            users = team._get_assignable_users()
            tickets.filtered(lambda ticket, users=users: ticket.user_id not in users)._assign(team, users)

    def _assign_reopened(self):
        """Assign tickets whose assignee has left, and those without an assignee.

        An automatically chosen assignee has left when they are no longer a member of the team. An
        assignee chosen by a person need not be a member, and has left when they can no longer work
        on tickets of the company.
        """
        # also where nobody is assigned automatically, a ticket must not seem to be somebody's who has gone
        self.filtered(lambda ticket: not ticket.is_closed and ticket.active)._release_from_former_employees()
        for team, tickets in self._grouped_by_assigning_team():
            users = team._get_assignable_users()
            tickets = tickets.filtered(lambda ticket, users=users: ticket.user_id not in users)
            if not tickets:
                continue
            # sudo: the user who reopens the ticket need not have access to the log of assignments
            logged = self.env["helpdesk_lite.assignment"].sudo().search([("ticket_id", "in", tickets.ids)], order="id")
            automatic = {assignment.ticket_id: assignment.user_id for assignment in logged}
            able = team._get_assignable_users(any_team=True)
            tickets.filtered(
                lambda ticket, able=able, automatic=automatic: (
                    ticket.user_id not in able or ticket.user_id == automatic.get(ticket)
                )
            )._assign(team, users)

    def _grouped_by_assigning_team(self):
        """Group the tickets that can be assigned by team: open, active, and in a team with automatic assignment.

        :return: list of tuples (team, tickets)
        """
        tickets = self.filtered(lambda ticket: not ticket.is_closed and ticket.active)
        return [(team, ours) for team, ours in tickets.grouped("team_id").items() if team.auto_assignment]

    def _assign(self, team, users, keep=False):
        """Assign these tickets of one team in turn.

        :param team: record of ``helpdesk_lite.team``, sudoed
        :param users: records of ``res.users``, from the team's ``_get_assignable_users``
        :param bool keep: whether assignees keep their tickets when nobody else can be chosen
        """
        tickets = self.sorted("id")
        requests = [Request(team._get_candidates(users, ticket.tag_ids), users.browse()) for ticket in tickets]
        choices = team._assign_in_turn(requests)
        chosen = {}
        for ticket, request, choice in zip(tickets, requests, choices, strict=True):
            if choice:
                chosen[choice.user] = chosen.get(choice.user, ticket.browse()) | ticket
            elif keep and ticket.user_id:
                continue
            elif ticket.user_id or ticket.assignment_waiting != bool(request.candidates):
                # an assignee of another team, or one who has left, does not keep the ticket
                ticket.write({"user_id": False, "assignment_waiting": bool(request.candidates)})
        for user, theirs in chosen.items():
            theirs.write({"user_id": user})
        tickets._log_choices(choices)

    @api.model
    def _cron_assign_waiting(self):
        """Assign the tickets for which nobody was available when they arrived."""
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
        """Record the choices for these tickets, and post the reasons on them.

        :param list choices: a :class:`Choice` or None for each ticket
        :param waiting: indexes of the tickets for which nobody was available
        """
        if waiting:
            # sudo: users cannot write this field
            self.browse([self[index].id for index in waiting]).sudo().assignment_waiting = True
        # sudo: the author of the ticket need not have access to the team or its members
        made = [(ticket, choice) for ticket, choice in zip(self.sudo(), choices, strict=True) if choice]
        # sudo: users cannot write the log of assignments
        self.env["helpdesk_lite.assignment"].sudo().create(
            [
                {
                    "ticket_id": ticket.id,
                    "team_id": ticket.team_id.id,
                    "user_id": choice.user,
                    "method": choice.method,
                    "number": choice.number,
                    "date": choice.date,
                    "reason": choice.reason,
                }
                for ticket, choice in made
            ]
        )
        if made:
            chosen = ", ".join(f"ticket {ticket.id} to user {choice.user}" for ticket, choice in made[:MOST_IN_LOG])
            more = f" and {len(made) - MOST_IN_LOG} more" if len(made) > MOST_IN_LOG else ""
            _logger.info("Assigned %s%s", chosen, more)
        if made and not self.env.context.get("tracking_disable"):
            self._note_choices(made)

    def _note_choices(self, made):
        """Post the reasons as internal notes, because customers must not see who is off.

        :param list made: tuples (ticket, :class:`Choice`), sudoed
        """
        users = {user.id: user for user in made[0][0].env["res.users"].browse({choice.user for _ticket, choice in made})}
        self.browse([ticket.id for ticket, _choice in made])._message_log_batch(
            {
                # the assignee, who asks "why me?", reads it in their own language
                ticket.id: ticket.team_id.with_context(lang=users[choice.user].lang)._explain_choice(
                    users[choice.user], choice.method, choice.date, choice.reason
                )
                for ticket, choice in made
            },
            author_id=self.env["ir.model.data"]._xmlid_to_res_id("base.partner_root"),
        )
