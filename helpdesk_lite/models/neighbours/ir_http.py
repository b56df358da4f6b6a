from functools import partial

from odoo import api, models, tools
from odoo.http import request

from ...tools.addresses import FORM, OWN_FORM, find_portal_address, is_shared

OURS = __name__.partition(".models.")[0]


def is_ours(endpoint):
    """Whether a page was made by this addon, even if another one extends it."""
    while isinstance(endpoint, partial):
        endpoint = endpoint.func
    makers = [cls for cls in type(endpoint.__self__).__mro__ if endpoint.__name__ in vars(cls)]
    return any(cls.__module__.startswith(f"{OURS}.") for cls in makers[-1:])


class IrHttp(models.AbstractModel):
    """Leaves addresses to other addons that have them, and leads from former addresses to the present ones."""

    _inherit = "ir.http"

    def _generate_routing_rules(self, modules, converters):
        """Of two equal routes the first one counts, so ours come last where another helpdesk may have the same."""
        last = []
        for route, endpoint in super()._generate_routing_rules(modules, converters):
            if is_shared(route) and is_ours(endpoint):
                last.append((route, endpoint))
            else:
                yield route, endpoint
        yield from last

    @api.model
    @tools.ormcache(cache="routing")
    def _get_helpdesk_lite_form(self):
        """The address of the public form: ``/helpdesk``, or ``/helpdesk-lite`` where another addon has the first.

        :return: str
        """
        rules = self._generate_routing_rules(self.pool._init_modules, self._get_converters())
        return OWN_FORM if any(route == FORM and not is_ours(endpoint) for route, endpoint in rules) else FORM

    @classmethod
    def _serve_fallback(cls):
        """Lead from the former addresses of the portal, which were mailed, to the present ones.

        Not for good (301): another helpdesk that has these addresses may be installed later.
        """
        response = super()._serve_fallback()
        path = request.httprequest.path
        address = None if response else find_portal_address(path)
        # Odoo also comes here when a page that is there answers that something is not found or forbidden
        if not address or request.httprequest.method not in ("GET", "HEAD") or request.env["ir.http"].url_rewrite(path)[1]:
            return response
        return request.redirect_query(address, request.httprequest.args)
