from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import SQL


class MergeGroupVisibility(models.AbstractModel):
    """Groups and their lines exist only for users who can change every ticket in the group.

    Even the number of groups would tell others about tickets that they cannot see.
    """

    _name = "helpdesk_lite.merge.group.visibility"
    _description = "Visible to Those Who Can Change Every Ticket"
    _inherit = ["helpdesk_lite.links.mixin", "helpdesk_lite.search.mixin"]

    # the column that holds the id of the group
    _group_column = "group_id"

    def _get_groups(self):
        """The groups of these records.

        :return: records of ``helpdesk_lite.merge.group``
        """
        return self.group_id

    @api.model
    def _get_hidden_condition(self):
        """Condition on a row: its group holds a ticket that the user cannot change.

        :return: SQL
        """
        Ticket = self.env["helpdesk_lite.ticket"].with_context(active_test=False)
        readable = Ticket._search([])
        writable = Ticket._search(self.env["ir.rule"]._compute_domain(Ticket._name, "write"), bypass_access=True)
        for query in (readable, writable):
            # followed by its id through the primary key
            query.add_where(SQL("%s = line.ticket_id", SQL.identifier(query.table, "id")))
        return SQL(
            """EXISTS (SELECT FROM helpdesk_lite_merge_record line
                        WHERE line.group_id = %s AND NOT (EXISTS %s AND EXISTS %s))""",
            SQL.identifier(self._table, self._group_column),
            readable.subselect(),
            writable.subselect(),
        )

    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        query = super()._search(domain, *args, bypass_access=bypass_access, **kwargs)
        if not (self.env.su or bypass_access):
            query.add_where(SQL("NOT %s", self._get_hidden_condition()))
        return query

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if self.env.su or not self:
            return result
        forbidden, error = result or (self.browse(), None)
        hidden = (self - forbidden)._filter_hidden()
        if not hidden:
            return result
        return forbidden | hidden, error or (
            lambda: AccessError(self.env._("You can see this group only if you can change every ticket in it."))
        )

    def _filter_hidden(self):
        """Those of these records whose group holds a ticket that the user cannot change."""
        # sudo: the tickets are looked at to decide about access
        lines = self.sudo()._get_groups().record_ids
        allowed = lines.ticket_id.with_env(self.env)._filtered_access("read")._filtered_access("write")
        allowed_ids = set(allowed.ids)
        hidden = lines.filtered(lambda line: line.ticket_id.id not in allowed_ids).group_id
        # sudo: see above
        return self.filtered(lambda record: record.sudo()._get_groups() & hidden)
