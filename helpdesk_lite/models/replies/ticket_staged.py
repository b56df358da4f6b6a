from datetime import timedelta
from typing import NamedTuple

from markupsafe import Markup
from odoo import fields, models
from odoo.exceptions import UserError, ValidationError

from ...tools.ids import is_id
from ..pipeline.ticket_needs import MissingNeeds
from .reply_actions import CHANGES, PARTS
from .ticket_moves import THEN

MOST_REPLIES = 10


class Staged(NamedTuple):
    """What is sent together with a message: pairs of a reply and the names of its parts that are kept, and a last move."""

    replies: list
    then: str | None


class TicketStaged(models.Model):
    """Carries out what an agent staged beside a message, in the same transaction and with the agent's own rights.

    It is done after the message, because an answer may move the ticket by itself: what was chosen wins.
    """

    _inherit = "helpdesk_lite.ticket"

    def message_post(self, **kwargs):
        """Post a message, with what was staged beside it.

        :param list staged_replies: pairs of the id of a reply and the list of names of its parts that are kept
        :param str then: "solve" or "wait"
        :raise UserError: when something of it cannot be done; the message is not posted either
        :return: record of ``mail.message``
        """
        staged = self._read_staged(kwargs.pop("staged_replies", None), kwargs.pop("then", None))
        if not (staged.replies or staged.then):
            return super().message_post(**kwargs)
        self.ensure_one()
        # sudo(False): whoever calls as superuser does so for the user of the request, such as the route of the composer
        ticket = self.sudo(False)
        ticket._refuse_staged(staged)
        files = [file for reply, parts in staged.replies if "files" in parts for file in reply._copy_files()]
        if files:
            kwargs["attachment_ids"] = [*(kwargs.get("attachment_ids") or []), *files]
        message = super().message_post(**kwargs)
        try:
            ticket._carry_out(staged)
        except MissingNeeds as error:
            # the dialog moves the ticket alone: whoever fills it in must know that the answer has not gone out
            explanation, action, *button = error.args
            action = {**action, "context": {**action["context"], "default_is_message_waiting": True}}
            raise MissingNeeds(explanation, action, *button) from error
        return message

    def _read_staged(self, replies, then):
        """Read what a client sent.

        :return: :class:`Staged`
        :raise ValidationError: when it has another form
        :raise AccessError: when the user cannot read one of the replies
        """
        if not replies and not then:
            return Staged([], None)
        if (
            then not in (None, False, *THEN)
            or not isinstance(replies or [], (list, tuple))
            or len(replies or ()) > MOST_REPLIES
            or not all(_is_pair(pair) for pair in replies or ())
        ):
            raise ValidationError(self.env._("What is to be done with the ticket was sent in a form that is not understood."))
        # sudo(False): a reply is chosen with the rights of the user of the request
        Reply = self.sudo(False).env["helpdesk_lite.reply"]
        pairs = [(Reply.browse(reply_id).exists(), set(parts)) for reply_id, parts in replies or ()]
        if not all(reply for reply, _parts in pairs):
            raise UserError(self.env._("A reply that you chose was deleted. Remove it, then send again."))
        for reply, _parts in pairs:
            reply.check_access("read")
        # what was taken out of the reply since then is not done
        return Staged([(reply, parts & set(reply._get_parts())) for reply, parts in pairs], then or None)

    def _refuse_staged(self, staged):
        """:raise UserError: when the user cannot do what is staged"""
        team = self._get_staged_team(staged)
        obstacles = [
            obstacle
            for reply, parts in staged.replies
            for part in PARTS
            # the needs of a stage are asked for when everything is written: the dialog lets them be filled in
            if part in parts and (obstacle := reply._explain_obstacle(part, self, team, needs=False))
        ]
        if staged.then:
            obstacle = self._get_change_obstacle()
            obstacle = obstacle or self._get_stage_absence(self._get_stage_for(staged.then, team), staged.then, team)
            obstacles += [obstacle] if obstacle else []
        if obstacles:
            raise UserError(
                self.env._("Nothing was sent, because this cannot be done with the ticket.") + "\n\n" + "\n".join(obstacles)
            )

    def _get_staged_team(self, staged):
        """The team in which the ticket will be once everything is done: its stages are meant, whichever reply names them.

        :return: record of ``helpdesk_lite.team``
        """
        moves = [reply.move_team_id for reply, parts in staged.replies if "team" in parts]
        return moves[-1] if moves else self.team_id

    def _carry_out(self, staged):
        """Do what is staged, in one write.

        :param Staged staged: the parts of replies that are kept
        """
        for reply, parts in staged.replies:
            if "note" in parts:
                self._log_reply_note(reply)
            if "activity" in parts:
                self._plan_reply_activity(reply, parts)
        values, team = {}, self._get_staged_team(staged)
        for reply, parts in staged.replies:
            for part in CHANGES:
                if part in parts:
                    change = reply._prepare_change(part, self, team)
                    if "tag_ids" in change:
                        change["tag_ids"] = [*values.get("tag_ids", ()), *change["tag_ids"]]
                    values |= change
        if staged.then:
            values["stage_id"] = self._get_stage_for(staged.then, team).id
        if values:
            self.write(values)
        if any("assign" in parts and reply.assign_action == "team" for reply, parts in staged.replies):
            self._assign_by_reply()
        replies = self.env["helpdesk_lite.reply"].union(*(reply for reply, _parts in staged.replies))
        replies._count_uses()

    def _log_reply_note(self, reply):
        note = reply._render_for(self, body=reply.note).body
        self.message_post(body=Markup(note), subtype_xmlid="mail.mt_note", message_type="comment")

    def _plan_reply_activity(self, reply, parts):
        user = reply.assign_user_id if "assign" in parts and reply.assign_action == "user" else self.env.user
        self.activity_schedule(
            date_deadline=fields.Date.context_today(self) + timedelta(days=reply.activity_days),
            activity_type_id=reply.activity_type_id.id,
            summary=reply.activity_summary or False,
            user_id=user.id,
        )

    def _assign_by_reply(self):
        # sudo: the team decides, whoever asks; who is chosen may see the ticket
        team = self.sudo().team_id
        if not self.sudo().is_closed:  # sudo: the user may have lost sight of the ticket by moving it
            self.sudo()._assign(team, team._get_assignable_users())


def _is_pair(pair):
    return (
        isinstance(pair, (list, tuple))
        and len(pair) == 2
        and is_id(pair[0])
        and isinstance(pair[1], (list, tuple))
        and all(isinstance(part, str) for part in pair[1])
    )
