from odoo import models
from odoo.fields import Domain


class TeamAccess(models.Model):
    """Why somebody may read a team: the table on top of ``security/rules.xml`` in terms of people.

    The rules decide, this explains; the tests hold the one against the other.
    """

    _inherit = "helpdesk_lite.team"

    def _access_reasons(self):
        """Who may read this team, by reason.

        :return: dict of reason (key of ``_reason_labels`` in ``wizard/access.py``) to records of ``res.users``, sudoed
        """
        self.ensure_one()
        # sudo: who sees the team is told who else does
        team = self.sudo()
        reasons = {
            "administrator": team._users_of_company("helpdesk_lite.group_manager"),
            "team_follower": team._employees_following(team),
        }
        if team.privacy_visibility != "private":
            reasons["employee"] = team._users_of_company("base.group_user")
        return reasons

    def _users_of_company(self, group, domain=Domain.TRUE):
        # whoever is archived cannot log in, wherever this is asked from
        return self.env["res.users"].with_context(active_test=True).search(
            Domain("all_group_ids", "in", self.env.ref(group).ids) & Domain("company_ids", "in", self.company_id.ids) & domain,
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
        """Who may read this ticket, by reason; links are not people and not in it.

        :return: dict of reason (key of ``_reason_labels`` in ``wizard/access.py``) to records of ``res.users``, sudoed
        """
        self.ensure_one()
        # sudo: who sees the ticket is told who else does
        ticket = self.sudo()
        team = ticket.team_id
        reasons = team._access_reasons()
        reasons["follower"] = team._employees_following(ticket)
        reasons["assignee"] = team._users_of_company("base.group_user", Domain("id", "=", ticket.user_id.id))
        if ticket._is_open_to_links():
            reasons["customer"] = team._users_of_company(
                "base.group_portal", Domain("partner_id", "in", ticket.message_partner_ids.ids),
            )
        return reasons

    def action_show_access(self):
        """Open *Who Can See This*.

        :return: a window action
        """
        self.ensure_one()
        return self.env["helpdesk_lite.access"]._open(ticket=self)
