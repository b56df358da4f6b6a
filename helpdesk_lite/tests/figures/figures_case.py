from datetime import datetime, timedelta

from odoo.tests import freeze_time

from ..common import HelpdeskCase

# a Wednesday
NOW = datetime(2026, 3, 11, 12)


class FiguresCase(HelpdeskCase):
    """Tickets at given dates, and independent statements about them."""

    def setUp(self):
        super().setUp()
        freezer = freeze_time(NOW)
        freezer.start()
        self.addCleanup(freezer.stop)
        self.open, self.closed = self.env.ref("helpdesk_lite.stage_new"), self.env.ref("helpdesk_lite.stage_solved")

    def put(self, ticket, **columns):
        """Set columns that only the server writes, as years of work would have.

        :param columns: values for the columns of the ticket
        """
        ticket.flush_recordset()
        names = ", ".join(f"{name} = %s" for name in columns)
        self.env.cr.execute(f"UPDATE helpdesk_lite_ticket SET {names} WHERE id = ANY(%s)", [*columns.values(), ticket.ids])
        ticket.invalidate_recordset()

    def ago(self, **span):
        return NOW - timedelta(**span)

    def rate(self, ticket, rating, on=NOW):
        """Have a ticket rated, as its customer did long ago.

        :param int rating: 5, 3 or 1
        :param datetime on: when
        """
        model = self.env["ir.model"]._get_id(ticket._name)
        rated = self.env["rating.rating"].create(
            {"res_model_id": model, "res_id": ticket.id, "rating": rating, "consumed": True}
        )
        rated.rated_on = on

    def overview(self, user, filters=None, sections=None):
        return self.call(user, "helpdesk_lite.overview", "get_overview", filters or {}, sections)

    def assert_opens(self, user, figure):
        """What a figure opens is as many records as it says."""
        Model = self.env[figure["model"]].with_user(user).with_context(active_test=False)
        self.assertEqual(Model.search_count(figure["domain"]), figure["value"], figure["key"])
