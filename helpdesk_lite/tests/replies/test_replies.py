from contextlib import contextmanager

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2.errors import UniqueViolation

from ...models.replies.reply_actions import PARTS
from ..common import HelpdeskCase

REPLY, TEXT = "helpdesk_lite.reply", "helpdesk_lite.reply.text"
HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "{{agent.name}}",
    "{{ object.env['res.users'].browse(1).password }}",
    '<t t-out="user.login"/>',
    "${7*7} #{7*7} <%= 7*7 %>",
    "Zoe\u202eellivo \x00\x0b",
    "&lt;b&gt;",
    "javascript:alert(1)",
)


@tagged("post_install", "-at_install")
class TestReplies(HelpdeskCase):
    """Who reads which reply, what may be in it, and what its placeholders become."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Reply = cls.env[REPLY]
        cls.other_agent = new_test_user(cls.env, "hl_other", "helpdesk_lite.group_user", email="other@test.example")
        cls.ticket = cls.make_ticket(partner_id=cls.customer.id)

    def make_reply(self, **values):
        return self.Reply.create({"name": "A reply", "user_id": False, "body": "<p>Hello</p>", **values})

    @contextmanager
    def refused(self, sentence):
        """The server refuses what follows with a sentence, and nothing of it is stored."""
        with self.assertRaisesRegex(ValidationError, sentence), self.cr.savepoint():
            yield
        self.env.invalidate_all()

    def doors(self, user, reply, ticket=None):
        """Whether a person gets a reply, by each door: by id, by search, by name, offered on a ticket, and prepared for it."""
        ticket = ticket or self.ticket

        def opens(*args, **kwargs):
            try:
                return self.call(user, REPLY, *args, **kwargs)
            except (AccessError, UserError):
                return False

        offered = opens("get_suggestions", ticket.id, reply.name, 40) or []
        return (
            bool(opens("read", [reply.id], ["name", "body"])),
            bool(opens("search", [("id", "=", reply.id)])),
            bool(opens("name_search", reply.name)),
            reply.id in [item["id"] for item in offered],
            bool(opens("get_prepared", [reply.id], ticket.id)),
        )

    def test_own_replies_are_nobody_elses(self):
        reply = self.make_reply(name="Quince jam", user_id=self.agent.id)
        self.assertEqual(self.doors(self.agent, reply), (True,) * 5)
        for user in (self.other_agent, self.employee, self.customer_user):
            self.assertEqual(self.doors(user, reply), (False,) * 5, user.login)
        # administrators put things in order, and are offered what is theirs
        self.assertEqual(self.doors(self.manager, reply), (True, True, True, False, True))

    def test_replies_of_a_hidden_team_stay_with_it(self):
        hidden = self.make_reply(name="Salary slips", team_ids=self.teams["private"].ids)
        shared = self.make_reply(name="For everybody")
        self.assertEqual(self.doors(self.agent, hidden), (False,) * 5)
        self.assertEqual(self.doors(self.agent, shared), (True,) * 5)
        self.assertEqual(self.doors(self.employee, shared), (False,) * 5, "employees have no replies")
        self.teams["private"].message_subscribe(self.agent.partner_id.ids)
        ticket = self.make_ticket("private")
        self.assertEqual(self.doors(self.agent, hidden, ticket), (True,) * 5)
        self.assertFalse(self.doors(self.agent, hidden)[3], "it is not offered on tickets of other teams")
        with self.assertRaises(AccessError):
            self.call(self.other_agent, REPLY, "get_suggestions", ticket.id)
        with self.assertRaises(AccessError):
            self.call(self.other_agent, REPLY, "get_prepared", [shared.id], ticket.id)

    def test_a_reply_that_leads_somewhere_hidden_is_hidden(self):
        private = self.teams["private"]
        stage = self.env["helpdesk_lite.stage"].create({"name": "Under audit", "team_ids": private.ids})
        for values in ({"move_team_id": private.id}, {"stage_action": "stage", "stage_id": stage.id}):
            reply = self.make_reply(name="Quietly on", **values)
            self.assertEqual(self.doors(self.agent, reply), (False,) * 5, values)
            self.assertTrue(all(self.doors(self.manager, reply)), values)

    def test_agents_change_their_own_only(self):
        shared, theirs = self.make_reply(), self.make_reply(user_id=self.other_agent.id)
        own_id = self.call(self.agent, REPLY, "create", [{"name": "Mine", "body": "<p>x</p>"}])[0]
        self.assertEqual(self.Reply.browse(own_id).user_id, self.agent)
        self.call(self.agent, REPLY, "write", [own_id], {"name": "Mine still"})
        for values in ({"user_id": False}, {"user_id": self.other_agent.id}):
            with self.assertRaises(AccessError):
                self.call(self.agent, REPLY, "write", [own_id], values)
            with self.assertRaises(AccessError):
                self.call(self.agent, REPLY, "create", [{"name": "Not mine", **values}])
        for reply in (shared, theirs):
            for method, args in (("write", [{"name": "x"}]), ("unlink", [])):
                with self.assertRaises(AccessError):
                    self.call(self.agent, REPLY, method, [reply.id], *args)
        with self.assertRaises(AccessError):
            self.call(self.employee, REPLY, "create", [{"name": "x"}])
        with self.assertRaises(AccessError):
            self.call(self.agent, REPLY, "write", [own_id], {"use_count": 1000})

    def test_files_of_other_records_are_not_taken(self):
        note = self.make_ticket("private").message_post(body="Secret", attachments=[("slip.txt", b"5,000")])
        own_id = self.call(self.agent, REPLY, "create", [{"name": "Mine"}])[0]
        for user, reply_id in ((self.agent, own_id), (self.manager, self.make_reply().id)):
            # agents cannot link to it, and administrators would give it away
            with self.assertRaises(UserError):
                self.call(user, REPLY, "write", [reply_id], {"attachment_ids": [(4, note.attachment_ids.id)]})
        uploaded = (
            self.env["ir.attachment"].with_user(self.manager).create({"name": "Form.pdf", "raw": b"x", "res_model": REPLY})
        )
        shared_id = self.call(
            self.manager, REPLY, "create", [{"name": "With a form", "attachment_ids": [(6, 0, uploaded.ids)]}]
        )[0]
        self.assertEqual(uploaded.res_id, shared_id)
        self.assertEqual(self.call(self.agent, "ir.attachment", "read", uploaded.ids, ["name"])[0]["name"], "Form.pdf")
        with self.assertRaises(AccessError):
            self.call(self.employee, "ir.attachment", "read", uploaded.ids, ["name"])

    # ------------------------------------------------------------
    # TEXTS
    # ------------------------------------------------------------

    def test_what_is_no_id_of_a_ticket(self):
        reply = self.Reply.create({"name": "x", "user_id": False, "body": "<p>x</p>"})
        for ticket_id in (0, -1, 2**31, 2**40, "1", True, None, [1]):
            with self.subTest(ticket_id=ticket_id):
                with self.assertRaisesRegex(UserError, "^This ticket does not exist"):
                    self.call(self.agent, REPLY, "get_suggestions", ticket_id)
                with self.assertRaisesRegex(UserError, "^This ticket does not exist"):
                    self.call(self.agent, REPLY, "get_prepared", [reply.id], ticket_id)

    def test_placeholders_come_from_a_list(self):
        self.customer.name = "Zoe Quill"
        self.agent.name = "Ada Agent"
        ticket = self.make_ticket(partner_id=self.customer.id, name="The lamp")
        reply = self.make_reply(
            body="<p>{{customer.first_name|there}}, {{ customer.name }}, {{ticket.number}}, {{ticket.name}}, "
            "{{agent.first_name}}, {{team.name}}, {{company.name}}, {{ticket.url}}</p>"
        )
        body = self.call(self.agent, REPLY, "get_prepared", [reply.id], ticket.id)["body"]
        url = f"{ticket.get_base_url()}/my/helpdesk-tickets/{ticket.id}"
        self.assertEqual(
            body,
            f"<p>Zoe, Zoe Quill, {ticket.number}, The lamp, Ada, {self.team.name}, {self.env.company.name}, "
            f'<a href="{url}">{url}</a></p>',
        )
        self.assertNotIn("token", body)
        unknown = self.make_ticket(partner_email="x@quill.example")
        prepared = self.call(self.agent, REPLY, "get_prepared", [reply.id], unknown.id)
        self.assertIn("<p>there, ", prepared["body"])
        self.assertEqual(prepared["missing"], ["customer.name"])
        self.assertEqual(
            reply._render_text_for(unknown, "<p>{{ property.Order Number }}</p>").missing, ["property.Order Number"]
        )

    def test_properties_of_the_team(self):
        self.team.ticket_properties_definition = [
            {"name": "order", "string": "Order Number", "type": "char"},
            {"name": "size", "string": "Size", "type": "selection", "selection": [["l", "Large"]]},
        ]
        ticket = self.make_ticket(properties={"order": "S<b>1", "size": "l"})
        reply = self.make_reply(body="<p>{{property.Order Number}} {{property.size|?}} {{property.size}}</p>")
        body = self.call(self.agent, REPLY, "get_prepared", [reply.id], ticket.id)["body"]
        self.assertEqual(body, "<p>S&lt;b&gt;1 Large Large</p>")
        with self.refused("There is no placeholder “property.Colour”"):
            self.make_reply(body="<p>{{property.Colour}}</p>")
        with self.assertRaises(ValidationError):
            self.make_reply(body="<p>{{property.Size}}</p>", team_ids=self.teams["company"].ids)

    def test_what_is_refused_when_saved(self):
        refused = {
            "<p>{{customer.password}}</p>": "no placeholder “customer.password”",
            "<p>{{object.env}}</p>": "no placeholder",
            "<p>{{customer.name</p>": "not complete",
            "<p>{{customer.<b>name</b>}}</p>": "not complete",
            '<p><a href="https://x.example/{{customer.name}}">x</a></p>': "not in the address",
            "<p>x</p><script>alert(1)</script>": "cannot contain “script”",
            '<p onclick="x()">x</p>': "cannot contain “onclick”",
            '<iframe src="https://x.example"></iframe>': "cannot contain “iframe”",
            '<a href=" javascript:x()">x</a>': "cannot contain “javascript”",
        }
        reply = self.make_reply()
        for body, sentence in refused.items():
            for name in ("body", "note"):
                with self.subTest(body=body, name=name), self.refused(sentence):
                    self.call(self.manager, REPLY, "create", [{"name": "x", name: body}])
                with self.subTest(body=body, name=name), self.refused(sentence):
                    self.call(self.manager, REPLY, "write", [reply.id], {name: body})
            with self.subTest(body=body), self.refused(sentence):
                self.call(self.manager, TEXT, "create", [{"reply_id": reply.id, "lang": "en_US", "body": body}])
        for shortcut in ("two words", "a(.*)+", "x" * 33, "<b>"):
            with self.subTest(shortcut=shortcut), self.refused("no spaces"):
                self.call(self.manager, REPLY, "create", [{"name": "x", "shortcut": shortcut}])

    def test_hostile_names_are_inert(self):
        reply = self.make_reply(body="<p>Hello {{customer.name}} <b>{{ticket.name}}</b> {{customer.first_name}}</p>")
        for name in HOSTILE:
            with self.subTest(name=name):
                ticket = self.make_ticket(partner_name=name.replace("\x00", ""), name=name.replace("\x00", ""))
                body = self.call(self.agent, REPLY, "get_prepared", [reply.id], ticket.id)["body"]
                self.assertNotRegex(body, r"(?i)<(?!/?(p|b)>)")
                self.assertNotIn(self.agent.name, body)
                self.assertNotIn("\u202e", body)
                self.assertNotIn("49", body)

    def test_the_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("es_ES")
        reply = self.make_reply(body="<p>Hello {{customer.first_name|there}}</p>", name="Greeting")
        reply.text_ids.create({"reply_id": reply.id, "lang": "es_ES", "body": "<p>Hola {{customer.first_name}}</p>"})
        self.customer.write({"name": "Zoe Quill", "lang": "es_ES"})
        spanish = self.make_ticket(partner_id=self.customer.id)
        english = self.make_ticket(partner_name="Tom Reed", partner_lang="en_US")
        for ticket, text in ((spanish, "<p>Hola Zoe</p>"), (english, "<p>Hello Tom</p>")):
            self.assertEqual(self.call(self.agent, REPLY, "get_prepared", [reply.id], ticket.id)["body"], text)
        with self.refused("no placeholder"):
            self.call(self.manager, TEXT, "write", reply.text_ids.ids, {"body": "<p>{{cliente.nombre}}</p>"})
        self.env["res.lang"]._activate_lang("es_419")
        latin = self.make_ticket(partner_name="Ana", partner_lang="es_419")
        self.assertEqual(self.call(self.agent, REPLY, "get_prepared", [reply.id], latin.id)["body"], "<p>Hola Ana</p>")

    def test_texts_in_other_languages_stay_with_their_reply(self):
        quince = [(0, 0, {"lang": "en_US", "body": "<p>Quince</p>"})]
        hidden = self.make_reply(team_ids=self.teams["private"].ids, text_ids=quince)
        shared = self.make_reply(text_ids=[(0, 0, {"lang": "en_US", "body": "<p>Apple</p>"})])
        for user, reply in ((self.agent, hidden), (self.employee, shared), (self.customer_user, shared)):
            with self.assertRaises(AccessError):
                self.call(user, TEXT, "read", reply.text_ids.ids, ["body"])
            with self.assertRaises(AccessError):
                self.call(user, TEXT, "create", [{"reply_id": reply.id, "lang": "en_US", "body": "<p>x</p>"}])
        self.assertEqual(self.call(self.agent, TEXT, "search", [("body", "ilike", "quince")]), [])
        self.assertEqual(self.call(self.agent, TEXT, "search", [("body", "ilike", "apple")]), shared.text_ids.ids)
        for method, args in (("write", [{"body": "<p>x</p>"}]), ("unlink", [])):
            with self.assertRaises(AccessError):
                self.call(self.agent, TEXT, method, shared.text_ids.ids, *args)
        own_id = self.call(self.agent, REPLY, "create", [{"name": "Mine", "text_ids": quince}])[0]
        own = self.Reply.browse(own_id).text_ids
        with self.assertRaises(AccessError):
            self.call(self.agent, TEXT, "write", own.ids, {"reply_id": self.make_reply().id})
        with self.refused("cannot contain"):
            self.call(self.manager, TEXT, "write", shared.text_ids.ids, {"body": "<script>x()</script>"})

    # ------------------------------------------------------------
    # SEARCH
    # ------------------------------------------------------------

    def offer(self, term="", **kwargs):
        return [item["name"] for item in self.call(self.agent, REPLY, "get_suggestions", self.ticket.id, term, **kwargs)]

    def test_five_thousand_replies(self):
        self.Reply.create([{"name": f"Reply {i}", "shortcut": f"many{i}", "user_id": False} for i in range(5000)])
        self.make_reply(name="About many4999", shortcut="zz")
        self.make_reply(name="Needle", shortcut="aa", body="<p>haystack</p>")
        self.assertEqual(len(self.offer()), 8)
        self.assertEqual(len(self.offer("many", limit=10**9)), 40)
        self.assertEqual(self.offer("many4999"), ["Reply 4999", "About many4999"])
        self.assertEqual(self.offer("haystack"), [])
        self.assertEqual(self.offer("haystack", in_text=True), ["Needle"])
        self.assertEqual(self.offer("%"), [])
        with self.assertQueryCount(25):
            self.offer("many")

    def test_shortcuts_are_unique_for_each_person(self):
        self.make_reply(shortcut="::Late ")
        self.assertEqual(self.Reply.search([("shortcut", "=", "late")]).name, "A reply")
        self.make_reply(shortcut="late", user_id=self.agent.id)
        self.make_reply(shortcut="late", user_id=self.other_agent.id)
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation), self.cr.savepoint():
            self.make_reply(shortcut="LATE")

    def test_replies_of_archived_teams_are_not_offered(self):
        reply = self.make_reply(name="Old one", team_ids=self.teams["company"].ids)
        ticket = self.make_ticket("company")
        self.teams["company"].active = False
        self.assertFalse(self.doors(self.agent, reply)[3])
        moved = self.make_reply(name="Over there", move_team_id=self.teams["company"].id)
        parts = self.call(self.agent, REPLY, "get_prepared", [moved.id], self.ticket.id)["parts"]
        self.assertEqual(parts[0]["obstacle"], "The team “Team company” is archived.")
        self.assertTrue(ticket)

    def test_every_part_is_described(self):
        tag, self.agent.name = self.env["helpdesk_lite.tag"].create({"name": "Lamps"}), "Ada Agent"
        reply = self.make_reply(
            move_team_id=self.teams["company"].id,
            stage_action="solve",
            assign_action="me",
            priority="2",
            add_tag_ids=tag.ids,
            note="<p>Look here</p>",
            activity_type_id=self.env.ref("mail.mail_activity_data_todo").id,
            attachment_ids=[(0, 0, {"name": "Form.pdf", "raw": b"x"})],
        )
        prepared = self.call(self.agent, REPLY, "get_prepared", [reply.id], self.ticket.id)
        self.assertEqual([part["key"] for part in prepared["parts"]], list(PARTS))
        for part in prepared["parts"]:
            self.assertNotRegex(part["label"], r"False|None|helpdesk_lite\.|\(\)")
            self.assertFalse(part["obstacle"])
