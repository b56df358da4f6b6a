from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL


class TicketSubscriptions(models.Model):
    """The followers of tickets. They are an access list, so everything that adds followers is in this file.

    The followers of a new ticket are its author (if an employee), its assignee, the followers of its
    team and, in a public team only, its customer; never the addresses in To or Cc. Followers are
    added in set-based statements: a batch of tickets needs as many as one ticket.
    """

    _inherit = "helpdesk_lite.ticket"

    def write(self, vals):
        moved = self.browse()
        former_customers = {}
        if "team_id" in vals:
            moved = self.filtered(lambda ticket: ticket.team_id.id != vals["team_id"])
            former_teams = {ticket: ticket.team_id for ticket in moved}
        if "partner_id" in vals:
            former_customers = {ticket: ticket.partner_id for ticket in self if ticket.partner_id.id != vals["partner_id"]}
        result = super().write(vals)
        if moved:
            moved._follow_new_team(former_teams)
        if former_customers:
            self._follow_new_customer(former_customers)
        return result

    def _message_auto_subscribe(self, updated_values, followers_existing_policy="skip"):
        if self.env.context.get("helpdesk_lite_subscribe_later"):
            return True
        # changes of the team update its followers for all tickets at once
        values = {name: value for name, value in updated_values.items() if name != "team_id"}
        return super()._message_auto_subscribe(values, followers_existing_policy)

    # ------------------------------------------------------------
    # ADDING AND REMOVING FOLLOWERS
    # ------------------------------------------------------------

    def _subscribe_at_creation(self):
        """Add all followers of new tickets. Who is one for several reasons gets the subtypes of the first of them."""
        # sudo: whoever creates a ticket need not have access to its team
        tickets = self.sudo()
        following = tickets.user_id.browse()
        wanted = []
        if self._is_followed_by_author():
            following = tickets.env.user
            wanted.append(self._select_author())
        wanted.append(self._select_team_followers())
        # what would find nobody is left out, because PostgreSQL takes longer to plan the query than to execute it
        if any(ticket.partner_id and ticket.team_id.privacy_visibility == "public" for ticket in tickets):
            wanted.append(self._select_customers())
        if tickets.user_id - following:
            wanted.append(self._select_assignees())
        self._insert_followers(*wanted)

    def _subscribe_team_followers(self, tickets=None):
        """Add the followers of the team to its tickets, with the ticket's counterparts of their subtypes.

        :param SQL tickets: condition on ``ticket`` and ``follower``, a follower of the team; default: the tickets in ``self``
        """
        self._insert_followers(self._select_team_followers(tickets))

    def _subscribe_customers(self, tickets=None):
        """Add customers to the followers of their tickets in public teams.

        Contacts with the address of one of our own aliases are left out, because we would write to ourselves.

        :param SQL tickets: condition on ``ticket``; default: the tickets in ``self``
        """
        self._insert_followers(self._select_customers(tickets))

    def _is_followed_by_author(self):
        """Whether the user who creates these tickets follows them, as Odoo decides it for other documents."""
        context, user = self.env.context, self.env.user
        if context.get("mail_create_nosubscribe") or context.get("tracking_disable"):
            return False
        # who imports ten thousand tickets does not want the answers to all of them
        return user.active and not user.share and not self._is_import()

    def _select_author(self):
        default, _internal, _external = self.env["mail.message.subtype"].default_subtypes(self._name)
        return SQL(
            "SELECT res_id, %s AS partner_id, subtype_id FROM unnest(%s) res_id, unnest(%s) subtype_id",
            self.env.user.partner_id.id,
            self.ids,
            default.ids,
        )

    def _select_team_followers(self, tickets=None):
        return SQL(
            """ SELECT following.res_id, following.partner_id, following.subtype_id
                  FROM (
                    SELECT ticket.id AS res_id, follower.partner_id, ticket_subtype.id AS subtype_id, ticket_subtype.internal
                      FROM helpdesk_lite_ticket ticket
                      JOIN mail_followers follower
                        ON follower.res_model = 'helpdesk_lite.team' AND follower.res_id = ticket.team_id
                      JOIN mail_followers_mail_message_subtype_rel chosen ON chosen.mail_followers_id = follower.id
                      JOIN mail_message_subtype subtype ON subtype.id = chosen.mail_message_subtype_id
                      JOIN mail_message_subtype ticket_subtype
                        ON ticket_subtype.id = subtype.parent_id
                        OR (ticket_subtype.id = subtype.id AND subtype.res_model IS NULL)
                     WHERE %s
                    -- two small questions are planned faster than a large one
                    OFFSET 0) following
                  JOIN res_partner partner ON partner.id = following.partner_id AND partner.active
                 WHERE NOT (partner.partner_share AND COALESCE(following.internal, FALSE))
                   AND NOT EXISTS (SELECT FROM mail_alias alias WHERE alias.alias_full_name = partner.email_normalized)
            """,
            self._these(tickets),
        )

    def _select_customers(self, tickets=None):
        _default, _internal, external = self.env["mail.message.subtype"].default_subtypes(self._name)
        return SQL(
            """ SELECT ticket.id AS res_id, ticket.partner_id, unnest(%s) AS subtype_id
                  FROM helpdesk_lite_ticket ticket
                  JOIN helpdesk_lite_team team ON team.id = ticket.team_id AND team.privacy_visibility = 'public'
                  JOIN res_partner partner ON partner.id = ticket.partner_id AND partner.active
                 WHERE NOT EXISTS (SELECT FROM mail_alias alias WHERE alias.alias_full_name = partner.email_normalized)
                   AND %s
            """,
            external.ids,
            self._these(tickets),
        )

    def _select_assignees(self):
        default, _internal, _external = self.env["mail.message.subtype"].default_subtypes(self._name)
        return SQL(
            """ SELECT ticket.id AS res_id, users.partner_id, unnest(%s) AS subtype_id
                  FROM helpdesk_lite_ticket ticket
                  JOIN res_users users ON users.id = ticket.user_id AND users.active
                 WHERE %s
            """,
            default.ids,
            self._these(),
        )

    def _these(self, tickets=None):
        return tickets or SQL("ticket.id = ANY(%s)", self.ids)

    @api.model
    def _insert_followers(self, *wanted):
        """Add followers to tickets in one statement; existing followers are not changed.

        :param SQL wanted: queries with the columns ``res_id, partner_id, subtype_id``; whom several of them find gets the
            subtypes of the first of these
        """
        self.flush_model(["team_id", "partner_id", "user_id", "is_closed", "active"])
        self.env["helpdesk_lite.team"].flush_model(["privacy_visibility"])
        self.env["mail.alias"].flush_model(["alias_full_name"])
        self.env["res.partner"].flush_model(["active", "partner_share", "email_normalized"])
        self.env["mail.followers"].flush_model()
        inserted = self.env.execute_query(
            SQL(
                """ WITH wanted AS (%(wanted)s),
                missing AS (
                    SELECT DISTINCT ON (res_id, partner_id)
                           res_id, partner_id, array_agg(DISTINCT subtype_id) AS subtype_ids
                      FROM wanted
                     WHERE NOT EXISTS (SELECT FROM mail_followers follower
                                        WHERE follower.res_model = %(model)s AND follower.res_id = wanted.res_id
                                          AND follower.partner_id = wanted.partner_id)
                  GROUP BY res_id, partner_id, place
                  ORDER BY res_id, partner_id, place
                ),
                -- numbered here, so that the subtypes need not be joined to what was inserted: how many
                -- rows that is PostgreSQL cannot foresee, and 100,000 by 100,000 it would compare one by one
                numbered AS MATERIALIZED (
                    SELECT nextval(pg_get_serial_sequence('mail_followers', 'id')) AS id, missing.* FROM missing
                ),
                inserted AS (
                    INSERT INTO mail_followers (id, res_model, res_id, partner_id)
                    SELECT id, %(model)s, res_id, partner_id FROM numbered
                    -- a concurrent one ends in a serialization error, which is tried again
                    ON CONFLICT (res_model, res_id, partner_id) DO NOTHING
                    RETURNING id
                ),
                chosen AS (
                    INSERT INTO mail_followers_mail_message_subtype_rel (mail_followers_id, mail_message_subtype_id)
                    SELECT id, unnest(subtype_ids) FROM numbered
                )
                SELECT count(*) FROM inserted
            """,
                wanted=SQL(" UNION ALL ").join(
                    SQL("SELECT query.*, %s AS place FROM (%s) query", place, query) for place, query in enumerate(wanted)
                ),
                model=self._name,
            )
        )
        if inserted[0][0]:
            self._forget_followers()

    @api.model
    def _delete_followers(self, condition, renew_links=True):
        """Remove followers from tickets in one statement.

        :param SQL condition: on ``follower``, ``ticket`` and ``partner``
        :param bool renew_links: void the links to tickets that people from outside leave; False when the caller voids them
        :return: dict of team id to tuple (number of people from outside who were removed, number of their tickets)
        """
        self.flush_model(["team_id", "partner_id", "user_id"])
        self.env["mail.followers"].flush_model()
        self.env["res.partner"].flush_model(["partner_share"])
        deleted = self.env.execute_query(
            SQL(
                """ WITH deleted AS (
                    DELETE FROM mail_followers follower
                     USING helpdesk_lite_ticket ticket, res_partner partner
                     WHERE follower.res_model = %s AND follower.res_id = ticket.id
                       AND partner.id = follower.partner_id AND %s
                 RETURNING ticket.team_id, follower.res_id, partner.id AS partner_id, partner.partner_share
                )
                SELECT team_id, partner_share, count(DISTINCT partner_id), count(DISTINCT res_id), %s
                  FROM deleted GROUP BY team_id, partner_share
            """,
                self._name,
                condition,
                SQL("array_agg(DISTINCT res_id) FILTER (WHERE partner_share)" if renew_links else "NULL"),
            )
        )
        if deleted:
            self._forget_followers()
        left_by_outsiders = [ticket_id for *_counts, ids in deleted for ticket_id in ids or ()]
        if left_by_outsiders:
            self.browse(left_by_outsiders)._renew_access_links()
        return {team_id: (people, tickets) for team_id, outside, people, tickets, _ids in deleted if outside}

    @api.model
    def _forget_followers(self):
        self.env["mail.followers"].invalidate_model(flush=False)
        self.invalidate_model(["message_follower_ids", "message_partner_ids", "message_is_follower"], flush=False)

    def _is_followed(self, subtype):
        """Whether somebody else follows the messages of a kind on this ticket.

        :param subtype: record of ``mail.message.subtype``
        :return: bool
        """
        self.env["mail.followers"].flush_model()
        return bool(
            self.env.execute_query(
                SQL(
                    """ SELECT FROM mail_followers follower
                      JOIN mail_followers_mail_message_subtype_rel chosen ON chosen.mail_followers_id = follower.id
                     WHERE follower.res_model = %s AND follower.res_id = ANY(%s) AND follower.partner_id <> %s
                       AND chosen.mail_message_subtype_id = %s
                     LIMIT 1
                    """,
                    self._name,
                    self.ids,
                    self.env.user.partner_id.id,
                    subtype.id,
                )
            )
        )

    # ------------------------------------------------------------
    # CHANGES
    # ------------------------------------------------------------

    def _follow_new_customer(self, former_customers):
        """Remove the former customer's following, access and access link, and add the new customer.

        :param dict former_customers: ticket to its former record of ``res.partner``
        """
        # sudo: an agent who changes the customer need not have access to followers
        self.env["mail.followers"].sudo().search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("partner_id", "in", [partner.id for partner in former_customers.values()]),
            ]
        ).filtered(
            lambda follower: (
                (ticket := self.browse(follower.res_id)) in former_customers
                and follower.partner_id == former_customers[ticket]
                and follower.partner_id != ticket.user_id.partner_id
            )
        ).unlink()
        changed = self.browse([ticket.id for ticket in former_customers])
        changed._renew_access_links()
        changed._subscribe_customers()

    def _follow_new_team(self, former_teams):
        """Replace the followers of the former team, and external followers, by those of the new team.

        :param dict former_teams: ticket to its former record of ``helpdesk_lite.team``
        """
        # sudo: the new team's visibility decides who follows, not the rights of the user who moves the ticket
        followers = self.env["mail.followers"].sudo().search([("res_model", "=", self._name), ("res_id", "in", self.ids)])
        team_followers = defaultdict(set)
        # sudo: see above
        for team, partner in (
            self.env["mail.followers"]
            .sudo()
            ._read_group(
                [("res_model", "=", "helpdesk_lite.team"), ("res_id", "in", [t.id for t in former_teams.values()])],
                ["res_id", "partner_id"],
            )
        ):
            team_followers[team].add(partner.id)
        leaving = followers.browse()
        for follower in followers:
            # sudo: the user may have lost access to the ticket by moving it
            ticket = self.browse(follower.res_id).sudo()
            partner = follower.partner_id
            public = ticket.team_id.privacy_visibility == "public"
            if partner == ticket.user_id.partner_id or (public and partner == ticket.partner_id):
                continue
            came_with_team = partner.id in team_followers[former_teams[self.browse(follower.res_id)].id]
            elsewhere = partner._filter_employees_elsewhere(ticket.company_id)
            if came_with_team or elsewhere or (partner.partner_share and not public):
                leaving += follower
        leaving.unlink()
        self._renew_access_links()
        self._subscribe_team_followers()
        self._subscribe_customers()
