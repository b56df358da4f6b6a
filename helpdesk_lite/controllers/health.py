import hmac

from odoo import http
from odoo.http import request

from ..models.intake.mail_alarm import TOKEN


class Health(http.Controller):
    """Whether incoming mail is processed, for a monitoring system that knows the token from the settings."""

    @http.route("/helpdesk/health", type="http", auth="public", methods=["GET"], save_session=False, readonly=True)
    def helpdesk_health(self, token="", **_kwargs):
        """Answer with the figures as JSON.

        :param str token: the token from the settings
        :return: a response: 200 with the figures, 403 for another token, 404 while no token is set
        """
        # sudo: the token is compared here, and stands for the right to read the figures
        expected = request.env["ir.config_parameter"].sudo().get_param(TOKEN)
        if not expected:
            return self._answer({}, 404)
        # bytes, because the comparison refuses other characters than ASCII in strings
        if not hmac.compare_digest(token.encode("utf-8", "replace"), expected.encode()):
            return self._answer({}, 403)
        # sudo: as above
        return self._answer(request.env["helpdesk_lite.mail"].sudo()._get_health(), 200)

    def _answer(self, values, status):
        return request.make_json_response(values, headers=[("Cache-Control", "no-store")], status=status)
