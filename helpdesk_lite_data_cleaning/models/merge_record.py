from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL


class MergeRecord(models.Model):
    """One ticket of a group of duplicates."""

    _name = "helpdesk_lite.merge.record"
    _description = "Duplicate Ticket"
    _order = "is_master desc, similarity desc, id"

    group_id = fields.Many2one("helpdesk_lite.merge.group", required=True, readonly=True, index=True, ondelete="cascade")
    ticket_id = fields.Many2one("helpdesk_lite.ticket", required=True, readonly=True, index=True, ondelete="cascade")
    is_master = fields.Boolean("Is Master", help="The ticket that stays. All the others are merged into it.")
    similarity = fields.Float("Similarity (%)", readonly=True, digits=(5, 1), help="To the master.")
    explanation = fields.Char("Matching Words", readonly=True)

    # what the page shows of the ticket
    ticket_number = fields.Char(related="ticket_id.number", string="Number")
    ticket_name = fields.Char(related="ticket_id.name", string="Name")
    ticket_create_date = fields.Datetime(related="ticket_id.create_date", string="Created on")

    _one_master = models.UniqueIndex("(group_id) WHERE is_master")
    _ticket_once = models.Constraint("UNIQUE(group_id, ticket_id)", "A ticket can be in a group only once.")

    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        query = super()._search(domain, *args, bypass_access=bypass_access, **kwargs)
        if not (self.env.su or bypass_access):
            hidden = self.env["helpdesk_lite.merge.group"]._get_hidden_condition(
                SQL.identifier(self._table, "group_id"),
            )
            query.add_where(SQL("NOT %s", hidden))
        return query

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if self.env.su or not self:
            return result
        forbidden, error = result or (self.browse(), None)
        # sudo: the groups are looked at to decide about access
        groups = (self - forbidden).sudo().group_id.with_env(self.env)._filter_hidden()
        # sudo: see above
        hidden = self.filtered(lambda record: record.sudo().group_id.id in groups.ids)
        if not hidden:
            return result
        return forbidden | hidden, error or (
            lambda: AccessError(self.env._("Only who may change every ticket of this group may see the group."))
        )
