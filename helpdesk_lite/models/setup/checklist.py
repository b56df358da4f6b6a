from odoo import api, models
from odoo.tools import config, format_datetime

from ...tools.ids import is_id


class Setup(models.AbstractModel):
    """The checklist on the dashboard, until all of it is done.

    Administrators of the helpdesk see what is missing. What only an administrator of Odoo can open is said, and not offered.
    """

    _name = "helpdesk_lite.setup"
    _description = "Set-Up Checklist"

    @api.model
    @api.readonly
    def get_checklist(self):
        """What is done and what is missing, for the companies that the user works in.

        :return: False when all is done, else dict: ``steps``, list of dicts with ``key``, ``title``, ``text``, ``done``,
            ``ask`` (whom to ask for it, if the user cannot) and ``action`` (an action that the user can open, or its external
            id, or False); ``teams``, list of dicts with ``name``, ``address``, ``state`` and ``last`` (when the last mail for
            it arrived)
        :raise AccessError: when the user is not an administrator of the helpdesk
        """
        # who can read the incoming mail is an administrator of the helpdesk
        self.env["helpdesk_lite.mail"].check_access("read")
        teams = self.env["helpdesk_lite.team"].search([("company_id", "in", self.env.companies.ids)])
        steps = self._get_steps(teams)
        if all(step["done"] for step in steps):
            return False
        return {"steps": steps, "teams": [team._get_mail_state() for team in teams]}

    @api.model
    def _get_steps(self, teams):
        _ = self.env._
        is_system = self.env.user.has_group("base.group_system")
        ask = "" if is_system else _("An administrator of Odoo can do that.")
        with_alias = teams.filtered("alias_name")
        return [
            {
                "key": "team",
                "title": _("First team"),
                "text": _("Who answers which questions: create a team."),
                "done": bool(teams),
                "action": self._open_team(teams),
            },
            {
                "key": "members",
                "title": _("Members"),
                "text": _("Add the agents who answer, in the settings of the team."),
                "done": any(team.member_ids for team in teams),
                "action": self._open_team(teams),
            },
            {
                "key": "alias_domain",
                "title": _("Alias domain"),
                "text": _("The part of the teams' addresses after the @. Without it, no e-mail reaches a team."),
                "ask": ask,
                # before there is a team, the domain that it will get
                "done": all((with_alias or self.env.companies).mapped(lambda owner: bool(owner.alias_domain_id))),
                "action": is_system and "mail.mail_alias_domain_action",
            },
            {
                "key": "incoming",
                "title": _("Incoming mail"),
                "text": _("A mail server from which e-mails are fetched, or one that delivers them. Then test it below."),
                "ask": ask,
                "done": bool(self.env["helpdesk_lite.mail"].search_count([], limit=1)),
                "action": is_system and "mail.action_email_server_tree",
            },
            {
                "key": "outgoing",
                "title": _("Outgoing mail"),
                "text": _("The mail server that sends your answers."),
                "ask": ask,
                # sudo: administrators of the helpdesk cannot read mail servers; only whether there is one is told
                "done": bool(self.env["ir.mail_server"].sudo().search_count([], limit=1))
                or config["smtp_server"] != "localhost",
                "action": is_system and "base.action_ir_mail_server_list",
            },
        ]

    @api.model
    def _open_team(self, teams):
        """The form of the only team, or of a new one; with several teams, their list."""
        if len(teams) > 1:
            return "helpdesk_lite.team_action"
        form = {"res_model": teams._name, "res_id": teams.id, "views": [(False, "form")]}
        return {"type": "ir.actions.act_window", "name": self.env._("Helpdesk Team"), **form}

    @api.model
    @api.readonly
    def get_arrival(self, since=None):
        """The first mail that arrived after a test began.

        :param int since: id of the last mail before, 0 if there was none; without it, only that id is returned
        :return: dict with ``last`` (id) and, if one arrived, ``text``: a sentence about it, and ``ticket_id``: what it
            became, or False
        :raise AccessError: when the user is not an administrator of the helpdesk
        """
        Mail = self.env["helpdesk_lite.mail"]
        Mail.check_access("read")
        if type(since) is not int or (since and not is_id(since)):
            return {"last": Mail.search([], order="id desc", limit=1).id or 0}
        first = Mail.search([("id", ">", since)], order="id", limit=1)
        arrived = {"last": first.id or since}
        if first:
            arrived["ticket_id"] = first.ticket_ids[:1].id
            arrived["text"] = self.env._(
                "“%(subject)s” from %(sender)s arrived on %(date)s.",
                subject=first.subject or "–",
                sender=first.email_from or "–",
                date=format_datetime(self.env, first.received_on, dt_format="short"),
            )
        return arrived
