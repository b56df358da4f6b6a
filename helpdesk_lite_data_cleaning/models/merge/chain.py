from itertools import takewhile

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL


class TicketChain(models.Model):
    """Which ticket was merged into which, and how. Merges can follow each other, and then form a chain.

    An *absorbed* ticket became part of its master. A *joined* one stays what it was, under its master.
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
    merge_kind = fields.Selection(
        [("absorbed", "Absorbed"), ("joined", "Joined")], readonly=True, copy=False, groups="base.group_system"
    )

    _merged_is_archived = models.Constraint(
        "CHECK (merge_target_id IS NULL OR NOT active)",
        "A ticket that was merged into another one stays archived. Undo the merge to bring it back.",
    )
    _not_into_itself = models.Constraint("CHECK (merge_target_id != id)", "A ticket cannot be merged into itself.")
    _merged_in_a_way = models.Constraint(
        "CHECK ((merge_target_id IS NULL) = (merge_kind IS NULL))", "A merged ticket is either absorbed or joined."
    )

    @api.constrains("merge_target_id")
    def _check_merge_target_id(self):
        # sudo: a circle is a circle even if the user cannot see all of it
        if self.sudo()._has_cycle("merge_target_id"):
            raise ValidationError(self.env._("Tickets cannot be merged in a circle."))

    # ------------------------------------------------------------
    # UP AND DOWN
    # ------------------------------------------------------------

    def _merge_get_path(self):
        """The tickets that this one was merged into, one after the other; the last one takes the place of all.

        :return: records, sudoed, whether or not the user can see them
        """
        self.ensure_one()
        # a ticket that was just created, or read, is known to be merged into no other; to read it for that would save nothing
        known = self._fields["merge_target_id"]._get_cache(self.env)
        if self.id in known and not known[self.id]:
            # sudo: as below
            return self.sudo().browse()
        self.flush_model(["merge_target_id"])
        targets = dict(
            self.env.execute_query(
                SQL(
                    """ WITH RECURSIVE step AS (
                        SELECT id, merge_target_id FROM helpdesk_lite_ticket WHERE id = %s
                         UNION
                        SELECT next.id, next.merge_target_id
                          FROM helpdesk_lite_ticket next JOIN step ON next.id = step.merge_target_id
                    )
                    SELECT id, merge_target_id FROM step
                """,
                    self.id,
                )
            )
        )
        path, ticket_id = [], self.id
        # each is taken once, because a circle is refused only after it was written
        while ticket_id := targets.pop(ticket_id, None):
            path.append(ticket_id)
        # sudo: where a ticket went is asked to decide what happens; who is shown it is asked again
        return self.sudo().browse(path)

    def _merge_get_absorbers(self):
        """The tickets that this one became part of, one after the other.

        :return: records, sudoed, whether or not the user can see them
        """
        path = self._merge_get_path()
        # sudo: see _merge_get_path
        steps = takewhile(lambda step: step[0].merge_kind == "absorbed", zip(self.sudo() + path, path, strict=False))
        return path.browse(master.id for _source, master in steps)

    def _merge_get_root(self):
        """The last master of this ticket, through all merges; the ticket itself when it was not merged.

        :return: record, whether or not the user can see it
        """
        return (self._merge_get_path()[-1:] or self).with_env(self.env)

    def _merge_get_kinds(self):
        """How the tickets below this one were merged into it, through all merges.

        :return: dict of id to ``absorbed``: it became part of this one; ``joined``: it did not
        """
        if not self.ids:
            return {}
        self.flush_model(["merge_target_id", "merge_kind"])
        rows = self.env.execute_query(
            SQL(
                """ WITH RECURSIVE step AS (
                    SELECT id, merge_kind FROM helpdesk_lite_ticket WHERE merge_target_id = ANY(%s)
                     UNION
                    SELECT next.id, CASE step.merge_kind WHEN 'absorbed' THEN next.merge_kind ELSE 'joined' END
                      FROM helpdesk_lite_ticket next JOIN step ON next.merge_target_id = step.id
                )
                SELECT id, merge_kind FROM step ORDER BY id
            """,
                self.ids,
            )
        )
        return dict(rows)

    def _get_absorbed(self):
        """The tickets that became part of this one: their messages and files are its own.

        :return: records, whether or not the user can see them
        """
        return self.browse(ticket_id for ticket_id, kind in self._merge_get_kinds().items() if kind == "absorbed")

    def _get_joined(self):
        """The tickets that were joined with this one and keep their own messages, files and readers.

        :return: records, whether or not the user can see them
        """
        return self.browse(ticket_id for ticket_id, kind in self._merge_get_kinds().items() if kind == "joined")

    def _get_timeline(self):
        """The tickets whose conversations are shown with this one's: those merged into it that the user can read.

        An absorbed ticket is among them for what was written there afterwards, for instance at the moment of the merge.

        :return: tuple of records: all, this one first; those of them that became part of it
        """
        self.ensure_one()
        kinds = self._merge_get_kinds()
        below = self.with_context(active_test=False).browse(kinds)
        seen = (below._filtered_access("read") if below else below).with_env(self.env)
        return self | seen, seen.filtered(lambda ticket: kinds[ticket.id] == "absorbed")

    # ------------------------------------------------------------
    # OTHER VERBS
    # ------------------------------------------------------------

    def _get_departure(self):
        # sudo: the fact of the merge is no secret; which ticket it was merged into can be one
        if self.sudo().merge_target_id:
            return self.env._("The ticket #%s was merged already.", self.number)
        return super()._get_departure()

    def _get_dependents(self):
        # sudo: see the core
        below = self.sudo().with_context(active_test=False).search([("merge_target_id", "in", self.ids)])
        return super()._get_dependents() | below

    def _reopen(self, assign=True):
        """A merged ticket stays archived: its last master is reopened, as by the system.

        The customer of a joined ticket must not be the author of what is logged on the master.
        """
        root = self._merge_get_root()
        if root == self:
            return super()._reopen(assign)
        # sudo: the customer need not see the ticket on which their answer is worked on
        return super(TicketChain, root.with_user(SUPERUSER_ID))._reopen(assign)

    def _reopen_for_customer(self, message):
        """The customer of a merged ticket answers: what that means is decided by its last master, which may be converted."""
        root = self._merge_get_root()
        if root == self:
            return super()._reopen_for_customer(message)
        # sudo: see _reopen
        return root.with_user(SUPERUSER_ID)._reopen_for_customer(message)

    def _merge_wake(self):
        """End the snooze of the last master of this ticket."""
        # sudo: the customer need not see the ticket on which theirs is worked on, or be the author of what is logged there
        root = self._merge_get_root().with_user(SUPERUSER_ID)
        if root != self and root.snooze_until:
            root.snooze_until = False

    @api.ondelete(at_uninstall=False)
    def _unlink_except_merged(self):
        # sudo: tickets that the user cannot see are protected as well
        merged = self.sudo().filtered("merge_target_id")
        if merged:
            raise UserError(
                self.env._("The ticket #%s was merged into another one. Undo the merge before you delete it.", merged[0].number)
            )
        masters = self._get_dependents().merge_target_id
        if masters:
            raise UserError(
                self.env._("Other tickets were merged into #%s. Undo the merge before you delete it.", masters[0].number)
            )
