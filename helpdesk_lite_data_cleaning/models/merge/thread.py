from odoo import models
from odoo.tools import SQL, email_normalize


class TicketMergedThread(models.Model):
    """Answers to merged tickets, and where links to them lead.

    A mail that answers an absorbed ticket belongs to its master, if the author may write there. Whatever is
    posted on a merged ticket stays there, under its own rules; its last master is reopened, and those who work
    on that one and can read the answer are told.
    """

    _inherit = "helpdesk_lite.ticket"

    # ------------------------------------------------------------
    # WHERE ANSWERS GO
    # ------------------------------------------------------------

    def _get_thread_of_answer(self, msg_dict):
        answered = super()._get_thread_of_answer(msg_dict)
        ticket = answered._merge_get_thread(msg_dict)
        if ticket == answered and msg_dict.get("parent_id"):
            answered = ticket._merge_get_answered(msg_dict["parent_id"])
        if ticket != answered:
            msg_dict["merge_answered_id"] = answered.id
        return ticket

    def _merge_get_answered(self, parent_id):
        """The absorbed ticket that a message of this one came from, according to the journals.

        :param int parent_id: id of a ``mail.message``
        :return: record: this ticket when it did not come from another one
        """
        rows = self.env.execute_query(
            SQL(
                """ WITH RECURSIVE step AS (
                    SELECT %s AS id, 0 AS depth
                     UNION ALL
                    SELECT (move ->> 'from')::int, step.depth + 1
                      FROM step
                      JOIN helpdesk_lite_merge_journal journal
                        ON journal.master_id = step.id AND journal.undone IS NOT TRUE AND journal.kind = 'merge'
                      JOIN jsonb_array_elements(journal.moves) move
                        ON move ->> 'op' = 'move' AND move ->> 'table' = 'mail_message' AND move -> 'ids' @> to_jsonb(%s::int)
                )
                SELECT id FROM step ORDER BY depth DESC LIMIT 1
            """,
                self.id,
                parent_id,
            )
        )
        return self.browse(rows[0])

    def _merge_get_thread(self, msg_dict):
        """The ticket that a mail to this one is posted on: up through the masters that absorbed it and admit the author.

        :param dict msg_dict: the parsed mail
        :return: record
        """
        # sudo: where the mail goes must not depend on who runs the gateway
        author = self.env["res.partner"].sudo().browse(msg_dict.get("author_id") or [])
        email = email_normalize(msg_dict.get("email_from"))
        reached = self
        for master in self._merge_get_absorbers():
            if not master._merge_admits(author, email):
                break
            reached = master.with_env(self.env)
        return reached

    def _merge_admits(self, author, email):
        """Whether somebody who answers an absorbed ticket by mail may write on this one, its master.

        :param author: record of ``res.partner``, sudoed, which may be empty
        :param str email: the normalized address of the sender
        """
        users = author.user_ids.filtered(lambda user: user.active and not user.share)
        if users:
            return any(self._merge_filter_readable(user) for user in users)
        return bool({author.id, email} & self._get_merge_customer()) or bool(author & self.message_partner_ids)

    def message_post(self, **kwargs):
        """Note which absorbed ticket a mail answers.

        :return: record of ``mail.message``
        """
        answered_id = kwargs.pop("merge_answered_id", None)
        message = super().message_post(**kwargs)
        # a client that says so is not believed
        if answered_id and self.env.su:
            self.env["helpdesk_lite.merge.journal"]._add_answer(message, self.browse(answered_id))
        return message

    def _log_message(self, message, colleagues_only=False):
        """The customer of a merged ticket writes: the ticket on which that is worked on comes back from a snooze."""
        kind = super()._log_message(message, colleagues_only)
        if kind in ("customer", "remark"):
            self._merge_wake()
        return kind

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        # sudo: the message is looked at to know who wrote it
        message_sudo = message.sudo()
        author = message_sudo.author_id
        if (
            self
            and message_sudo.message_type in ("comment", "email")
            and (not author or author.partner_share)
            and (workers := self._merge_get_workers())
        ):
            partner_ids = (msg_vals or {}).get("partner_ids", message_sudo.partner_ids.ids)
            msg_vals = {**(msg_vals or {}), "partner_ids": [*partner_ids, *(workers.ids)]}
        return super()._notify_get_recipients(message, msg_vals=msg_vals, **kwargs)

    def _merge_get_workers(self):
        """Those who work on the last master of this ticket and can read this one.

        :return: records of ``res.partner``, sudoed
        """
        root = self._merge_get_path()[-1:]
        employees = self._merge_get_employees(root._get_workers().ids) if root else {}
        # sudo: the customer who answers need not see who works on it
        return (
            self.env["res.partner"]
            .sudo()
            .browse(partner_id for partner_id, user in employees.items() if self._merge_filter_readable(user))
        )

    # ------------------------------------------------------------
    # WHERE LINKS GO
    # ------------------------------------------------------------

    def _get_access_action(self, access_uid=None, force_website=False):
        """Links to a merged ticket open the ticket that took its place, for people who can see it.

        That is the last master for employees, who see joined tickets in its timeline, and for others the one that
        absorbed it.
        """
        self.ensure_one()
        user = self.env["res.users"].browse(access_uid) if access_uid else self.env.user
        # sudo: only whether they work here
        root = self._merge_get_root() if user.sudo()._is_internal() else self._merge_get_absorber()
        if root != self and root._merge_filter_readable(user):
            return root._get_access_action(access_uid=access_uid, force_website=force_website)
        return super()._get_access_action(access_uid=access_uid, force_website=force_website)

    def _merge_get_absorber(self):
        """The ticket that this one became part of; the ticket itself when it was not absorbed.

        :return: record, whether or not the user can see it
        """
        return (self._merge_get_absorbers()[-1:] or self).with_env(self.env)

    def _merge_opens_master(self, master):
        """Whether the access link of this old ticket opens the one that absorbed it: only if the customer is still the same."""
        # sudo: the link is the right to see the ticket; the visitor has no other yet
        return master._is_open_to_links() and self.sudo()._merge_has_same_customer(master.sudo())

    def _merge_get_progress(self):
        """The ticket whose state and dates the customer of this one is shown.

        :return: record, sudoed
        """
        # sudo: the state of a master is no secret to the customers of those that were joined with it
        return self.sudo()._merge_get_root()

    # ------------------------------------------------------------
    # TIME IN STAGES
    # ------------------------------------------------------------

    def _get_duration_from_tracking(self, trackings):
        """Stages of absorbed tickets do not count for this ticket."""
        foreign = (
            self.env.execute_query(
                SQL(
                    """ SELECT tracking.create_date, tracking.old_value_integer
                  FROM helpdesk_lite_merge_journal journal
                  JOIN jsonb_array_elements(journal.moves) move ON move ->> 'op' = 'move' AND move ->> 'table' = 'mail_message'
                  JOIN jsonb_array_elements_text(move -> 'ids') moved ON TRUE
                  JOIN mail_tracking_value tracking ON tracking.mail_message_id = moved::int
                 WHERE journal.master_id = %s AND journal.undone IS NOT TRUE
            """,
                    self._origin.id,
                )
            )
            if self._origin.id
            else []
        )
        return super()._get_duration_from_tracking(
            [tracking for tracking in trackings if (tracking["create_date"], tracking["old_value_integer"]) not in foreign]
        )
