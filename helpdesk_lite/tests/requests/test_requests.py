from lxml import etree
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..common import HelpdeskCase

NEW_ONLY = {"priority", "type_id", "tag_ids", "properties"}


@tagged("post_install", "-at_install")
class TestRequests(HelpdeskCase):
    """What an employee who is not an agent is shown, by the requests of the web client."""

    def get_hidden(self, user):
        """The fields and groups that the form of a new ticket hides."""
        arch = self.call(user, "helpdesk_lite.ticket", "get_views", [(False, "form")])["views"]["form"]["arch"]
        return {
            node.get("name")
            for node in etree.fromstring(arch).iter("field", "group")
            if (node.get("invisible") or "").startswith("not id or") or node.get("invisible") == "not id"
        }

    def test_the_short_form(self):
        hidden = self.get_hidden(self.employee)
        self.assertLessEqual(NEW_ONLY | {"customer"}, hidden)
        self.assertFalse({"team_id", "name", "description", "new_file_ids"} & hidden)
        self.assertFalse((NEW_ONLY | {"customer"}) & self.get_hidden(self.agent))

    def test_my_requests(self):
        """On a phone, columns of stages would hide all requests but those of one, and the help when there is none."""
        action = self.env["ir.actions.actions"].with_user(self.employee)._for_xml_id("helpdesk_lite.ticket_action_requests")
        views = {view_type: view_id for view_id, view_type in action["views"]}
        self.assertEqual(list(views)[:3], ["list", "kanban", "form"])
        shown = self.call(
            self.employee, "helpdesk_lite.ticket", "get_views", [(views[kind], kind) for kind in ("list", "kanban")]
        )["views"]
        self.assertFalse(etree.fromstring(shown["kanban"]["arch"]).get("default_group_by"))
        [customer] = etree.fromstring(shown["list"]["arch"]).iterfind("field[@name='partner_name']")
        self.assertEqual(customer.get("optional"), "hide", "it is the employee")
        usual = self.call(self.employee, "helpdesk_lite.ticket", "get_views", [(False, "list"), (False, "kanban")])["views"]
        self.assertEqual(etree.fromstring(usual["kanban"]["arch"]).get("default_group_by"), "stage_id")

    def upload(self, user, **values):
        return (
            self.env["ir.attachment"]
            .with_user(user)
            .create({"name": "door.txt", "raw": b"door", "res_model": "helpdesk_lite.ticket", "res_id": 0, **values})
        )

    def ask(self, user, files):
        values = {"name": "My door", "team_id": self.team.id, "new_file_ids": [(4, file.id) for file in files]}
        (saved,) = self.call(user, "helpdesk_lite.ticket", "web_save", [], values, {"name": {}})
        return self.env["helpdesk_lite.ticket"].browse(saved["id"])

    def test_files_go_with_the_ticket(self):
        file = self.upload(self.employee)
        ticket = self.ask(self.employee, [file])
        self.assertEqual((file.res_model, file.res_id), (ticket._name, ticket.id))
        self.assertTrue(file.with_user(self.agent).has_access("read"))

    def test_files_of_others_stay_where_they_are(self):
        """Also those that the employee can read: of a ticket, public ones, and those that a field of a record holds."""
        hidden, seen = self.make_ticket("private"), self.make_ticket("company")
        Attachment = self.env["ir.attachment"]
        theirs = self.upload(self.agent).sudo() + Attachment.create(
            [
                {"name": "vault.txt", "raw": b"vault", "res_model": hidden._name, "res_id": hidden.id},
                {"name": "plan.txt", "raw": b"plan", "res_model": seen._name, "res_id": seen.id},
                {"name": "logo.txt", "raw": b"logo", "public": True},
            ]
        )
        own = self.upload(self.employee, name="own.txt", res_model="res.partner").sudo()
        before = [(file.res_model, file.res_id) for file in theirs + own]
        taken = []
        for file in theirs + own:
            with self.subTest(file=file.name):
                try:
                    taken.append(self.ask(self.employee, [file]))
                except AccessError:
                    self.env.invalidate_all()
        self.assertEqual([(file.res_model, file.res_id) for file in theirs + own], before)
        self.assertTrue(taken, "a file that may be named does not stop the request")

    def test_their_own_tickets_come_first(self):
        for user, first in ((self.employee, "menu_requests"), (self.agent, "menu_overview"), (self.manager, "menu_overview")):
            menus = self.env["ir.ui.menu"].with_user(user).load_menus(False)
            root = menus[self.env.ref("helpdesk_lite.menu_root").id]
            with self.subTest(user=user.login):
                self.assertEqual(menus[root["children"][0]]["xmlid"], f"helpdesk_lite.{first}")
