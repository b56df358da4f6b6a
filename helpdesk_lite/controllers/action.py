from urllib.parse import quote

from odoo import http
from odoo.addons.web.controllers.action import Action
from odoo.addons.web.controllers.home import Home
from odoo.http import request

from ..tools.addresses import find_path


def find_present(action_id):
    """Find the present path for the former one of an action of ours. Another helpdesk that has the former path keeps it.

    Former paths (``helpdesk-tickets``) are in messages, activities and bookmarks.

    :param action_id: what the web client asks for: an id, an external id, a path, or anything else
    :return: str, or what was given
    """
    path = find_path(action_id)
    if not path:
        return action_id
    # sudo: as Odoo does it for every path, since only administrators can read actions
    Actions = request.env["ir.actions.actions"].with_user(request.session.uid).sudo()
    there = Actions.search([("path", "in", [action_id, path])]).mapped("path")
    return path if there == [path] else action_id


class FormerAddresses(Home):
    """Pages that are opened at a former address, from a mail or as a bookmark, have the present one from then on."""

    @http.route()
    def web_client(self, s_action=None, **kw):
        parts = kw.get("subpath", "").split("/") if request.session.uid else []
        present = [find_present(part) for part in parts]
        if present == parts:
            return super().web_client(s_action=s_action, **kw)
        # /odoo, or /scoped_app for an app that somebody installed on a phone
        root = request.httprequest.path.split("/")[1]
        return request.redirect_query(f"/{root}/{quote('/'.join(present))}", request.httprequest.args)


class FormerPaths(Action):
    """Links within the web client, which loads no page for them."""

    @http.route()
    def load(self, action_id, context=None):
        return super().load(find_present(action_id), context=context)
