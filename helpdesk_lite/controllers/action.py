from odoo import http
from odoo.addons.web.controllers.action import Action
from odoo.http import request

from ..tools.addresses import find_path


class FormerPaths(Action):
    """Leads from the former paths of our actions (``helpdesk-tickets``) to the present ones.

    They are in messages, activities and bookmarks. Another helpdesk that has such a path keeps it.
    """

    @http.route()
    def load(self, action_id, context=None):
        return super().load(self._find_helpdesk_lite_path(action_id), context=context)

    def _find_helpdesk_lite_path(self, action_id):
        """:return: the present path if nobody has the given one, otherwise the given id or path"""
        path = find_path(action_id)
        if not path:
            return action_id
        # sudo: as in Odoo's method, since actions can be read by administrators only
        Actions = request.env["ir.actions.actions"].sudo()
        there = Actions.search([("path", "in", [action_id, path])]).mapped("path")
        return path if there == [path] else action_id
