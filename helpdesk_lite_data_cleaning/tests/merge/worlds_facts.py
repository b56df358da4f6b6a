"""What the oracle is told by the database: who follows, whose a ticket is, which mode its team has, who was merged with whom.

Whatever changed must have been changed by the last event.
"""

from collections import defaultdict

from odoo.tools import SQL

from .worlds_events import TEAM, TICKET
from .worlds_oracle import Ticket


class Facts:
    """Mixed into the test, which has the people and the database."""

    def team_followers(self, team):
        return {
            partner
            for (partner,) in self.env.execute_query(
                SQL("SELECT partner_id FROM mail_followers WHERE res_model = %s AND res_id = %s", TEAM, team)
            )
        }

    def update(self, worlds):
        """Read what the table asks of tickets, and hold every change of it against what was done."""
        self.env.flush_all()
        followers = defaultdict(set)
        teams = [team for world in worlds for team in world.teams]
        ids = [ticket for world in worlds for ticket in world.oracle.tickets]
        for model, record, partner in self.env.execute_query(
            SQL(
                """ SELECT res_model, res_id, partner_id FROM mail_followers
                     WHERE (res_model = %s AND res_id = ANY(%s)) OR (res_model = %s AND res_id = ANY(%s))""",
                TICKET,
                ids,
                TEAM,
                teams,
            )
        ):
            followers[model, record].add(partner)
        rows = {
            row[0]: row[1:]
            for row in self.env.execute_query(
                SQL(
                    """ SELECT ticket.id, ticket.team_id, team.privacy_visibility, team.company_id, users.partner_id,
                               ticket.partner_id, lower(ticket.partner_email), ticket.active, ticket.access_token,
                               ticket.merge_target_id, ticket.merge_kind
                          FROM helpdesk_lite_ticket ticket
                          JOIN helpdesk_lite_team team ON team.id = ticket.team_id
                     LEFT JOIN res_users users ON users.id = ticket.user_id
                         WHERE ticket.id = ANY(%s)""",
                    ids,
                )
            )
        }
        self.note_births()
        for world in worlds:
            oracle = world.oracle
            for id, former in list(oracle.tickets.items()):
                if id not in rows:
                    self.report(world, f"the ticket {id} is gone")
                    oracle.delete(id)
                    continue
                team, mode, company, assignee, partner, email, active, token, master, kind = rows[id]
                ticket = oracle.tickets[id] = Ticket(
                    team,
                    mode,
                    company,
                    assignee,
                    frozenset({partner, email} - {None, ""}),
                    active,
                    token,
                    followers[TICKET, id],
                    followers[TEAM, team],
                )
                expected = oracle.masters.get(id)
                if (master, kind) != ((expected and (expected[0], "absorbed" if expected[1] else "joined")) or (None, None)):
                    self.report(world, f"{id} is {kind} into {master}, and should be {expected}")
                self.tokens[token] = world, id
                if former:
                    self.check_changes(world, id, former, ticket)
            world.followers_refused = set()

    def note_births(self):
        """Note the ticket on which each message was written: an answer to it goes back there with it."""
        since = max(self.births, default=self.first["mail.message"])
        rows = self.env.execute_query(SQL("SELECT id, res_id FROM mail_message WHERE model = %s AND id > %s", TICKET, since))
        self.births = {**dict(rows), **self.births}

    def check_changes(self, world, id, former, ticket):
        """Followers are an access list: nobody is added but by what was done."""
        for partner in ticket.followers - former.followers:
            if (id, partner) not in world.followers_allowed:
                self.report(world, f"{self.address_of.get(partner)} follows {id}")
        for name in ("team", "mode", "company", "assignee", "customer"):
            before, now = getattr(former, name), getattr(ticket, name)
            moved = name == "mode" and former.team != ticket.team
            if now != before and name not in world.changes_allowed and not moved:
                self.report(world, f"{name} of {id} was {before} and is {now}")
        for _id, partner in world.followers_refused:
            if _id == id and partner in ticket.followers and partner != ticket.assignee:
                self.report(world, f"{partner} is no longer the customer of {id}, and follows it")
        closed = ticket.mode != "public" and (former.mode == "public" or former.team != ticket.team)
        if closed and (outside := ticket.followers - self.employees.keys() - {ticket.assignee}):
            self.report(world, f"{outside} still follow {id}, which is no longer public")
