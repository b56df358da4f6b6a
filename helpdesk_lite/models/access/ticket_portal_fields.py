from odoo import api, models
from odoo.fields import Domain

# what the portal shows, what its list is searched, sorted and grouped by, and what Odoo reads of a record in
# the name of who posts there or comes by a link (company, token: it opens to them what they read anyway)
PORTAL_FIELDS = frozenset({
    "id", "display_name", "number", "name", "description", "active", "access_url",
    "team_id", "stage_id", "is_closed", "priority",
    "create_date", "date_last_stage_update", "close_date",
    "message_is_follower", "company_id", "access_token",
})


class TicketPortalFields(models.Model):
    """The fields of their tickets that customers may read, and so ask for in any way.

    Any other field is refused to them: a domain on internal notes would spell them out, letter by
    letter. A new field is closed to customers until somebody opens it here or in a bridge.
    """

    _inherit = "helpdesk_lite.ticket"

    @api.model
    def _get_portal_fields(self):
        """Names of the fields that customers may read; bridges add theirs.

        :return: set of str
        """
        return PORTAL_FIELDS

    @api.model
    def _has_field_access(self, field, operation):
        if not super()._has_field_access(field, operation):
            return False
        if self.env.su or self.env.user._is_internal():
            return True
        return operation == "read" and field.name in self._get_portal_fields()

    @api.model
    def _search_display_name(self, operator, value):
        if self.env.su or self.env.user._is_internal():
            return super()._search_display_name(operator, value)
        # customers know a ticket by what its name is made of
        names = [Domain(fname, operator, value) for fname in ("number", "name")]
        return Domain.AND(names) if operator in Domain.NEGATIVE_OPERATORS else Domain.OR(names)

    # ------------------------------------------------------------
    # WHAT FOLLOWS FROM A POST
    # ------------------------------------------------------------

    def _message_post_after_hook(self, message, msg_values):
        # sudo: a message that a customer was allowed to post has all its consequences, see _as_seen_inside
        return super(TicketPortalFields, self._as_seen_inside())._message_post_after_hook(message, msg_values)

    def _notify_thread(self, message, msg_vals=False, **kwargs):
        # sudo: colleagues are told of what a customer was allowed to post, see _as_seen_inside
        return super(TicketPortalFields, self._as_seen_inside())._notify_thread(message, msg_vals=msg_vals, **kwargs)

    def _mail_get_partners(self, introspect_fields=False):
        # sudo: in whose name a link to the ticket speaks, see _as_seen_inside
        return super(TicketPortalFields, self._as_seen_inside())._mail_get_partners(introspect_fields=introspect_fields)

    def _as_seen_inside(self):
        """The ticket with all its fields, for what happens after a customer's post was checked and stored."""
        # sudo: who posts may not read whom the ticket belongs to; the portal's own route posts as superuser
        return self if self.env.user._is_internal() else self.sudo()
