import logging
from collections import namedtuple
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.sql_db import PoolError
from odoo.tools import SQL
from psycopg2 import Error
from psycopg2.errors import LockNotAvailable, SerializationFailure

from ..short_cursor import is_pooled
from .turns import Turns

_logger = logging.getLogger(__name__)

SOON = timedelta(seconds=5)

# A place in the queue. ``candidates`` and ``taken`` are records of ``res.users``: ``taken`` is the user whom a
# person has chosen, and then there are no candidates.
Request = namedtuple("Request", ["candidates", "taken"])


class TeamAssignment(models.Model):
    """Automatic assignment: the candidates for a team's tickets, and whose turn it is."""

    _inherit = "helpdesk_lite.team"

    tag_member_ids = fields.One2many("helpdesk_lite.tag.member", "team_id", "Tags of the Members", copy=True)
    assignment_warning = fields.Char(compute="_compute_assignment_warning")

    @api.depends(
        "auto_assignment",
        "assign_method",
        "member_ids",
        "company_id",
        "resource_calendar_id",
        "tag_member_ids.user_ids",
        "tag_member_ids.tag_id",
    )
    def _compute_assignment_warning(self):
        """Explain why no ticket can be assigned, or who is never assigned one."""
        for team in self:
            team.assignment_warning = team.auto_assignment and team._find_assignment_trouble()

    def unlink(self):
        """Delete the ledgers of these teams with them, because no foreign key does it."""
        ids = self.ids
        result = super().unlink()
        # sudo: users have no access to ledgers
        self.env["helpdesk_lite.assignment.ledger"].sudo().search([("team", "in", ids)]).unlink()
        return result

    def _find_assignment_trouble(self):
        users = self._get_assignable_users()
        if not users:
            return self.env._(
                "No ticket can be assigned: no member of the team is a Helpdesk User with access to the company “%s”.",
                self.company_id.name,
            )
        if self.assign_method == "tags" and not self.tag_member_ids.user_ids._origin & users:
            return self.env._("No ticket can be assigned: no tag has a team member yet.")
        if self._origin and self._origin._get_availability(users, fields.Datetime.now()).when is None:
            return self.env._(
                "No ticket can be assigned: no member of the team works in the next 60 days. "
                "Check their working hours and time off."
            )
        # sudo: administrators of the team may see its members
        left_out = self.sudo().member_ids._origin - users
        if left_out:
            return self.env._(
                "These members are never assigned tickets, because they are not Helpdesk Users of the company: %s.",
                ", ".join(left_out.mapped("name")),
            )
        return False

    def _get_assignable_users(self, any_team=False):
        """The users who can be assigned tickets of this team, at work or not.

        :param bool any_team: True to include users who are not members, whom only a person can assign
        :return: records of ``res.users``, sudoed: active internal users with the role Helpdesk User and
            access to the team's company; only members, if the team has any
        """
        self.ensure_one()
        # sudo: the answer must not depend on who creates the ticket
        team = self.sudo()
        group_id = self.env["ir.model.data"]._xmlid_to_res_id("helpdesk_lite.group_user")
        domain = (
            Domain("all_group_ids", "in", group_id)
            & Domain("company_ids", "in", team.company_id.ids)
            & Domain("share", "=", False)
            & Domain("active", "=", True)
        )
        if not any_team and (member_ids := team._get_member_ids()):
            domain &= Domain("id", "in", member_ids)
        return team.env["res.users"].search(domain, order="id")

    def _get_member_ids(self):
        if not isinstance(self.id, int):
            return self.member_ids._origin.ids
        # reading the field would fetch all users to filter out archived ones
        self.env["helpdesk_lite.team"].flush_model(["member_ids"])
        return [
            user
            for (user,) in self.env.execute_query(
                SQL(
                    """ SELECT user_id FROM helpdesk_lite_team_member_rel JOIN res_users ON res_users.id = user_id AND active
                 WHERE team_id = %s
            """,
                    self.id,
                )
            )
        ]

    def _get_candidates(self, users, tags):
        """The assignable users who can be given a ticket with these tags.

        :param users: from :meth:`_get_assignable_users`
        :param tags: records of ``helpdesk_lite.tag``
        :return: records of ``res.users``
        """
        if self.assign_method != "tags":
            return users
        # sudo: as in _get_assignable_users
        lines = self.sudo().tag_member_ids.filtered(lambda line: line.tag_id in tags)
        return users & lines.user_ids

    def _assign_in_turn(self, requests, keep=True):
        """Choose assignees for several tickets as if these arrived one by one.

        :param list requests: a :class:`Request` for each ticket
        :param bool keep: False for a proposal, which uses nobody's turn
        :return: list with a :class:`Choice` for each request, or None where nobody is available
        """
        self.ensure_one()
        moment = fields.Datetime.now()
        groups = {candidates for candidates, _taken in requests if candidates}
        availabilities = self._get_availabilities(groups, moment) if groups else {}
        everybody = {user for availability in availabilities.values() for user in availability.users}
        if not everybody:
            return [None] * len(requests)
        xid, snapshot, loads = self._count_open_tickets(sorted(everybody))
        # sudo: users have no access to ledgers
        Ledger = self.env["helpdesk_lite.assignment.ledger"].sudo()
        try:
            with Ledger._open(self, keep) as ledger:
                turns = Turns(ledger, self.assign_method, moment, xid)
                turns.count(loads)
                turns.count(ledger.in_flight(snapshot, xid, turns.now))
                choices = []
                for candidates, taken in requests:
                    turns.count(dict.fromkeys(taken.ids, 1))
                    choices.append(turns.choose_next(availabilities[candidates]) if candidates else None)
                return choices
        except (Error, PoolError) as error:
            # an unassigned ticket can be assigned later, but an exception here would lose the incoming mail
            is_expected = isinstance(error, (LockNotAvailable, SerializationFailure)) and is_pooled(self.env)
            _logger.log(
                logging.INFO if is_expected else logging.WARNING,
                "Tickets of team %s are assigned later: its ledger could not be locked",
                self.id,
                exc_info=not is_expected,
            )
            if keep:
                self._assign_soon()
            return [None] * len(requests)

    def _assign_soon(self):
        """Have the scheduled action assign what could not be assigned now, within a minute or so."""
        cron = self.env.ref("helpdesk_lite.cron_assign_waiting", raise_if_not_found=False)
        if cron:
            # not at once, because the ticket is not committed yet, and the action itself may come here
            # sudo: whoever creates a ticket has no access to scheduled actions
            cron.sudo()._trigger(fields.Datetime.now() + SOON)

    def _enter_choices(self, chosen):
        """Record the choices of a confirmed proposal.

        :param list chosen: tuples (user id, reason)
        :return: list of :class:`Choice`
        """
        if not chosen:
            return []
        xid = self.env.execute_query(SQL("SELECT pg_current_xact_id()::text::bigint"))[0][0]
        # sudo: users have no access to ledgers
        with self.env["helpdesk_lite.assignment.ledger"].sudo()._open(self) as ledger:
            turns = Turns(ledger, self.assign_method, fields.Datetime.now(), xid)
            return [turns.give(user, reason, [int(other) for other in reason["loads"]]) for user, reason in chosen]

    def _count_open_tickets(self, users):
        """Count the open tickets of this team per user, as this transaction sees them.

        :param list users: ids of ``res.users``
        :return: tuple (number of this transaction, its snapshot, dict of user id to count)
        """
        Ticket = self.env["helpdesk_lite.ticket"]
        Ticket.flush_model(["team_id", "user_id", "is_closed", "active"])
        xid, snapshot, counts = self.env.execute_query(
            SQL(
                """ SELECT pg_current_xact_id()::text::bigint, pg_current_snapshot()::text, (
                    SELECT jsonb_object_agg(user_id, count) FROM (
                        SELECT user_id, count(*)
                          FROM helpdesk_lite_ticket
                         WHERE team_id = %s AND user_id = ANY(%s) AND is_closed IS NOT TRUE AND active IS TRUE
                      GROUP BY user_id) open)
            """,
                self.id,
                users,
            )
        )[0]
        return xid, snapshot, {int(user): count for user, count in (counts or {}).items()}
