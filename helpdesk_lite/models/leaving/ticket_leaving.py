from odoo import api, fields, models
from odoo.tools import SQL

from .notes import log_notes

# up to this many tickets are given to others at once; more of them, by the scheduled action
FEW = 50


class TicketLeaving(models.Model):
    """Ends the following and the assignments of people who left, and gives their open tickets to others."""

    _inherit = "helpdesk_lite.ticket"

    # ------------------------------------------------------------
    # FOLLOWING
    # ------------------------------------------------------------

    @api.model
    def _end_following(self, losses):
        """End the following of tickets by people who may no longer follow them.

        Former employees follow only tickets of public teams whose customer they are: what they followed as an
        agent would reach their private address. Employees without the role still follow public teams, and
        their own requests.

        :param list losses: of ``Loss`` of contacts
        """
        self.env["helpdesk_lite.team"].flush_model(["privacy_visibility", "company_id"])
        self._delete_followers(
            SQL(
                """ partner.id = ANY(%(ids)s) AND EXISTS (
                SELECT FROM helpdesk_lite_team team JOIN %(losses)s
                    ON loss.who = partner.id AND team.company_id = COALESCE(loss.company_id, team.company_id)
                 WHERE team.id = ticket.team_id
                   AND (loss.outside OR team.privacy_visibility != 'public')
                   AND NOT (ticket.partner_id IS NOT DISTINCT FROM partner.id
                            AND (team.privacy_visibility = 'public' OR NOT loss.outside)))
            """,
                ids=list({loss.who for loss in losses}),
                losses=self.env["helpdesk_lite.team"]._get_losses_table(losses),
            )
        )

    # ------------------------------------------------------------
    # ASSIGNMENTS
    # ------------------------------------------------------------

    @api.model
    def _release(self, losses):
        """Unassign the open tickets of users who left.

        Closed tickets keep their assignee as a record of who solved them, except where an employee who has only
        lost the role would go on seeing them for that reason: in private teams.

        :param list losses: of ``Loss`` of users
        :return: the unassigned tickets
        """
        return self._unassign(
            SQL(
                """ ticket.user_id = ANY(%(ids)s) AND EXISTS (
                SELECT FROM %(losses)s
                 WHERE loss.who = ticket.user_id AND team.company_id = COALESCE(loss.company_id, team.company_id)
                   AND (ticket.is_closed IS NOT TRUE OR (NOT loss.outside AND team.privacy_visibility = 'private')))
            """,
                ids=list({loss.who for loss in losses}),
                losses=self.env["helpdesk_lite.team"]._get_losses_table(losses),
            )
        )

    def _release_to_nobody(self):
        """Unassign these tickets, and do not assign them automatically."""
        self._unassign(SQL("ticket.id = ANY(%s)", self.ids), wait=False)

    def _release_from_former_employees(self):
        """Unassign those of these tickets whose assignee is no longer an employee of the company."""
        former = self.filtered(
            lambda ticket: (
                (user := ticket.user_id) and (not user.active or user.share or ticket.company_id not in user.company_ids)
            )
        )
        if former:
            former._unassign(SQL("ticket.id = ANY(%s)", former.ids))

    @api.model
    def _forget_returned(self, posts):
        """Unassign what users who come back were assigned in private teams before they left.

        Otherwise they would see closed tickets again for that reason.

        :param set posts: pairs of ids of users and companies
        """
        if not posts:
            return
        # sudo: who administers users need not have access to tickets
        self.sudo()._unassign(
            SQL(
                """ team.privacy_visibility = 'private' AND EXISTS (
                SELECT FROM unnest(%s, %s) back (who, company_id)
                 WHERE back.who = ticket.user_id AND back.company_id = team.company_id)
                AND ticket.user_id = ANY(%s)
            """,
                [user for user, _company in posts],
                [company for _user, company in posts],
                list({user for user, _company in posts}),
            )
        )

    @api.model
    def _unassign(self, condition, wait=True):
        """Unassign tickets and note it on each of them, in a constant number of statements.

        :param SQL condition: on ``ticket`` and ``team``
        :param bool wait: whether they wait for automatic assignment, where their team has it
        :return: the tickets that are unassigned now
        """
        self.flush_model(["user_id", "team_id", "is_closed", "active", "assignment_waiting", "assign_date"])
        self.env["helpdesk_lite.team"].flush_model(["company_id", "privacy_visibility", "auto_assignment"])
        rows = self.env.execute_query(
            SQL(
                """ UPDATE helpdesk_lite_ticket ticket
                   SET user_id = NULL, write_uid = %(uid)s, write_date = %(now)s,
                       assignment_waiting = %(wait)s AND team.auto_assignment IS TRUE
                                        AND ticket.active AND ticket.is_closed IS NOT TRUE
                  FROM helpdesk_lite_team team, helpdesk_lite_ticket former
                 WHERE team.id = ticket.team_id AND former.id = ticket.id AND %(condition)s
             RETURNING ticket.id, former.user_id
            """,
                uid=self.env.uid,
                now=fields.Datetime.now(),
                wait=wait,
                condition=condition,
            )
        )
        tickets = self.browse(ticket for ticket, _user in rows)
        if tickets:
            self.invalidate_model(["user_id", "assignment_waiting", "write_uid", "write_date"], flush=False)
            tickets._log_event("user")
            # sudo: the names of colleagues
            users = self.env["res.users"].sudo().browse({user for _ticket, user in rows})
            log_notes(
                self,
                rows,
                {
                    user.id: self.env._("%s does not work on tickets of this team any more and was unassigned.", user.name)
                    for user in users
                },
            )
        return tickets

    def _give_on(self):
        """Assign released tickets by the methods of their teams: few of them at once, many by the scheduled action."""
        if len(self) > FEW:
            # sudo: who administers users need not have access to scheduled actions
            self.env.ref("helpdesk_lite.cron_assign_waiting").sudo()._trigger()
            return
        for team, tickets in self.filtered("assignment_waiting")._grouped_by_assigning_team():
            tickets._assign(team, team._get_assignable_users())
