from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL


class TicketChain(models.Model):
    """Which ticket was merged into which. Merges can follow each other, and then form a chain.

    The last ticket of a chain takes the place of all the others.
    """

    _inherit = "helpdesk_lite.ticket"

    merge_target_id = fields.Many2one(
        "helpdesk_lite.ticket",
        "Master",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups="base.group_system",
    )

    _merged_is_archived = models.Constraint(
        "CHECK (merge_target_id IS NULL OR NOT active)",
        "A ticket that was merged into another one stays archived. Undo the merge to bring it back.",
    )
    _not_into_itself = models.Constraint("CHECK (merge_target_id != id)", "A ticket cannot be merged into itself.")

    @api.constrains("merge_target_id")
    def _check_merge_target_id(self):
        # sudo: a circle is a circle even if the user cannot see all of it
        if self.sudo()._has_cycle("merge_target_id"):
            raise ValidationError(self.env._("Tickets cannot be merged in a circle."))

    def _merge_get_steps(self):
        """The tickets on the way from each of these tickets to the last master.

        :return: dict of id to list of ids, starting with the ticket itself, without the last master
        """
        rows = self.env.execute_query(
            SQL(
                """ WITH RECURSIVE step AS (
                    SELECT id AS origin_id, id, merge_target_id FROM helpdesk_lite_ticket WHERE id = ANY(%s)
                     UNION
                    SELECT step.origin_id, next.id, next.merge_target_id
                      FROM helpdesk_lite_ticket next JOIN step ON next.id = step.merge_target_id
                )
                SELECT origin_id, id FROM step WHERE merge_target_id IS NOT NULL
            """,
                self.ids,
            )
        )
        steps = {ticket_id: [] for ticket_id in self.ids}
        for origin_id, step_id in rows:
            steps[origin_id].append(step_id)
        return steps

    def _merge_get_root(self):
        """The last master of this ticket, through all merges; the ticket itself when it was not merged.

        :return: record
        """
        self.ensure_one()
        self.flush_model(["merge_target_id"])
        rows = self.env.execute_query(
            SQL(
                """ WITH RECURSIVE step AS (
                    SELECT id, merge_target_id FROM helpdesk_lite_ticket WHERE id = %s
                     UNION
                    SELECT next.id, next.merge_target_id
                      FROM helpdesk_lite_ticket next JOIN step ON next.id = step.merge_target_id
                )
                SELECT id FROM step WHERE merge_target_id IS NULL
            """,
                self.id,
            )
        )
        return self.browse(rows[0]) if rows else self
