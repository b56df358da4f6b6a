from odoo import models


class TeamTypes(models.Model):
    """The types that visitors choose from on a team's public form."""

    _inherit = "helpdesk_lite.team"

    def _get_form_types(self):
        """:return: records of ``helpdesk_lite.type``, sudoed: their names and guides are published"""
        self.ensure_one()
        # sudo: visitors cannot read types; those of the published form are meant for them
        return (
            self.env["helpdesk_lite.type"]
            .sudo()
            .search([("show_in_form", "=", True), "|", ("team_ids", "=", False), ("team_ids", "=", self.id)])
        )

    def _read_form_type(self, value):
        """The type that a visitor chose.

        :param value: parameter of the request, of any kind
        :return: record of ``helpdesk_lite.type``, sudoed; empty when none of the form was chosen
        """
        return self._get_form_types().filtered(lambda kind: str(kind.id) == value)
