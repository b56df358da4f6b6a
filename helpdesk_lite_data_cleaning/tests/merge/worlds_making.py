"""Teams in each mode, tickets of several customers, and what hangs on tickets, in words that occur nowhere else."""

from collections import Counter
from random import Random

from odoo.tools import SQL

from .worlds_events import TEAM, TICKET
from .worlds_oracle import INTERNAL, PUBLIC, Oracle, Word

FIELDS = {"name": PUBLIC, "number": PUBLIC, "description": PUBLIC, "partner_phone": INTERNAL, "email_cc": INTERNAL}
# what is made is not what is tested
QUIET = {"mail_create_nosubscribe": True, "mail_create_nolog": True, "mail_notrack": True, "tracking_disable": True}
SENT = ("mail_mail", "mail_notification", "bus_bus")


class World:
    """Some teams and tickets, what happened to them, and the oracle."""

    def __init__(self, seed, employees):
        self.seed, self.random, self.oracle = seed, Random(f"world {seed}"), Oracle(employees)
        self.teams, self.history, self.told = [], [], ""
        self.touched = set()  # tickets that the last event was about
        self.urls = set()  # of files: (file, its token, ticket on which it was shown, access token of that ticket)
        self.followers_allowed, self.followers_refused, self.changes_allowed = set(), set(), set()


class Making:
    """Mixed into the test, which has the people and the database."""

    def word(self, world, kind, audience, home):
        self.number += 1
        word = world.oracle.words[f"qx{self.number}z"] = Word(f"qx{self.number}z", kind, audience, home)
        self.worlds_of[word.text] = world
        return word

    def last_id(self, table):
        return self.env.execute_query(SQL("SELECT COALESCE(max(id), 0) FROM %s", SQL.identifier(table)))[0][0]

    def make_worlds(self, seeds):
        self.worlds_of = {}
        self.first = {model: self.last_id(self.env[model]._table) for model in self.texts}
        self.rows = {model: {} for model in self.texts}
        self.last = Counter({**self.first, **{table: self.last_id(table) for table in SENT}})
        self.births = {}
        worlds = [World(seed, self.employees) for seed in seeds]
        self.make_teams(worlds)
        self.furnish(*self.make_tickets(worlds))
        self.cr.precommit.run()
        self.env.invalidate_all()
        self.update(worlds)
        return worlds

    def make_teams(self, worlds):
        values, places = [], []
        for world in worlds:
            for number in range(world.random.choice((1, 2, 2, 3))):
                mode = world.random.choice(("private", "company", "public", "public"))
                name = f"Team {world.seed} {number}"
                values.append({"name": name, "privacy_visibility": mode, "company_id": self.here.id})
                places.append(world)
        for world, team in zip(places, self.env[TEAM].with_context(**QUIET).create(values), strict=True):
            world.teams.append(team.id)
            if world.random.random() < 0.6:
                team._message_subscribe([world.random.choice(self.colleagues).partner])

    def make_tickets(self, worlds):
        """Two customers for a world, so that some tickets are of the same one.

        :return: tuple (tickets, world of each)
        """
        values, places = [], []
        for world in worlds:
            customers = world.random.choices(self.customers, k=2)
            for _number in range(world.random.choice((3, 3, 4))):
                texts = {name: self.word(world, name, audience, 0) for name, audience in FIELDS.items()}
                known = world.random.random()
                customer = {"partner_id": world.random.choice(customers)}
                if known < 0.3:
                    customer = {"partner_email": "dot@quill.example"} if known < 0.2 else {}
                assignee = world.random.choice([False, False, *(person.user.id for person in self.colleagues)])
                value = {name: word.text for name, word in texts.items()}
                value |= {"email_cc": f"{texts['email_cc'].text}@cc.example", "user_id": assignee, **customer}
                values.append({**value, "team_id": world.random.choice(world.teams)})
                places.append((world, texts))
        tickets = self.env[TICKET].with_context(**QUIET).create(values).with_env(self.env)
        for ticket, (world, texts) in zip(tickets, places, strict=True):
            world.oracle.tickets[ticket.id] = None
            for word in texts.values():
                word.home = ticket.id
            some = world.random.sample(self.partners, world.random.choice((0, 0, 1, 2)))
            if some:
                ticket.with_context(**QUIET)._message_subscribe(some)
        return tickets, [world for world, _texts in places]

    def furnish(self, tickets, worlds):
        """A comment with a file, the customer's mail, a note with a file, a file and an activity on each ticket."""
        files, messages, activities = [], [], []
        # nobody of those who look: whoever wrote a message keeps it
        agent = self.env.ref("base.user_admin").partner_id.id
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
