from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

KINDS = [("relates", "Related to"), ("follow_up", "Follow-up of"), ("part", "Part of")]
# in these, the two sides are not the same
DIRECTED = ("follow_up", "part")


class Relation(models.Model):
    """One ticket has to do with another: it is related to it, a follow-up of it, or a part of it.

    Rows are made and removed, and never changed. They are for those who can read both tickets: for everybody else there is
    nothing, so that no count tells of a hidden ticket. A ticket can be a part of several: were it limited to one, the refusal
    of a second one would tell of the first.
    """

    _name = "helpdesk_lite.relation"
    _description = "Relation of Tickets"
    _inherit = ["helpdesk_lite.attached.mixin", "helpdesk_lite.links.mixin", "helpdesk_lite.search.mixin"]
    _order = "id"
    _rec_name = "kind"

    ticket_id = fields.Many2one("helpdesk_lite.ticket", required=True, index=True, ondelete="cascade")
    kind = fields.Selection(KINDS, required=True)
    other_id = fields.Many2one("helpdesk_lite.ticket", "Other Ticket", required=True, index=True, ondelete="cascade")

    _not_itself = models.Constraint("CHECK (ticket_id != other_id)", "A ticket has no relation to itself.")
    # also the other way round: no ticket is a part of its own part
    _once = models.UniqueIndex(
        "(kind, (LEAST(ticket_id, other_id)), (GREATEST(ticket_id, other_id)))",
        "These two tickets are related in this way already.",
    )

    @api.constrains("ticket_id", "other_id", "kind")
    def _check_circle(self):
        """Refuse a ticket that is a part or a follow-up of itself, through however many others.

        Hidden tickets count, or there would be a circle: that is all that the refusal can tell of them.
        """
        directed = self.filtered(lambda relation: relation.kind in DIRECTED)
        if not directed:
            return
        self.flush_model()
        # UNION and not UNION ALL: it ends, even in a circle that merging has made
        circles = self.env.execute_query(
            SQL(
                """ WITH RECURSIVE above AS (
                    SELECT relation.ticket_id AS start, relation.kind, relation.other_id AS id
                      FROM helpdesk_lite_relation relation WHERE relation.id = ANY(%s)
                     UNION
                    SELECT above.start, above.kind, next.other_id
                      FROM above JOIN helpdesk_lite_relation next ON next.ticket_id = above.id AND next.kind = above.kind
                )
                SELECT 1 FROM above WHERE id = start LIMIT 1
            """,
                directed.ids,
            )
        )
        if circles:
            self._refuse_circle()

    @api.model
    def _refuse_circle(self):
        """:raise ValidationError: always"""
        raise ValidationError(self.env._("A ticket cannot be a part or a follow-up of itself, not even through others."))

    def _get_guard(self):
        # one condition for both sides, because the rules cost statements each time they are asked
        seen = self.env["helpdesk_lite.ticket"]._is_visible(SQL.identifier("side", "id"))
        return SQL(
            "NOT EXISTS (SELECT FROM unnest(ARRAY[%s, %s]) AS side (id) WHERE (%s) IS NOT TRUE)",
            SQL.identifier(self._table, "ticket_id"),
            SQL.identifier(self._table, "other_id"),
            seen,
        )
