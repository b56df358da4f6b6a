from odoo import models
from odoo.fields import Domain


class TeamAccess(models.Model):
    """Explains who can read a team and why: the table at the top of ``security/rules.xml`` in terms of people.

    The rules decide. The tests check that the explanation agrees with them.
    """

    _inherit = "helpdesk_lite.team"

    def _access_reasons(self):
        """The users who can read this team, by reason.

        :return: dict of reason (key of ``helpdesk_lite.access._reason_labels``) to records of ``res.users``, sudoed
        """
        self.ensure_one()
        # sudo: users who can see the team may know who else can
        team = self.sudo()
        reasons = {
            "administrator": team._users_of_company("helpdesk_lite.group_manager"),
            "team_follower": team._employees_following(team),
        }
        if team.privacy_visibility != "private":
            reasons["employee"] = team._users_of_company("base.group_user")
        return reasons

    def _users_of_company(self, group, domain=Domain.TRUE):
        # archived users cannot log in, whatever the caller's context says
        return (
            self.env["res.users"]
            .with_context(active_test=True)
            .search(
                Domain("all_group_ids", "in", self.env.ref(group).ids)
                & Domain("company_ids", "in", self.company_id.ids)
                & domain
            )
        )

    def _employees_following(self, record):
        return self._users_of_company("base.group_user", Domain("partner_id", "in", record.message_partner_ids.ids))

    def action_show_access(self):
        """Open *Who Can See This*.

        :return: a window action
        """
        self.ensure_one()
        return self.env["helpdesk_lite.access"]._open(team=self)


class TicketAccess(models.Model):
    _inherit = "helpdesk_lite.ticket"

    def _access_reasons(self):
        """The users who can read this ticket, by reason, without those who only hold its access link.

        :return: dict of reason (key of ``helpdesk_lite.access._reason_labels``) to records of ``res.users``, sudoed
        """
        self.ensure_one()
        # sudo: users who can see the ticket may know who else can
        ticket = self.sudo()
        team = ticket.team_id
        reasons = team._access_reasons()
        reasons["follower"] = team._employees_following(ticket)
        reasons["assignee"] = team._users_of_company("base.group_user", Domain("id", "=", ticket.user_id.id))
        if ticket._is_open_to_links():
            reasons["customer"] = team._users_of_company(
                "base.group_portal", Domain("partner_id", "in", ticket.message_partner_ids.ids)
            )
        return reasons

    def action_show_access(self):
        """Open *Who Can See This*.

        :return: a window action
        """
        self.ensure_one()
        return self.env["helpdesk_lite.access"]._open(ticket=self)
