from odoo import api, models
from odoo.tools import SQL


class TicketMergedThread(models.Model):
    """The thread of a merged ticket continues in its master, through chains of any length.

    The ticket that an answer was meant for is its origin: only people who can read that ticket
    can read the answer, and it goes back there when the merge is undone.
    """

    _inherit = "helpdesk_lite.ticket"

    # ------------------------------------------------------------
    # WHERE ANSWERS GO
    # ------------------------------------------------------------

    def _get_thread_of_answer(self, msg_dict):
        root = super()._get_thread_of_answer(msg_dict)._merge_get_root()
        origin = self._merge_get_answered(msg_dict.get("parent_id")) or (self if self != root else self.browse())
        if origin:
            msg_dict["merge_origin_id"] = origin.id
        return root

    def _merge_get_answered(self, parent_id):
        """The merged ticket that an answered message on this ticket came from.

        :param int parent_id: id of a ``mail.message``, or False
        :return: record, or empty recordset
        """
        # sudo: the message is looked at to know what is answered; it is not shown
        parent = self.env["mail.message"].sudo().browse(parent_id or []).exists()
        if parent.model == self._name and parent.res_id == self.id:
            return parent.merge_origin_id.with_env(self.env)
        return self.browse()

    def _merge_is_hidden(self, origin):
        """Whether some readers of this ticket cannot read one that was merged into it."""
        # sudo: the result must not depend on who answers
        terms = self.sudo()._merge_get_terms(origin.sudo())[origin.id]
        return not (terms.inside and terms.outside)

    def message_update(self, msg_dict, update_vals=None):
        origin = self.browse(msg_dict.get("merge_origin_id") or [])
        if not origin or not self._merge_is_hidden(origin):
            return super().message_update(msg_dict, update_vals)
        # without the carbon copies: their recipients must not learn of the master
        result = super().message_update({**msg_dict, "cc": ""}, update_vals)
        msg_dict["is_internal"] = True
        return result

    def message_post(self, **kwargs):
        """Post answers to a merged ticket in its master.

        :return: record of ``mail.message``
        """
        given = kwargs.pop("merge_origin_id", None)
        # sudo: the author need not see the master that their answer goes to
        if self.sudo().merge_target_id and self._merge_is_from_outside(kwargs):
            # sudo: people who can answer the old ticket reach the master without seeing it
            root = self._merge_get_root().sudo()
            message = root.message_post(**kwargs, merge_origin_id=self.id)
            return message.with_env(self.env)
        origin = self.browse(given if given and self.env.su else []) or self._merge_get_answered(kwargs.get("parent_id"))
        if not origin or origin._merge_get_root() != self:
            return super().message_post(**kwargs)
        hidden = self._merge_is_hidden(origin)
        if hidden and not given:
            # the agent writes to the readers of this ticket
            return super().message_post(**kwargs)
        if hidden:
            kwargs.update(is_internal=True, subtype_id=self.env.ref("mail.mt_note").id, subtype_xmlid=None)
            # sudo: the assignee is notified, although the answer became a note
            assignee = self.sudo().user_id.partner_id
            kwargs["partner_ids"] = list({*(kwargs.get("partner_ids") or []), *assignee.ids})
        message = super(
            TicketMergedThread,
            self.with_context(**({"mail_post_autofollow": False, "mail_post_autofollow_author_skip": True} if hidden else {})),
        ).message_post(**kwargs, merge_origin_id=origin.id)
        # sudo: the files of an answer must be as visible as the answer
        message.sudo().attachment_ids.filtered(
            lambda file: file.res_model == self._name and file.res_id == self.id
        ).merge_origin_id = origin.id
        if hidden and kwargs.get("message_type") in ("comment", "email") and self._merge_is_from_outside(kwargs):
            self._reopen_for_customer(message)
        return message

    def _get_message_create_valid_field_names(self):
        # only message_post passes it on, and ignores it when a client sent it
        return super()._get_message_create_valid_field_names() | {"merge_origin_id"}

    def _merge_is_from_outside(self, kwargs):
        """Whether this is a comment or an e-mail of a customer, in their own name."""
        if kwargs.get("message_type") not in ("comment", "email"):
            return False
        if kwargs.get("author_id"):
            # sudo: looked at to know who the author is
            return self.env["res.partner"].sudo().browse(kwargs["author_id"]).partner_share
        return kwargs["message_type"] == "email" or self.env.user.share

    def _reopen_for_customer(self, message):
        root = self._merge_get_root()
        return super(TicketMergedThread, root)._reopen_for_customer(message)

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        recipients = super()._notify_get_recipients(message, msg_vals=msg_vals, **kwargs)
        # sudo: looked at to remove people
        origin = message.sudo().merge_origin_id
        if not self or not origin:
            return recipients
        steps = self.browse(origin._merge_get_steps()[origin.id])
        visible = steps._merge_get_visible({recipient["id"] for recipient in recipients if recipient["id"]})
        named = set((msg_vals or {}).get("partner_ids") or message.sudo().partner_ids.ids)
        return [
            recipient
            for recipient in recipients
            if not recipient["id"] or recipient["id"] in named or visible[recipient["id"]] >= set(steps.ids)
        ]

    @api.autovacuum
    def _gc_merged_threads(self):
        """Move to the master what a customer wrote during the merge, in a transaction that did not see it yet."""
        left_behind = self.env.execute_query(
            SQL(
                """ SELECT message.res_id, array_agg(message.id)
                  FROM mail_message message
                  JOIN helpdesk_lite_ticket ticket ON ticket.id = message.res_id AND ticket.merge_target_id IS NOT NULL
             LEFT JOIN res_partner author ON author.id = message.author_id
                 WHERE message.model = %s AND message.message_type IN ('comment', 'email')
                   AND COALESCE(author.partner_share, TRUE)
                 GROUP BY message.res_id
            """,
                self._name,
            )
        )
        for source_id, message_ids in left_behind:
            # sudo: a job of the system; the messages are those of any customer
            source = self.sudo().browse(source_id)
            root = source._merge_get_root()
            moved = {"res_id": root.id, "merge_origin_id": source.id}
            hidden = {"is_internal": True, "subtype_id": self.env.ref("mail.mt_note").id}
            # sudo: see above
            messages = self.env["mail.message"].sudo().browse(message_ids)
            messages.attachment_ids.filtered(
                lambda file, source=source: file.res_model == source._name and file.res_id == source.id
            ).write(moved)
            messages.write({**moved, **(hidden if root._merge_is_hidden(source) else {})})

    # ------------------------------------------------------------
    # WHERE LINKS GO
    # ------------------------------------------------------------

    def _get_access_action(self, access_uid=None, force_website=False):
        """Links to an old ticket open the master for people who can see it."""
        self.ensure_one()
        root = self._merge_get_root()
        if root != self:
            user = self.env["res.users"].browse(access_uid) if access_uid else self.env.user
            if root.with_user(user).has_access("read"):
                return root._get_access_action(access_uid=access_uid, force_website=force_website)
        return super()._get_access_action(access_uid=access_uid, force_website=force_website)

    def _merge_opens_master(self, root):
        """Whether the access link of this old ticket opens the master: only if the customer is the same."""
        self.ensure_one()
        # sudo: the link is the right to see the ticket; the visitor has no other yet
        return root._is_open_to_links() and self.sudo()._merge_has_same_customer(root.sudo())

    # ------------------------------------------------------------
    # TIME IN STAGES
    # ------------------------------------------------------------

    def _get_duration_from_tracking(self, trackings):
        """Stages of merged tickets do not count for this ticket."""
        foreign = (
            self.env.execute_query(
                SQL(
                    """ SELECT tracking.create_date, tracking.old_value_integer
                  FROM mail_message message JOIN mail_tracking_value tracking ON tracking.mail_message_id = message.id
                 WHERE message.model = %s AND message.res_id = %s AND message.merge_origin_id IS NOT NULL
            """,
                    self._name,
                    self._origin.id,
                )
            )
            if self._origin.id
            else []
        )
        return super()._get_duration_from_tracking(
            [tracking for tracking in trackings if (tracking["create_date"], tracking["old_value_integer"]) not in foreign]
        )
