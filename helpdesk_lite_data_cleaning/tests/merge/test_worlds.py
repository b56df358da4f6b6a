import os
from collections import Counter, defaultdict
from random import Random

from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import SQL

from .worlds_doors import TEXTS, Doors
from .worlds_events import TEAM, TICKET, Events
from .worlds_oracle import INTERNAL, PUBLIC, Oracle, Person, Ticket, Word

WORLDS = int(os.environ.get("HELPDESK_LITE_WORLDS", 60))
FIRST = int(os.environ.get("HELPDESK_LITE_FIRST_WORLD", 0))
SIDE_BY_SIDE = 30  # worlds in the database at a time: what everybody reads is asked for all of them at once
STEPS = 8
ENOUGH = 30  # leaks; more of them say nothing new
SALES = "sales_team.group_sale_salesman"


class World:
    """Some teams and tickets, what happened to them, and the oracle."""

    def __init__(self, seed, employees):
        self.seed, self.random, self.oracle = seed, Random(f"world {seed}"), Oracle(employees)
        self.teams, self.history, self.told = [], [], ""
        self.urls = set()
        self.expected_kinds, self.followers_allowed, self.changes_allowed = {}, set(), set()
        self.followers_refused = set()


@tagged("post_install", "-at_install")
class TestMergeWorlds(Events, Doors, HttpCase):
    """Random worlds: whatever is merged, joined, forced, undone, converted, moved and answered, readers are the oracle's.

    After each step everybody looks for each word in rows and domains, and through some doors of the browser; over
    all worlds, through all of them. To run more::

        HELPDESK_LITE_WORLDS=2000 ./dev test helpdesk_lite_data_cleaning -k TestMergeWorlds
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "no_reset_password": True})
        cls.here = cls.env.company
        cls.there = cls.env["res.company"].create({"name": "There"})
        cls.has_sales = "crm.lead" in cls.env
        sales, all_leads = (f",{SALES}", f",{SALES}_all_leads") if cls.has_sales else ("", "")
        quill = cls.env["res.partner"].create({"name": "Quill", "is_company": True})
        cls.people = {}
        for name, groups, traits in (
            ("employee", "base.group_user,base.group_allow_export", {}),
            ("invited", "base.group_user,base.group_allow_export", {}),
            ("agent", "helpdesk_lite.group_user,base.group_allow_export", {}),
            ("helper", "helpdesk_lite.group_user,base.group_allow_export", {}),
            ("manager", "helpdesk_lite.group_manager,base.group_allow_export", {"manager": True}),
            ("manager there", "helpdesk_lite.group_manager", {"manager": True, "there": True}),
            ("salesperson", f"base.group_user{sales}", {"sales": True}),
            ("agent in sales", f"helpdesk_lite.group_user{all_leads}", {"sales": True}),
            ("zoe", "base.group_portal", {"portal": True, "parent": quill}),
            ("max", "base.group_portal", {"portal": True, "parent": quill}),
            ("yan", "base.group_portal", {"portal": True}),
            ("stranger", "base.group_portal", {"portal": True}),
        ):
            company = cls.there if traits.pop("there", False) else cls.here
            login = f"hl_{name.replace(' ', '_')}"
            user = new_test_user(
                cls.env,
                login,
                groups,
                email=f"{login}@{'quill' if traits.get('portal') else 'desk'}.example",
                company_id=company.id,
                company_ids=[(6, 0, company.ids)],
            )
            if parent := traits.pop("parent", None):
                user.partner_id.parent_id = parent
            cls.people[name] = Person(name, user, user.partner_id.id, frozenset(company.ids), **traits)
        cls.employees = {person.partner: person for person in cls.people.values() if not person.portal}
        # leads the sales team, and is told of what is handed over to it
        admin = cls.env.ref("base.user_admin")
        cls.employees[admin.partner_id.id] = Person(
            "admin", admin, admin.partner_id.id, frozenset(cls.here.ids), manager=True, sales=True
        )
        ben = cls.env["res.partner"].create({"name": "Ben", "email": "ben@quill.example"})
        cls.customers = [cls.people[name].partner for name in ("zoe", "max", "yan")] + ben.ids
        # who works for another company is not invited: Odoo would mail them what they cannot open
        cls.colleagues = [person for person in cls.employees.values() if cls.here.id in person.companies]
        cls.partners = [*(person.partner for person in cls.colleagues), *cls.customers, cls.people["stranger"].partner]
        cls.address_of = {
            partner.id: partner.email for partner in cls.env["res.partner"].browse(cls.partners + list(cls.employees))
        }
        cls.partner_of = {address: partner for partner, address in cls.address_of.items()}
        cls.addresses = [*cls.partner_of, "dot@quill.example"]
        cls.public = cls.env.ref("base.public_user")
        cls.texts = {model: query for model, query in TEXTS.items() if model in cls.env}
        cls.comment, cls.note = cls.env.ref("mail.mt_comment"), cls.env.ref("mail.mt_note")

    def setUp(self):
        super().setUp()
        self.openers, self.paths, self.found, self.counts = {}, {}, [], Counter()
        self.random, self.number = Random("doors"), 0

    # ------------------------------------------------------------
    # MAKING WORLDS
    # ------------------------------------------------------------

    def word(self, world, kind, audience, home):
        self.number += 1
        word = world.oracle.words[f"qx{self.number}z"] = Word(f"qx{self.number}z", kind, audience, home)
        self.worlds_of[word.text] = world
        return word

    def make_worlds(self, seeds):
        self.worlds_of = {}
        self.first = {
            model: self.env.execute_query(SQL("SELECT COALESCE(max(id), 0) FROM %s", SQL.identifier(self.env[model]._table)))[
                0
            ][0]
            for model in self.texts
        }
        self.rows = {model: {} for model in self.texts}
        self.last = Counter(self.first)
        for table in ("mail_mail", "mail_notification", "bus_bus"):
            self.last[table] = self.env.execute_query(SQL("SELECT COALESCE(max(id), 0) FROM %s", SQL.identifier(table)))[0][0]
        worlds = [World(seed, self.employees) for seed in seeds]
        quiet = {"mail_create_nosubscribe": True, "mail_create_nolog": True, "mail_notrack": True, "tracking_disable": True}
        team_values, places = [], []
        for world in worlds:
            for number in range(world.random.choice((1, 2, 2, 3))):
                mode = world.random.choice(("private", "company", "public", "public"))
                team_values.append(
                    {"name": f"Team {world.seed} {number}", "privacy_visibility": mode, "company_id": self.here.id}
                )
                places.append(world)
        for world, team in zip(places, self.env[TEAM].with_context(**quiet).create(team_values), strict=True):
            world.teams.append(team.id)
            if world.random.random() < 0.6:
                team._message_subscribe([world.random.choice(self.colleagues).partner])
        values, places = [], []
        for world in worlds:
            customers = world.random.choices(self.customers, k=2)
            for _number in range(world.random.choice((3, 3, 4))):
                texts = {
                    name: self.word(world, name, PUBLIC if name in ("name", "number", "description") else INTERNAL, 0)
                    for name in ("name", "number", "description", "partner_phone", "email_cc")
                }
                known = world.random.random()
                customer = {"partner_id": world.random.choice(customers)}
                if known < 0.3:
                    customer = {"partner_email": "dot@quill.example"} if known < 0.2 else {}
                assignee = world.random.choice([False, False, *(person.user.id for person in self.colleagues)])
                values.append(
                    {
                        **{name: word.text for name, word in texts.items()},
                        "email_cc": f"{texts['email_cc'].text}@cc.example",
                        "team_id": world.random.choice(world.teams),
                        "user_id": assignee,
                        **customer,
                    }
                )
                places.append((world, texts))
        tickets = self.env[TICKET].with_context(**quiet).create(values).with_env(self.env)
        followers = []
        for ticket, (world, texts) in zip(tickets, places, strict=True):
            world.oracle.tickets[ticket.id] = None
            for word in texts.values():
                word.home = ticket.id
            some = world.random.sample(self.partners, world.random.choice((0, 0, 1, 2)))
            if some:
                ticket.with_context(**quiet)._message_subscribe(some)
        self.furnish(tickets, [world for world, _texts in places])
        self.cr.precommit.run()
        self.env.invalidate_all()
        self.update(worlds)
        return worlds

    def furnish(self, tickets, worlds):
        """A comment with a file, the customer's mail, a note with a file, a file and an activity on each ticket."""
        files, messages, activities = [], [], []
        agent = self.people["agent"].partner
        for ticket, world in zip(tickets, worlds, strict=True):
            place = {"model": TICKET, "res_id": ticket.id, "reply_to": "care@desk.example"}
            for kind, subtype, author, type in (
                ("comment", self.comment, agent, "comment"),
                ("mail", self.comment, ticket.partner_id.id, "email"),
                ("note", self.note, agent, "comment"),
            ):
                audience = INTERNAL if kind == "note" else PUBLIC
                word = self.word(world, "message", audience, ticket.id)
                word.told |= {author} - {False}
                message = {**place, "body": word.text, "subtype_id": subtype.id, "author_id": author, "message_type": type}
                if kind == "mail":
                    message["email_from"] = ticket.partner_email or "dot@quill.example"
                else:
                    file = self.word(world, "file", audience, ticket.id)
                    file.told.add(author)
                    files.append({"name": file.text, "raw": b"x", "res_model": TICKET, "res_id": ticket.id})
                    message["file"] = len(files) - 1
                messages.append(message)
            file = {"name": self.word(world, "file", PUBLIC, ticket.id).text, "raw": b"x"}
            files.append({**file, "res_model": TICKET, "res_id": ticket.id})
            activities.append(
                {
                    "res_model_id": self.env["ir.model"]._get_id(TICKET),
                    "res_id": ticket.id,
                    "summary": self.word(world, "activity", INTERNAL, ticket.id).text,
                    "user_id": self.people["manager"].user.id,
                    "activity_type_id": self.env.ref("mail.mail_activity_data_todo").id,
                }
            )
        made = self.env["ir.attachment"].create(files)
        for message in messages:
            if (number := message.pop("file", None)) is not None:
                message["attachment_ids"] = made[number].ids
        self.env["mail.message"].create(messages)
        self.env["mail.activity"].with_context(mail_activity_quick_update=True).create(activities)

    # ------------------------------------------------------------
    # FACTS
    # ------------------------------------------------------------

    def team_followers(self, team):
        return {
            partner
            for (partner,) in self.env.execute_query(
                SQL("SELECT partner_id FROM mail_followers WHERE res_model = %s AND res_id = %s", TEAM, team)
            )
        }

    def update(self, worlds, event=False):
        """Read what the table asks of tickets, and hold every change of it against what was done."""
        self.env.flush_all()
        followers = defaultdict(set)
        teams = [team for world in worlds for team in world.teams]
        ids = [ticket for world in worlds for ticket in world.oracle.tickets]
        for model, record, partner in self.env.execute_query(
            SQL(
                """ SELECT res_model, res_id, partner_id FROM mail_followers
                     WHERE (res_model = %s AND res_id = ANY(%s)) OR (res_model = %s AND res_id = ANY(%s))""",
                TICKET,
                ids,
                TEAM,
                teams,
            )
        ):
            followers[model, record].add(partner)
        rows = {
            row[0]: row[1:]
            for row in self.env.execute_query(
                SQL(
                    """ SELECT ticket.id, ticket.team_id, team.privacy_visibility, team.company_id, users.partner_id,
                               ticket.partner_id, lower(ticket.partner_email), ticket.active, ticket.access_token,
                               ticket.merge_target_id, ticket.merge_kind
                          FROM helpdesk_lite_ticket ticket
                          JOIN helpdesk_lite_team team ON team.id = ticket.team_id
                     LEFT JOIN res_users users ON users.id = ticket.user_id
                         WHERE ticket.id = ANY(%s)""",
                    ids,
                )
            )
        }
        for world in worlds:
            oracle = world.oracle
            for id, former in list(oracle.tickets.items()):
                if id not in rows:
                    self.report(world, f"the ticket {id} is gone")
                    oracle.delete(id)
                    continue
                team, mode, company, assignee, partner, email, active, token, master, kind = rows[id]
                ticket = oracle.tickets[id] = Ticket(
                    team,
                    mode,
                    company,
                    assignee,
                    frozenset({partner, email} - {None, ""}),
                    active,
                    token,
                    followers[TICKET, id],
                    followers[TEAM, team],
                )
                expected = oracle.masters.get(id)
                if (master, kind) != ((expected and (expected[0], "absorbed" if expected[1] else "joined")) or (None, None)):
                    self.report(world, f"{id} is {kind} into {master}, and should be {expected}")
                if former:
                    self.check_changes(world, id, former, ticket)
            world.followers_refused = set()

    def check_changes(self, world, id, former, ticket):
        """Followers are an access list: nobody is added but by what was done."""
        for partner in ticket.followers - former.followers:
            if (id, partner) not in world.followers_allowed:
                self.report(world, f"{self.address_of.get(partner)} follows {id}")
        for name in ("team", "mode", "company", "assignee", "customer"):
            if getattr(ticket, name) != getattr(former, name) and name not in world.changes_allowed:
                if not (name == "mode" and former.team != ticket.team):
                    self.report(world, f"{name} of {id} was {getattr(former, name)} and is {getattr(ticket, name)}")
        for _id, partner in world.followers_refused:
            if _id == id and partner in ticket.followers and partner != ticket.assignee:
                self.report(world, f"{partner} is no longer the customer of {id}, and follows it")
        if ticket.mode != "public" and (former.mode == "public" or former.team != ticket.team):
            if outside := ticket.followers - self.employees.keys() - {ticket.assignee}:
                self.report(world, f"{outside} still follow {id}, which is no longer public")

    # ------------------------------------------------------------
    # THE TEST
    # ------------------------------------------------------------

    def test_readers_are_those_of_the_oracle(self):
        for first in range(FIRST, FIRST + WORLDS, SIDE_BY_SIDE):
            seeds = range(first, min(first + SIDE_BY_SIDE, FIRST + WORLDS))
            with self.cr.savepoint() as savepoint:
                worlds = self.make_worlds(seeds)
                self.look(worlds)
                for _step in range(STEPS):
                    for world in worlds:
                        self.step(world)
                    self.look(worlds)
                    if len(self.found) > ENOUGH:
                        break
                self.assertFalse(self.found, "\n".join(self.found[:ENOUGH]))
                savepoint.rollback()
            self.env.invalidate_all()
            self.env.cr.precommit.clear()
        self.check_coverage()

    def step(self, world):
        self.happen(world)
        self.env.flush_all()
        self.cr.precommit.run()
        self.env.invalidate_all()
        self.update([world])
        self.update_rows()
        self.check_sent(world)
        self.issue_links(world)
        self.check_links(world)
        self.check_files(world)
        self.check_timeline(world)
        self.check_http(world)

    def look(self, worlds):
        self.env.invalidate_all()
        self.update(worlds)
        self.update_rows()
        self.check_rows(worlds)
        self.check_domains(worlds)

    def check_coverage(self):
        """Everything happened, and was refused, often enough to mean something."""
        print(sorted(self.counts.items(), key=str))
