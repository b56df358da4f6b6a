from odoo import api, fields, models
from odoo.tools import SQL


class TeamVisibility(models.Model):
    """Invitations to a team, and the effects of changing its visibility.

    Members of a private team are invited by following it with a subtype that never notifies.
    People who follow the team with other subtypes follow its tickets as well. A change of the
    visibility updates all tickets of the team, open, closed and archived, in set-based statements.
    """

    _inherit = "helpdesk_lite.team"

    visibility_warning = fields.Char(compute="_compute_visibility_warning")

    @api.depends("privacy_visibility")
    def _compute_visibility_warning(self):
        """Announce the effects of saving the chosen visibility, in numbers."""
        for team in self:
            former = team._origin.privacy_visibility
            team.visibility_warning = False
            if former == "public" and team.privacy_visibility != "public":
                people, tickets = team._origin._count_external_followers()
                if people:
                    team.visibility_warning = self.env._(
                        "Customers and portal users will lose access to tickets (people: %(people)s, tickets: %(tickets)s). "
                        "Links that were sent to them will stop working.",
                        people=people,
                        tickets=tickets,
                    )
            elif former and former != "public" and team.privacy_visibility == "public":
                people, tickets = team._origin._count_customers()
                if people:
                    team.visibility_warning = self.env._(
                        "Customers will follow their tickets and see them on the portal "
                        "(people: %(people)s, tickets: %(tickets)s).",
                        people=people,
                        tickets=tickets,
                    )

    @api.model_create_multi
    def create(self, vals_list):
        teams = super().create(vals_list)
        teams._invite_members()
        return teams

    def write(self, vals):
        former_members = {team: team.member_ids for team in self} if "member_ids" in vals else {}
        mode = vals.get("privacy_visibility")
        closing = self.filtered(lambda team: mode and mode != "public" and team.privacy_visibility == "public")
        opening = self.filtered(lambda team: mode == "public" and team.privacy_visibility != "public")
        result = super().write(vals)
        for team, members in former_members.items():
            team._uninvite_members(members - team.member_ids)
        if mode or former_members:
            self._invite_members()
        if closing:
            closing._remove_external_followers()
        if opening:
            # addresses of files that were made while no link opened them
            self.env["helpdesk_lite.ticket"]._void_links(SQL("ticket.team_id = ANY(%s)", opening.ids))
            opening._welcome_customers()
        return result

    # ------------------------------------------------------------
    # MEMBERS
    # ------------------------------------------------------------

    def _invite_members(self):
        subtype = self.env.ref("helpdesk_lite.mt_team_member")
        for team in self.filtered(lambda team: team.privacy_visibility == "private"):
            partners = team.member_ids.partner_id - team.message_partner_ids
            team._message_subscribe(partners.ids, subtype.ids) if partners else None

    def _uninvite_members(self, users):
        """End the invitations that came with membership; those made by hand stay.

        :param users: records of ``res.users`` who left the team
        """
        subtype = self.env.ref("helpdesk_lite.mt_team_member")
        # sudo: an administrator of the team manages its invitations
        self.sudo().message_follower_ids.filtered(
            lambda follower: follower.partner_id in users.partner_id and follower.subtype_ids == subtype
        ).unlink()

    # ------------------------------------------------------------
    # FOLLOWING A TEAM IS FOLLOWING ITS TICKETS
    # ------------------------------------------------------------

    def _message_subscribe(self, partner_ids=None, subtype_ids=None, customer_ids=None):
        result = super()._message_subscribe(partner_ids, subtype_ids, customer_ids)
        if self and partner_ids and self._follow_tickets(partner_ids):
            self.env["helpdesk_lite.ticket"]._subscribe_team_followers(
                SQL(
                    """ ticket.team_id = ANY(%s) AND ticket.is_closed IS NOT TRUE AND ticket.active IS TRUE
                    AND follower.partner_id = ANY(%s)
                    """,
                    self.ids,
                    list(partner_ids),
                )
            )
        return result

    def _follow_tickets(self, partner_ids):
        """Whether people follow these teams with a subtype that has a counterpart for tickets.

        Members of a private team do not. To find that out ticket by ticket would take seconds.

        :param list partner_ids: ids of ``res.partner``
        :return: bool
        """
        self.env["mail.followers"].flush_model()
        [(follow,)] = self.env.execute_query(
            SQL(
                """ SELECT EXISTS (
                    SELECT FROM mail_followers follower
                      JOIN mail_followers_mail_message_subtype_rel chosen ON chosen.mail_followers_id = follower.id
                      JOIN mail_message_subtype subtype ON subtype.id = chosen.mail_message_subtype_id
                     WHERE follower.res_model = 'helpdesk_lite.team' AND follower.res_id = ANY(%s)
                       AND follower.partner_id = ANY(%s)
                       AND (subtype.parent_id IS NOT NULL OR subtype.res_model IS NULL)
                )
            """,
                self.ids,
                list(partner_ids),
            )
        )
        return follow

    def message_unsubscribe(self, partner_ids=None):
        """People who unfollow the team unfollow its tickets, except as assignee or customer."""
        result = super().message_unsubscribe(partner_ids)
        if self and partner_ids:
            self.env["helpdesk_lite.ticket"]._delete_followers(
                SQL(
                    """ ticket.team_id = ANY(%s) AND partner.id = ANY(%s)
                    AND ticket.partner_id IS DISTINCT FROM partner.id
                    AND NOT EXISTS (SELECT FROM res_users users
                                     WHERE users.id = ticket.user_id AND users.partner_id = partner.id)
                """,
                    self.ids,
                    list(partner_ids),
                )
            )
        return result

    # ------------------------------------------------------------
    # CHANGING THE VISIBILITY
    # ------------------------------------------------------------

    def _remove_external_followers(self):
        """Remove portal users and contacts from the followers of these teams and their tickets, and void all links."""
        # sudo: an administrator of the team decides who is invited
        self.sudo().message_follower_ids.filtered("partner_id.partner_share").unlink()
        Ticket = self.env["helpdesk_lite.ticket"]
        removed = Ticket._delete_followers(
            SQL("ticket.team_id = ANY(%s) AND partner.partner_share", self.ids), renew_links=False
        )
        Ticket._void_links(SQL("ticket.team_id = ANY(%s)", self.ids))
        for team in self:
            people, tickets = removed.get(team.id, (0, 0))
            team._message_log(
                body=self.env._(
                    "Visibility was reduced: customers and portal users lost access to tickets "
                    "(people: %(people)s, tickets: %(tickets)s).",
                    people=people,
                    tickets=tickets,
                )
            )

    def _welcome_customers(self):
        for team in self:
            people, tickets = team._count_customers()
            team._message_log(
                body=self.env._(
                    "Visibility was extended: customers follow their tickets (people: %(people)s, tickets: %(tickets)s).",
                    people=people,
                    tickets=tickets,
                )
            )
        self.env["helpdesk_lite.ticket"]._subscribe_customers(SQL("ticket.team_id = ANY(%s)", self.ids))

    def _count_external_followers(self):
        """Count the portal users and contacts who follow tickets of this team, and those tickets.

        :return: tuple (number of people, number of tickets)
        """
        return self.env.execute_query(
            SQL(
                """ SELECT count(DISTINCT partner.id), count(DISTINCT ticket.id)
                  FROM helpdesk_lite_ticket ticket
                  JOIN mail_followers follower
                    ON follower.res_model = 'helpdesk_lite.ticket' AND follower.res_id = ticket.id
                  JOIN res_partner partner ON partner.id = follower.partner_id AND partner.partner_share
                 WHERE ticket.team_id = %s
            """,
                self.id,
            )
        )[0]

    def _count_customers(self):
        """Count the customers of this team's tickets, and those tickets.

        :return: tuple (number of customers, number of tickets)
        """
        return self.env.execute_query(
            SQL(
                """ SELECT count(DISTINCT partner.id), count(*)
                  FROM helpdesk_lite_ticket ticket
                  JOIN res_partner partner ON partner.id = ticket.partner_id AND partner.active
                 WHERE ticket.team_id = %s
            """,
                self.id,
            )
        )[0]
