from odoo import api, fields, models
from odoo.addons.helpdesk_lite.models.access.ir_attachment import SEPARATOR
from odoo.addons.mail.tools.discuss import Store
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import consteq


class MergeOrigin(models.AbstractModel):
    """What came to a ticket by a merge, and stays as visible as it was.

    The master's readers see it only where they also see every ticket that it came through.
    So nobody reads after a merge what they could not read before, in whatever way the
    tickets' audiences differ, and no message has to be left behind.
    """

    _name = "helpdesk_lite.merge.origin"
    _description = "Came by a Merge of Tickets"
    _order = "id"

    merge_origin_id = fields.Many2one(
        "helpdesk_lite.ticket", "Merged from", readonly=True, copy=False, index="btree_not_null", ondelete="set null",
        groups="base.group_system",
    )

    @api.model
    def _get_origin_domain(self):
        """What the user may see as far as merges are concerned.

        Asked with every search but a superuser's: ``bypass_access`` is how stock says that a record's
        readers read all that hangs on it, which is just what is not so after a merge.

        :return: Domain
        """
        if self.env.su:
            return Domain.TRUE
        Ticket = self.env["helpdesk_lite.ticket"].with_context(active_test=False)
        if not Ticket.has_access("read"):
            return Domain.custom(
                to_sql=lambda model, alias, query: SQL("%s IS NULL", SQL.identifier(alias, "merge_origin_id")),
            )

        def to_sql(model, alias, query):
            origin = SQL.identifier(alias, "merge_origin_id")
            readable = Ticket._search([])
            readable.add_where(SQL("%s = step.id", SQL.identifier(readable.table, "id")))
            return SQL(
                """ (%(origin)s IS NULL OR NOT EXISTS (
                        WITH RECURSIVE step AS (
                            SELECT id, merge_target_id FROM helpdesk_lite_ticket WHERE id = %(origin)s
                             UNION
                            SELECT next.id, next.merge_target_id
                              FROM helpdesk_lite_ticket next JOIN step ON next.id = step.merge_target_id
                        )
                        SELECT FROM step WHERE merge_target_id IS NOT NULL AND NOT EXISTS %(readable)s
                    ))
                """, origin=origin, readable=readable.subselect(),
            )

        return Domain.custom(to_sql=to_sql)

    def _hide_by_origin(self, result):
        """Take what the user may not see because of a merge out of a check of access.

        :param result: what ``_check_access`` of the model said
        :return: the same, widened
        """
        if self.env.su or not self.ids:
            return result
        forbidden, error = result or (self.browse(), None)
        left = self - forbidden
        # sudo: where it came from is looked at to decide about access
        moved = left.sudo().filtered("merge_origin_id")
        if not moved:
            return result
        steps = moved.merge_origin_id._merge_get_steps()
        tickets = self.env["helpdesk_lite.ticket"].browse({step for path in steps.values() for step in path})
        seen = set(tickets._filtered_access("read").ids) if tickets.browse().has_access("read") else set()
        hidden = moved.filtered(lambda record: not seen.issuperset(steps[record.merge_origin_id.id])).with_env(self.env)
        if not hidden:
            return result
        return forbidden | hidden, error or (lambda: self.env["ir.rule"]._make_access_error("read", hidden))


class MailMessage(models.Model):
    _name = "mail.message"
    _inherit = ["mail.message", "helpdesk_lite.merge.origin"]

    @api.model
    def _search(self, domain, *args, **kwargs):
        return super()._search(Domain(domain) & self._get_origin_domain(), *args, **kwargs)

    def _check_access(self, operation):
        return self._hide_by_origin(super()._check_access(operation))

    def _to_store_defaults(self, target):
        fields_to_store = super()._to_store_defaults(target)
        if target.is_internal(self.env):
            # sudo: who reads the message reads the ticket that it came from
            fields_to_store.append(Store.Attr(
                "merge_origin",
                value=lambda message: {
                    "id": message.sudo().merge_origin_id.id, "number": message.sudo().merge_origin_id.number,
                },
                predicate=lambda message: message.sudo().merge_origin_id,
            ))
        return fields_to_store


class MailActivity(models.Model):
    _name = "mail.activity"
    _inherit = ["mail.activity", "helpdesk_lite.merge.origin"]

    @api.model
    def _search(self, domain, *args, **kwargs):
        return super()._search(Domain(domain) & self._get_origin_domain(), *args, **kwargs)

    def _check_access(self, operation):
        return self._hide_by_origin(super()._check_access(operation))


class MailScheduledMessage(models.Model):
    _name = "mail.scheduled.message"
    _inherit = ["mail.scheduled.message", "helpdesk_lite.merge.origin"]

    @api.model
    def _search(self, domain, *args, **kwargs):
        return super()._search(Domain(domain) & self._get_origin_domain(), *args, **kwargs)

    def _check_access(self, operation):
        return self._hide_by_origin(super()._check_access(operation))


class IrAttachment(models.Model):
    _name = "ir.attachment"
    _inherit = ["ir.attachment", "helpdesk_lite.merge.origin"]

    @api.model
    def _search(self, domain, *args, **kwargs):
        return super()._search(Domain(domain) & self._get_origin_domain(), *args, **kwargs)

    def _check_access(self, operation):
        return self._hide_by_origin(super()._check_access(operation))

    def _check_link_signature(self, token):
        """Links to a file that were handed out with the old ticket open it as before."""
        known = super()._check_link_signature(token)
        # sudo: the link is the right to read the file, so it is compared before there is one
        origin = self.sudo().merge_origin_id
        if known is None and origin and isinstance(token, str):
            plain, _separator, signature = token.partition(SEPARATOR)
            if origin._is_open_to_links() and origin.access_token and signature.isascii() and consteq(
                self._get_link_signature(origin), signature,
            ):
                return plain
        return known
