from odoo import fields, models
from odoo.sql_db import PoolError
from odoo.tools.mail import is_html_empty
from psycopg2 import OperationalError

from ..short_cursor import short_cursor

# in the order in which they are shown
PARTS = ("team", "stage", "assign", "priority", "tags", "note", "activity", "files")
# parts that change the ticket itself
CHANGES = ("team", "stage", "assign", "priority", "tags")


class ReplyActions(models.Model):
    """What a reply does beside its text: parts that are shown before they are sent, and can be left out one by one."""

    _inherit = "helpdesk_lite.reply"

    def _get_parts(self):
        """The parts that this reply has.

        :return: list of names in ``PARTS``
        """
        self.ensure_one()
        has = {
            "team": self.move_team_id,
            # the stage or the person may have been deleted
            "stage": self.stage_action and (self.stage_action != "stage" or self.stage_id),
            "assign": self.assign_action and (self.assign_action != "user" or self.assign_user_id),
            "priority": self.priority,
            "tags": self.add_tag_ids or self.remove_tag_ids,
            "note": not is_html_empty(self.note),
            "activity": self.activity_type_id,
            "files": self.attachment_ids,
        }
        return [part for part in PARTS if has[part]]

    def _describe_part(self, part, ticket, team=None):
        """Say what a part does to a ticket.

        :param str part: in ``PARTS``
        :param ticket: record of ``helpdesk_lite.ticket``
        :param team: record of ``helpdesk_lite.team`` in which the ticket will be, by default that of this reply
        :return: str
        """
        if part == "team":
            return self.env._("Team: %s", self.move_team_id.name)
        if part == "stage":
            stage = self._get_stage(ticket, team or self._get_target_team(ticket))
            return self.env._("Stage: %s", stage.name or self._get_label("stage_action"))
        if part == "assign":
            names = {
                "me": self.env.user.name,
                "user": self.assign_user_id.name,
                "team": self.env._("by the team's method"),
                "nobody": self.env._("nobody"),
            }
            return self.env._("Assigned to: %s", names[self.assign_action])
        if part == "priority":
            return self.env._("Priority: %s", self._get_label("priority"))
        if part == "tags":
            names = [*(f"+ {tag.name}" for tag in self.add_tag_ids), *(f"− {tag.name}" for tag in self.remove_tag_ids)]
            return self.env._("Tags: %s", ", ".join(names))
        if part == "note":
            return self.env._("Internal note")
        if part == "activity":
            return self.env._("Activity: %s", self.activity_summary or self.activity_type_id.name)
        return self.env._("Files: %s", ", ".join(self.attachment_ids.mapped("name")))

    def _get_label(self, name):
        return dict(self._fields[name]._description_selection(self.env))[self[name]]

    def _get_obstacle(self, part, ticket, team=None, needs=True):
        """Why the user cannot do with a ticket what a part of this reply does.

        :param team: see ``_describe_part``
        :param bool needs: whether what a stage needs and the ticket has not is an obstacle
        :return: str, a sentence; empty when they can
        """
        if part in CHANGES and (obstacle := ticket._get_change_obstacle()):
            return obstacle
        if part == "activity" and (departure := ticket._get_departure()):
            # nobody would see it there
            return departure
        if part == "team" and not self.move_team_id.active:
            return self.env._("The team “%s” is archived.", self.move_team_id.name)
        if part == "stage":
            target = team or self._get_target_team(ticket)
            explain = ticket._get_stage_obstacle if needs else ticket._get_stage_absence
            return explain(self._get_stage(ticket, target), self.stage_action, target)
        # sudo: whether somebody still works here
        if part == "assign" and self.assign_action == "user" and not self.assign_user_id.sudo().active:
            return self.env._("%s is not an active employee.", self.assign_user_id.sudo().name)  # sudo: see above
        return ""

    def _explain_obstacle(self, part, ticket, team=None, needs=True):
        """Name a part and why it cannot be done, see ``_get_obstacle``.

        :return: str, which may be empty
        """
        obstacle = self._get_obstacle(part, ticket, team, needs)
        # this sentence names its stage itself
        if not obstacle or part == "stage":
            return obstacle
        return self.env._("%(part)s – %(obstacle)s", part=self._describe_part(part, ticket, team), obstacle=obstacle)

    def _get_target_team(self, ticket):
        return self.move_team_id or ticket.team_id

    def _get_stage(self, ticket, team):
        return self.stage_id if self.stage_action == "stage" else ticket._get_stage_for(self.stage_action, team)

    def _prepare_change(self, part, ticket, team):
        """The values that a part writes.

        :param team: record of ``helpdesk_lite.team``, the one in which the ticket will be
        :return: dict of values for ``write``
        """
        if part == "team":
            return {"team_id": self.move_team_id.id}
        if part == "stage":
            return {"stage_id": self._get_stage(ticket, team).id}
        if part == "priority":
            return {"priority": self.priority}
        if part == "tags":
            return {
                "tag_ids": [
                    *(fields.Command.unlink(tag.id) for tag in self.remove_tag_ids),
                    *(fields.Command.link(tag.id) for tag in self.add_tag_ids),
                ]
            }
        # the method of the team chooses when everything else is written
        chosen = {"me": self.env.uid, "user": self.assign_user_id.id, "nobody": False}
        return {"user_id": chosen[self.assign_action]} if self.assign_action in chosen else {}

    def _copy_files(self):
        """The files of this reply for one message, as if its author had uploaded them.

        :return: list of ids of ``ir.attachment``
        """
        # sudo: whoever reads the reply may send its files
        files = self.sudo().attachment_ids
        return [file.copy({"res_model": "mail.compose.message", "res_id": 0}).id for file in files]

    def _count_uses(self, count=1):
        """Count that these replies were used, once the messages are stored: no message waits or fails for a figure."""
        ids, env = sorted(set(self.ids)), self.env

        def count_now():
            try:
                with short_cursor(env) as cr:
                    cr.execute(
                        """
                        UPDATE helpdesk_lite_reply
                           SET use_count = coalesce(use_count, 0) + %s, last_used = now() AT TIME ZONE 'UTC'
                         WHERE id IN (SELECT id FROM helpdesk_lite_reply WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE)
                        """,
                        [count, ids],
                    )
            except (OperationalError, PoolError):
                # the messages are sent; a figure is not worth an error
                return

        if ids:
            env.cr.postcommit.add(count_now)
