from datetime import datetime

from odoo.addons.helpdesk_lite.tests.importing.import_case import TICKET, ImportCase
from odoo.exceptions import AccessError
from odoo.tests import tagged

TITLES = "Id,Subject,Group,Status,Priority,Created at,Solved at,Requester email\n"


@tagged("post_install", "-at_install")
class TestImportRows(ImportCase):
    """What is wrong with a file is said with the row in it, and then nothing of it is imported."""

    def import_rows(self, *rows, titles=TITLES, user=None, dryrun=False, before=None, **options):
        """Import a file with these rows.

        :param before: function of the screen, called when the file is uploaded
        :return: the answer of Odoo's import
        """
        content = titles + "".join(f"{row}\n" for row in rows)
        screen = self.screen(user).upload(content.encode() if isinstance(content, str) else content)
        if before:
            before(screen)
        return screen.run(dryrun, **options)

    def assert_refused(self, answer, *sentences):
        self.assertFalse(answer.get("ids"))
        self.assertEqual([message["message"] for message in answer["messages"]], list(sentences))
        self.assertFalse(self.find(1, 2, 3, 4), "nothing half done")

    # ------------------------------------------------------------
    # MISTAKES
    # ------------------------------------------------------------

    def test_numbers_that_are_there_twice(self):
        self.make_ticket("private", number="3")
        rows = ["1,a,Support,New,Low,,,", "2,b,Support,New,Low,,,", "1,c,Support,New,Low,,,", "3,d,Support,New,Low,,,"]
        content = TITLES + "\n".join(rows)
        answer = self.screen().upload(content.encode()).run()
        self.assertFalse(answer["ids"])
        self.assertEqual(
            sorted(message["message"] for message in answer["messages"]),
            ["Row 4: the number 1 is in row 2 as well.", "Row 5: there is already a ticket with the number 3."],
        )
        self.assertEqual([message["rows"] for message in answer["messages"]], [{"from": 3, "to": 3}, {"from": 4, "to": 4}])
        self.assertFalse(self.find(1, 2), "nothing half done")

    def test_unknown_team_and_status(self):
        self.assert_refused(
            self.import_rows("1,a,Support,New,Low,,,", "2,b,Nobody,New,Low,,,", "3,c,Support,Foo,Low,,,"),
            "Row 3: there is no “Nobody” that you can see.",
            "Row 4: the team “Support” has no stage “Foo”.",
        )

    def test_a_status_that_the_person_empties_on_the_screen(self):
        answer = self.import_rows("1,a,Support,Foo,Low,,,", import_set_empty_fields=["stage_id"])
        self.assertEqual(answer["messages"], [])
        self.assertEqual(self.find(1).stage_id, self.env.ref("helpdesk_lite.stage_new"))

    def test_rows_that_the_person_skips_on_the_screen(self):
        answer = self.import_rows("1,a,Support,Foo,Low,,,", "2,b,Support,New,Low,,,", import_skip_records=["stage_id"])
        self.assertEqual(answer["messages"], [])
        self.assertEqual(self.find(1, 2).mapped("name"), ["b"])

    def test_the_stages_are_those_of_the_team(self):
        """A stage of another team with the name of the status is not taken."""
        other = self.teams["private"]
        other.name = "Billing"
        theirs = self.env["helpdesk_lite.stage"].create({"name": "Escalated", "team_ids": other.ids})
        self.assert_refused(
            self.import_rows("1,a,Support,Escalated,Low,,,"), "Row 2: the team “Support” has no stage “Escalated”."
        )
        answer = self.import_rows("1,a,Billing,escalated,Low,,,", "2,b,Billing,Open,,,,")
        self.assertEqual(answer["messages"], [])
        self.assertEqual(self.find(1).stage_id, theirs)
        self.assertEqual(self.find(2).stage_id, self.env.ref("helpdesk_lite.stage_in_progress"))

    def test_the_types_are_those_of_the_team(self):
        Type = self.env["helpdesk_lite.type"]
        delivery, repair, billing = Type.create(
            [{"name": "Delivery"}, {"name": "Repair"}, {"name": "Invoice", "team_ids": self.teams["private"].ids}]
        )
        late, slow = Type.create([{"name": "Late", "parent_id": kind.id} for kind in (delivery, repair)])
        titles = "Id,Subject,Group,Type\n"
        self.assert_refused(
            self.import_rows("1,a,Support,Invoice", "2,b,Support,late", "3,c,Support,Nothing", titles=titles),
            "Row 2: there is no “Invoice” that you can see.",
            "Row 3: there is more than one “late”.",
            "Row 4: there is no “Nothing” that you can see.",
        )
        self.teams["private"].name = "Billing"
        rows = ("1,a,Billing,invoice", "2,b,Support,Repair / Late", "3,c,Support,DELIVERY", "4,d,Support,-")
        self.assertEqual(self.import_rows(*rows, titles=titles)["messages"], [])
        self.assertEqual([self.find(number).type_id for number in range(1, 5)], [billing, slow, delivery, Type])
        self.assertNotEqual(late, slow)

    def test_the_column_of_types_is_left_out_where_there_are_none(self):
        self.env["helpdesk_lite.type"].search([]).unlink()
        self.assertEqual(self.import_rows("1,a,Question", titles="Id,Subject,Type\n")["messages"], [])

    def test_assignees_are_employees(self):
        """Users of the portal are found neither by their name nor by their address, and are not mistaken for an employee."""
        self.customer_user.name = "Carla Customer"
        titles = "Id,Subject,Group,Assignee\n"
        self.assert_refused(
            self.import_rows("1,a,Support,Carla Customer", "2,b,Support,customer@test.example", titles=titles),
            "Row 2: there is no “Carla Customer” that you can see.",
            "Row 3: there is no “customer@test.example” that you can see.",
        )
        self.customer_user.name = "Ana Ruiz"
        self.assertEqual(self.import_rows("1,a,Support,Ana Ruiz", titles=titles)["messages"], [])
        self.assertEqual(self.find(1).user_id, self.ana)

    def test_an_unknown_priority_is_asked_for(self):
        answer = self.import_rows("1,a,Support,New,Foo,,,", "2,b,Support,New,Normal,,,")
        self.assertEqual([message["field"] for message in answer["messages"]], ["priority"])
        self.assertFalse(self.find(1, 2))
        fallback = {"priority": {"fallback_value": "2", "field_model": TICKET, "field_type": "selection"}}
        answer = self.import_rows("1,a,Support,New,Foo,,,", "2,b,Support,New,Normal,,,", fallback_values=fallback)
        self.assertEqual(answer["messages"], [])
        self.assertEqual([self.find(1).priority, self.find(2).priority], ["2", "1"], "a known word is not replaced")

    def test_mixed_formats_of_dates(self):
        """No date is guessed: 02/03 is another day in another country."""
        rows = [f"{number},a,Support,New,Low,2024-02-{number:02} 10:00,," for number in range(1, 11)]
        answer = self.import_rows(*rows, "11,a,Support,New,Low,02/03/2024 10:00,,", "12,b,Support,New,Low,13.2.24,,")
        self.assertEqual(
            [message["message"] for message in answer["messages"]],
            [
                "Opened on: these dates do not have the format of the file. Rows with such dates: 2. "
                "Row 12: “02/03/2024 10:00”; Row 13: “13.2.24”"
            ],
        )
        self.assertFalse(self.find(*range(1, 13)))

    def test_iso_dates_are_read_beside_others(self):
        rows = [f"{number},a,Support,New,Low,2024-02-{number:02} 10:00:00,," for number in range(1, 12)]
        answer = self.import_rows(
            *rows, "12,a,Support,New,Low,2024-02-13T09:15:00+02:00,,", "13,b,Support,New,Low,2024-02-14,,"
        )
        self.assertEqual(answer["messages"], [])
        self.assertEqual(self.find(12).opened_on, datetime(2024, 2, 13, 7, 15))
        self.assertEqual(self.find(13).opened_on, datetime(2024, 2, 14))

    def test_days_and_months_that_are_mistaken(self):
        self.assert_refused(
            self.import_rows(
                "1,a,Support,Solved,Low,2024-05-01 10:00,2024-04-01 10:00,", "2,b,Support,New,Low,2999-01-01 10:00,,"
            ),
            "Row 2: the ticket was closed before it was opened.",
            "Row 3: the ticket was opened in the future.",
        )

    def test_many_mistakes_are_counted(self):
        answer = self.import_rows(*(f"{number},a,Nobody,New,Low,,," for number in range(1, 101)))
        self.assertEqual(len(answer["messages"]), 31)
        self.assertEqual(answer["messages"][-1]["message"], "More rows with the same mistake: 70")

    # ------------------------------------------------------------
    # FILES
    # ------------------------------------------------------------

    def test_cr_in_the_titles_and_at_the_ends_of_lines(self):
        titles = '"\ufeffId","Sub\rject","Requester\r\nemail"\r'.replace("Sub\rject", "Subject\r")
        content = titles + '1,a,zoe@quill.example\r2,"b\rc",\r'
        screen = self.screen().upload(content.encode(), encoding="utf-8")
        self.assertEqual(screen.preview["headers"], ["Id", "Subject", "Requester email"])
        self.assertEqual(screen.fields, ["number", "name", "partner_email"])
        self.assertEqual(screen.run()["messages"], [])
        self.assertEqual(self.find(1).partner_email, "zoe@quill.example")
        self.assertTrue(self.find(2))

    def test_twenty_thousand_rows_are_checked_before_the_first_is_imported(self):
        rows = [f"{number},a,Support,New,Low,2024-02-01 10:00,," for number in range(1, 20_000)]
        self.assert_refused(
            self.import_rows(*rows, "1,a,Nobody,New,Low,2024-02-01 10:00,,"),
            "Row 20001: the number 1 is in row 2 as well.",
            "Row 20001: there is no “Nobody” that you can see.",
        )
        content = TITLES + "\n".join(rows[:2005])
        screen = self.screen().upload(content.encode())
        first = screen.run()
        self.assertEqual((first["messages"], len(first["ids"]), first["nextrow"]), ([], 2000, 2000))
        second = screen.run(skip=2000)
        self.assertEqual((second["messages"], len(second["ids"]), second["nextrow"]), ([], 5, 0))
        self.assertEqual(self.find(2005).id, second["ids"][-1])
        again = screen.run(skip=2000)
        self.assertEqual(again["messages"][0]["message"], "Row 2002: there is already a ticket with the number 2001.")

    def test_several_columns_make_one_description(self):
        screen = self.screen().upload(b'Id,Subject,Description,Notes\n1,a,"x <b>1</b>\ny","z"\n')
        screen.fields[3] = "description"
        self.assertEqual(screen.run()["messages"], [])
        self.assertIn("x &lt;b&gt;1&lt;/b&gt;<br", self.find(1).description)
        self.assertNotIn("&lt;br", self.find(1).description)

    def test_external_ids_of_odoo_are_no_numbers(self):
        ticket = self.make_ticket(name="Before")
        self.manager.group_ids += self.env.ref("base.group_allow_export")
        ((xml_id, _name),) = self.call(self.manager, TICKET, "export_data", ticket.ids, ["id", "name"])["datas"]
        screen = self.screen().upload(f"id,name,opened_on,stage_id\n{xml_id},After,,\n".encode())
        self.assertEqual(screen.fields[0], "id")
        number, opened_on = ticket.number, ticket.opened_on
        self.assertEqual(screen.run()["messages"], [])
        ticket.invalidate_recordset()
        self.assertEqual((ticket.name, ticket.number, ticket.opened_on), ("After", number, opened_on))

    # ------------------------------------------------------------
    # CUSTOMERS
    # ------------------------------------------------------------

    def test_whose_contact_is_not_taken(self):
        """Neither one of several, nor one of another company, an archived one, or one with a similar address."""
        company = self.env["res.company"].create({"name": "Far away"})
        Partner = self.env["res.partner"]
        ours = Partner.create({"name": "Ours", "email": "Ours@quill.example", "company_id": self.env.company.id})
        Partner.create({"name": "Theirs", "email": "theirs@quill.example", "company_id": company.id})
        Partner.create({"name": "Gone", "email": "gone@quill.example", "active": False})
        Partner.create([{"name": name, "email": "both@quill.example"} for name in ("One", "Two")])
        Partner.create({"name": "Longer", "email": "busy@quill.example"})
        Partner.create({"name": "No address"})
        emails = ["ours@QUILL.example", "theirs@quill.example", "gone@quill.example", "both@quill.example", "usy@quill.example"]
        rows = [f"{number},a,Support,New,Low,,,{email}" for number, email in enumerate([*emails, "nobody", ""], 1)]
        answer = self.import_rows(*rows)
        self.assertEqual(answer["messages"], [])
        tickets = [self.find(number) for number in range(1, 8)]
        self.assertEqual([ticket.partner_id for ticket in tickets], [ours] + [Partner] * 6)
        self.assertEqual([ticket.partner_email for ticket in tickets], [*emails, "nobody", False])
        self.assertEqual(tickets[0].partner_name, "Ours")
        # in a public team its customer follows, and nobody else
        self.assertIn(ours, tickets[0].message_partner_ids)
        for ticket in tickets[1:]:
            self.assertEqual(ticket.message_partner_ids, self.team.message_partner_ids)
        self.assertEqual(
            {notice["text"]: notice["rows"] for notice in answer["notices"]},
            {
                "No contact has the customer's address. The ticket keeps the name and the address.": [3, 4, 6, 7],
                "Several contacts have the customer's address or name. The ticket is not linked to any of them.": [5],
            },
        )

    def test_contacts_of_another_company_whom_one_sees_are_not_taken(self):
        """Who works for both companies sees the contacts of both; the ticket is for one of them."""
        company = self.env["res.company"].create({"name": "Far away"})
        self.manager.company_ids += company
        self.env["res.partner"].create({"name": "Theirs", "email": "theirs@quill.example", "company_id": company.id})
        both = self.manager.company_ids.ids
        self.screen(allowed_company_ids=both).upload(f"{TITLES}1,a,Support,New,Low,,,theirs@quill.example").run()
        self.assertEqual((self.find(1).partner_email, self.find(1).partner_id.name), ("theirs@quill.example", False))

    def test_what_is_no_address_is_not_that_of_the_contacts_without_one(self):
        self.env["res.partner"].create({"name": "No Address"})
        self.import_rows("1,a,No Address,", "2,b,Somebody,nobody", titles="Id,Subject,Customer,Requester email\n")
        self.assertEqual([self.find(number).partner_id.name for number in (1, 2)], ["No Address", False])
        self.assertEqual(self.find(2).partner_email, "nobody")

    def test_customers_by_name(self):
        Partner = self.env["res.partner"]
        zoe = Partner.create({"name": "Zoe Only", "email": "zoe@quill.example"})
        Partner.create([{"name": "John Smith", "email": f"{name}@smith.example"} for name in "ab"])
        titles = "Id,Subject,Customer,Requester email\n"
        answer = self.import_rows(
            "1,a,Zoe Only,",
            "2,b,John Smith,",
            "3,c,Zoe Only,other@quill.example",
            "4,d,Nobody Here,new@quill.example",
            titles=titles,
        )
        self.assertEqual(answer["messages"], [])
        self.assertEqual([self.find(number).partner_id for number in (1, 2, 3, 4)], [zoe, Partner, Partner, Partner])
        self.assertEqual(self.find(2).partner_name, "John Smith")
        self.assertEqual(self.find(4).partner_email, "new@quill.example")
        self.assert_refused_name(titles)

    def assert_refused_name(self, titles):
        answer = self.import_rows("5,e,Nobody Here,", titles=titles)
        self.assertEqual(
            [m["message"] for m in answer["messages"]], ["Row 2: there is no contact “Nobody Here” that you can see."]
        )

    def test_a_name_in_the_column_of_addresses(self):
        self.import_rows("1,a,Support,New,Low,,,Zoe Quill <zoe@quill.example>")
        ticket = self.find(1)
        self.assertEqual((ticket.partner_name, ticket.partner_email), ("Zoe Quill", "zoe@quill.example"))

    # ------------------------------------------------------------
    # DATES
    # ------------------------------------------------------------

    def test_dates_agree_with_stages(self):
        rows = [
            "1,closed without a date,Support,Closed,Low,2024-01-02 10:00,,",
            "2,reopened,Support,Open,Low,2024-01-02 10:00,2024-01-03 10:00,",
            "3,date without a status,Support,,Low,2024-01-02 10:00,2024-01-03 10:00,",
            "4,nothing known,,,,,,",
        ]
        before = datetime.now().replace(microsecond=0)
        self.assertEqual(self.import_rows(*rows)["messages"], [])
        closed, reopened, dated, bare = (self.find(number) for number in (1, 2, 3, 4))
        self.assertEqual((closed.is_closed, closed.close_date, closed.close_hours), (True, False, False))
        self.assertEqual((reopened.is_closed, reopened.close_date, reopened.close_hours), (False, False, False))
        self.assertEqual((dated.is_closed, dated.close_date), (True, datetime(2024, 1, 3, 10)))
        self.assertEqual((bare.priority, bare.stage_id), ("0", bare.team_id.stage_ids[0]))
        self.assertGreaterEqual(bare.opened_on, before)

    def test_lists_are_in_the_order_of_opening(self):
        """What was imported last is not the newest."""
        recent = self.make_ticket(name="recent")
        self.import_rows("1,old,Support,New,Low,2020-01-02 10:00,,", "2,older,Support,New,Low,2019-01-02 10:00,,")
        tickets = recent | self.find(1, 2)
        self.assertEqual(self.env[TICKET].search([("id", "in", tickets.ids)]).mapped("name"), ["recent", "old", "older"])

    def test_a_test_draws_no_number(self):
        """Numbers that were drawn are not given back, and neither is what a sequence passes."""
        last = self.make_ticket().number
        prefix = last.rstrip("0123456789")
        ahead = f"{prefix}{int(last.removeprefix(prefix)) + 500:05}"
        titles = "Number,Subject,Group\n"
        for row in (",a,Support", f"{ahead},a,Support"):
            answer = self.import_rows(row, titles=titles, dryrun=True)
            self.assertEqual((answer["messages"], len(answer["ids"])), ([], 1))
        drawn = self.make_ticket().number
        self.assertEqual(int(drawn.removeprefix(prefix)), int(last.removeprefix(prefix)) + 1)

    def test_who_sets_the_dates(self):
        values = {"name": "x", "team_id": self.team.id, "opened_on": "2020-01-01 00:00:00"}
        for user in (self.employee, self.agent, self.manager):
            with self.subTest(user=user.login):
                for context in ({}, {"import_file": True}) if user != self.manager else ({},):
                    with self.assertRaises(AccessError), self.env.cr.savepoint():
                        self.call(user, TICKET, "create", values, context=context)
        # what the screen offers
        offered = {
            user: {field["name"] for field in self.screen(user).upload(b"Id\n1\n").preview["fields"]}
            for user in (self.agent, self.manager)
        }
        special = {"number", "opened_on", "assign_date", "close_date"}
        self.assertEqual(offered[self.manager] & special, special)
        self.assertEqual(offered[self.agent] & special, set())

    def test_who_imports_no_numbers_is_told_none(self):
        """Whether a hidden ticket has a number, or a hidden team a name, is not told to who may not import it."""
        self.make_ticket("private", number="OLD-7")
        self.teams["private"].name = "Layoffs"
        self.env["helpdesk_lite.type"].create({"name": "Secret project", "team_ids": self.teams["private"].ids})
        names = {
            "number": ("OLD-7", "OLD-8"),
            "team_id": ("Layoffs", "Nowhere"),
            "type_id": ("Secret project", "Secret nothing"),
        }
        for user in (self.employee, self.agent):
            for field, words in names.items():
                told = []
                for word in words:
                    answer = self.call(user, TICKET, "load", ["name", field], [["x", word]], context={"import_file": True})
                    self.assertFalse(answer["ids"])
                    told.append([message["message"].replace(word, "…") for message in answer["messages"]])
                self.assertTrue(told[0])
                self.assertEqual(*told)

    def test_agents_import_without_dates(self):
        answer = self.import_rows("a,Support,Closed", titles="Subject,Group,Status\n", user=self.agent)
        self.assertEqual(answer["messages"], [])
        ticket = self.env[TICKET].browse(answer["ids"])
        self.assertTrue(ticket.is_closed)
        self.assertFalse(ticket.close_date, "it was not closed now")

    def test_an_import_with_history_writes_to_nobody(self):
        """Also when the person ticks *Track history during import*."""
        customer = self.env["res.partner"].create({"name": "Zoe", "email": "zoe@quill.example"})
        screen = self.screen().upload(
            b"Id,Subject,Group,Assignee,Status,Requester email\n1,a,Support,Ana Ruiz,New,zoe@quill.example\n"
        )
        screen.options["tracking_disable"] = False
        sent = self.sent()
        self.assertEqual(screen.run()["messages"], [])
        ticket = self.find(1)
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.assertEqual(self.sent(), sent)
        self.assertEqual(ticket.user_id, self.ana)
        self.assertEqual(ticket.message_partner_ids, customer | self.ana.partner_id | self.team.message_partner_ids)
        self.assertNotIn(self.manager.partner_id, ticket.message_partner_ids)
        self.assertTrue(ticket.message_ids, "the history says that it was created")

    def test_an_import_that_changes_tickets_writes_to_nobody(self):
        solved = self.env.ref("helpdesk_lite.stage_solved")
        solved.template_id = self.env.ref("helpdesk_lite.stage_new").template_id
        for context, told in (({"import_file": True}, False), ({}, True)):
            ticket = self.make_ticket(partner_email="zoe@quill.example")
            sent = self.sent()
            answer = self.call(self.manager, TICKET, "load", [".id", "stage_id"], [[str(ticket.id), "Solved"]], context=context)
            self.assertEqual(answer["ids"], ticket.ids)
            self.env.flush_all()
            self.env.cr.precommit.run()
            self.assertEqual(ticket.stage_id, solved)
            self.assertEqual(self.sent() > sent, told)

    def test_an_import_assigns_nobody(self):
        self.import_rows("1,a,Support,New,Low,,,")
        self.assertFalse(self.find(1).user_id)
        self.assertFalse(self.find(1).assignment_waiting)

    def test_a_client_cannot_make_a_test_of_its_own(self):
        """A key in the context does what it says only when the server put it there."""
        ticket = self.call(
            self.manager,
            TICKET,
            "create",
            {"name": "x", "team_id": self.team.id},
            context={"import_file": True, "helpdesk_lite_import": {"test": True}},
        )
        self.assertTrue(self.env[TICKET].browse(ticket).number.startswith("T"))

    # ------------------------------------------------------------
    # COST
    # ------------------------------------------------------------

    def test_statements_do_not_grow_with_the_rows(self):
        self.env["res.partner"].create([{"name": f"Customer {n}", "email": f"c{n}@quill.example"} for n in range(0, 400, 2)])
        counts = []
        for first, last in ((0, 40), (40, 80), (80, 380)):
            rows = [
                [
                    f"x{n}",
                    "a",
                    "Support",
                    "Pending",
                    "Normal",
                    "2024-01-02 10:00:00",
                    f"c{n}@quill.example",
                    "Ana Ruiz",
                    "text\nmore",
                ]
                for n in range(first, last)
            ]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            answer = (self.env(user=self.manager.id, context={"import_file": True, "tracking_disable": True})[TICKET]).load(
                ["number", "name", "team_id", "stage_id", "priority", "opened_on", "partner_email", "user_id", "description"],
                rows,
            )
            self.assertFalse(answer["messages"])
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLess(counts[2], counts[1] + 12, counts)
        self.assertLess(counts[2], 100, counts)
