from odoo.tests import HttpCase, tagged

from ..common import HelpdeskCase


@tagged("post_install", "-at_install")
class TestFiguresTours(HttpCase, HelpdeskCase):
    """The page of figures in a browser: what is shown, and what a click opens."""

    def test_figures_open_their_tickets(self):
        self.team.name = "Tour Care"
        closed = self.env.ref("helpdesk_lite.stage_solved")
        for values in ({"user_id": self.agent.id}, {}, {}, {"stage_id": closed.id}):
            self.make_ticket(**values)
        self.start_tour("/odoo", "helpdesk_lite_figures", login="hl_agent")
