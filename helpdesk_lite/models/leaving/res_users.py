from odoo import models
from odoo.http import request

# the fields that decide who is an employee of which company, who has the role, and which contact follows
WATCHED = {"active", "group_ids", "company_ids", "partner_id"}


class ResUsers(models.Model):
    """Watches users who are changed or deleted, and asks about their tickets when they are archived by hand."""

    _inherit = "res.users"

    def write(self, vals):
        if not WATCHED & vals.keys():
            return super().write(vals)
        with self._watch_staff(self):
            return super().write(vals)

    def unlink(self):
        staff = self._get_staff(self)
        # before, because a deletion forgets whose tickets they were
        released = self._end_staff(staff, {post for post in staff if post.user not in self.ids})
        result = super().unlink()
        # after, because the deleted users could be candidates before
        released._give_on()
        return result

    def action_archive(self):
        """Archive users. In the web client, a dialog asks first what becomes of their open tickets.

        :return: a window action, or what standard Odoo returns
        """
        # other callers do not expect a dialog, and must not end up with a user who is still there
        by_hand = bool(request) and request.httprequest.path == "/web/dataset/call_kw/res.users/action_archive"
        if by_hand and (question := self.env["helpdesk_lite.leaving"]._ask(self)):
            return question
        return super().action_archive()
