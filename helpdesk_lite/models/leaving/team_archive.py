from odoo import api, fields, models
from odoo.addons.mail.tools.alias_error import AliasError
from odoo.exceptions import ValidationError
from odoo.http import request


class TeamArchive(models.Model):
    """What becomes of the tickets and e-mails of a team when it is archived.

    Its public form is closed. A new e-mail goes to the team in ``redirect_team_id``, or bounces with a sentence. It
    never becomes an acknowledged ticket that nobody sees. Answers still reach the tickets that they belong to.
    """

    _inherit = "helpdesk_lite.team"

    redirect_team_id = fields.Many2one(
        "helpdesk_lite.team",
        "Redirect E-mails to",
        check_company=True,
        ondelete="set null",
        copy=False,
        help="New e-mails to this archived team become tickets of that team. If it is empty, the senders are told that "
        "the address is not in use any more.",
    )

    @api.constrains("redirect_team_id")
    def _check_redirect_team_id(self):
        for team in self:
            if team.redirect_team_id == team:
                raise ValidationError(self.env._("The team “%s” cannot redirect its e-mails to itself.", team.name))

    def _get_receiving_team(self):
        """The team that new e-mails to this team go to.

        :return: this team or the one it redirects to, sudoed; an empty record when the chain ends at an archived team
        """
        # sudo: the gateway's user and the senders need not have access to teams
        team, seen = self.sudo(), self.browse()
        while team and not team.active:
            seen |= team
            team = team.redirect_team_id - seen
        return team

    def _alias_get_error(self, message, message_dict, alias):
        if not self._get_receiving_team():
            return AliasError("team_archived", self.env._("the team is archived"))
        return super()._alias_get_error(message, message_dict, alias)

    def action_archive(self):
        """Archive teams. In the web client, a dialog asks first what becomes of their tickets and e-mails.

        :return: a window action, or what standard Odoo returns
        """
        # other callers do not expect a dialog: their teams are archived, and e-mails bounce
        by_hand = bool(request) and request.httprequest.path == "/web/dataset/call_kw/helpdesk_lite.team/action_archive"
        if by_hand and (teams := self.filtered("active")):
            return self.env["helpdesk_lite.team.archive"]._ask(teams)
        return super().action_archive()
