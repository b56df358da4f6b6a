from odoo import api, fields, models
from odoo.addons.helpdesk_lite.models.access.ir_attachment import SEPARATOR
from odoo.addons.mail.tools.discuss import Store
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import consteq

# the models that have an origin; each is extended below
ORIGIN_MODELS = ("mail.message", "mail.activity", "mail.scheduled.message", "ir.attachment")


class MergeOrigin(models.AbstractModel):
    """Content that a merge moved to another ticket, and that stays as visible as it was.

    A reader of the master sees it only if they can also see every ticket that it came through. So
    nobody reads more after a merge than before, however the visibility of the tickets differs, and
    no message has to be left behind.

    The models below have it as their first base, so that it runs before the core's and Odoo's own
    ``_search`` and ``_check_access``: it restricts what these look at.
    """

    _name = "helpdesk_lite.merge.origin"
    _description = "Moved by a Merge of Tickets"

    merge_origin_id = fields.Many2one(
        "helpdesk_lite.ticket",
        "Merged from",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups="base.group_system",
    )

    @api.model
    def _get_origin_domain(self):
        """The records that no merge hides from the user.

        It applies to every search except a superuser's, also with ``bypass_access``: Odoo uses that
        where the readers of a record may read everything attached to it, which is not so after a merge.

        :return: Domain
        """
        if self.env.su:
            return Domain.TRUE
        Ticket = self.env["helpdesk_lite.ticket"].with_context(active_test=False)
        if not Ticket.has_access("read"):
            return Domain.custom(to_sql=lambda model, alias, query: SQL("%s IS NULL", SQL.identifier(alias, "merge_origin_id")))

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
                """,
                origin=origin,
                readable=readable.subselect(),
            )

        return Domain.custom(to_sql=to_sql)

    @api.model
    def _search(self, domain, *args, **kwargs):
        return super()._search(Domain(domain) & self._get_origin_domain(), *args, **kwargs)

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if self.env.su or not self.ids:
            return result
        forbidden, error = result or (self.browse(), None)
        # sudo: the origin is looked at to decide about access
        moved = (self - forbidden).sudo().filtered("merge_origin_id")
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
    _inherit = ["helpdesk_lite.merge.origin", "mail.message"]

    def _to_store_defaults(self, target):
        fields_to_store = super()._to_store_defaults(target)
        if target.is_internal(self.env):
            # sudo: a reader of the message can read the ticket that it came from
            fields_to_store.append(
                Store.Attr(
                    "merge_origin",
                    value=lambda message: {
                        "id": message.sudo().merge_origin_id.id,
                        "number": message.sudo().merge_origin_id.number,
                    },
                    predicate=lambda message: message.sudo().merge_origin_id,
                )
            )
        return fields_to_store


class MailActivity(models.Model):
    _name = "mail.activity"
    _inherit = ["helpdesk_lite.merge.origin", "mail.activity"]


class MailScheduledMessage(models.Model):
    _name = "mail.scheduled.message"
    _inherit = ["helpdesk_lite.merge.origin", "mail.scheduled.message"]


class IrAttachment(models.Model):
    _name = "ir.attachment"
    _inherit = ["helpdesk_lite.merge.origin", "ir.attachment"]

    def _check_link_signature(self, token):
        """Links to a file that were handed out with the old ticket still open it."""
        known = super()._check_link_signature(token)
        # sudo: the link is the right to read the file, so it is compared before there is one
        origin = self.sudo().merge_origin_id
        if known is None and origin and isinstance(token, str):
            plain, _separator, signature = token.partition(SEPARATOR)
            if (
                origin._is_open_to_links()
                and origin.access_token
                and signature.isascii()
                and consteq(self._get_link_signature(origin), signature)
            ):
                return plain
        return known
