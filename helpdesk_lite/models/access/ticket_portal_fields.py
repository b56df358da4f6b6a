from odoo import api, models
from odoo.fields import Domain

from ..guards.held_answers import answer_of

# fields that the portal shows, searches, sorts and groups by, and fields that Odoo reads as the portal user
# when they post or open a link (company and token, which give no access beyond what they have anyway)
PORTAL_FIELDS = frozenset(
    {
        "id",
        "display_name",
        "number",
        "name",
        "description",
        "active",
        "access_url",
        "team_id",
        "stage_id",
        "is_closed",
        "create_date",
        "opened_on",
        "date_last_stage_update",
        "close_date",
        "message_is_follower",
        "company_id",
        "access_token",
    }
)
# instead of the default order
PORTAL_ORDER = "opened_on desc, id desc"


class TicketPortalFields(models.Model):
    """The fields of their tickets that customers may read and use in domains, orders and groups.

    All other fields are refused: a domain on internal notes would reveal them letter by letter. New
    fields are closed to customers until they are listed here or in a bridge.
    """

    _inherit = "helpdesk_lite.ticket"

    @api.model
    def _get_portal_fields(self):
        """The names of the fields that customers may read; bridges add theirs.

        :return: set of str
        """
        return PORTAL_FIELDS

    @api.model
    def _has_field_access(self, field, operation):
        if not super()._has_field_access(field, operation):
            return False
        # the ORM asks for each value of each record: in a list of 80 that was half of the time
        if self.env.su or answer_of(self.env, ("internal",), lambda: self.env.user._is_internal()):
            return True
        return operation == "read" and field.name in self._get_portal_fields()

    def _order_to_sql(self, order, query, alias=None, reverse=False):
        """The priority, which comes first in the order of agents, is none of the customers' business."""
        if order == self._order and not self.env.su and not self.env.user._is_internal():
            order = PORTAL_ORDER
        return super()._order_to_sql(order, query, alias, reverse)

    @api.model
    def _search_display_name(self, operator, value):
        if self.env.su or self.env.user._is_internal():
            return super()._search_display_name(operator, value)
        # customers may search only by the two fields that the display name consists of
        names = [Domain(fname, operator, value) for fname in ("number", "name")]
        return Domain.AND(names) if operator in Domain.NEGATIVE_OPERATORS else Domain.OR(names)
