"""The world of the probe: its users, its records, and which user may know which word.

It does not use the product's rules: ``Place.known_to`` repeats the table of the design.
"""

import base64
from dataclasses import dataclass, field
from datetime import datetime, timedelta

HERE, THERE = "here", "there"
LETTERS = "bcdfgjlmnprstvwz"


@dataclass
class Role:
    """One of the users who send requests."""

    name: str
    groups: str
    company: str = HERE
    portal: bool = False
    administrator: bool = False
    user: object = None
    context: dict = None


# in the order of the letters of a word; the right to export gives no further access
ROLES = (
    Role("customer", "base.group_portal", portal=True),
    Role("portal stranger", "base.group_portal", portal=True),
    Role("employee", "base.group_user,base.group_allow_export"),
    Role("invited employee", "base.group_user,base.group_allow_export"),
    Role("agent", "helpdesk_lite.group_user,base.group_allow_export"),
    Role("salesperson", "sales_team.group_sale_salesman"),
    Role("agent in sales", "helpdesk_lite.group_user,sales_team.group_sale_salesman"),
    Role("administrator there", "helpdesk_lite.group_manager,base.group_allow_export", company=THERE, administrator=True),
)


@dataclass
class Place:
    """The place of a word, and the roles that may read it by the table.

    ``mode`` is a team's visibility, "everybody" if all employees of the company can read the place, or "nobody"
    if no role can. ``invited`` are the roles that follow the ticket or the team.
    """

    mode: str
    company: str = HERE  # None: of both companies companies
    invited: tuple = ()
    internal: bool = False  # never visible to customers
    team: bool = False  # belongs to the team itself: following one of its tickets is not enough
    agents: bool = False  # only for those with a role in Helpdesk

    def __str__(self):
        return " ".join(
            filter(None, (self.mode, self.company == THERE and THERE, self.invited and "invited", self.internal and "internal"))
        )

    def known_to(self, role):
        if self.mode == "nobody" or self.company not in (None, role.company):
            return False
        if self.agents and "helpdesk_lite." not in role.groups:
            return False
        if role.portal:
            return self.mode == "public" and not self.internal and not self.team and role.name in self.invited
        return self.mode != "private" or role.administrator or role.name in self.invited


@dataclass
class Word:
    """A word that occurs in one place. Its letters tell which roles may know it."""

    text: str
    kind: str
    place: Place


@dataclass
class World:
    """The records of the places, and the words in them."""

    random: object
    words: dict = field(default_factory=dict)
    encoded: dict = field(default_factory=dict)  # base64 of the content of a file: its word
    places: dict = field(default_factory=dict)  # (model, id): Place

    def word(self, kind, place):
        """Create a word.

        :return: str: ``zq``, then ``h`` (hidden) or ``k`` (known) for each role, then a name
        """
        while True:
            name = "".join(self.random.choice(LETTERS) for _i in range(6))
            text = "zq" + "".join("k" if place.known_to(role) else "h" for role in ROLES) + name
            if text not in self.words:
                self.words[text] = Word(text, f"{kind} ({place})", place)
                return text

    def put(self, records, place):
        for record in records:
            self.places[record._name, record.id] = place
        return records

    def hidden(self, role, model):
        return [id for (name, id), place in self.places.items() if name == model and not place.known_to(role)]

    def hidden_words(self, role):
        return [word for word in self.words.values() if not word.place.known_to(role)]

    def pattern(self, role, first="zq"):
        """The pattern for ``ilike`` that matches every word hidden from a role; with another beginning, none."""
        index = ROLES.index(role)
        return first + "_" * index + "h" + "_" * (len(ROLES) - index - 1)


class Builder:
    """Creates the records of the core, as superuser."""

    def __init__(self, case, world):
        self.env, self.case, self.world = case.env, case, world
        self.main, self.other = case.env.company, case.there
        self.moment = datetime.now() + timedelta(days=5)

    def build(self):
        self.make_people()
        self.make_teams()
        self.make_tickets()

    def make_people(self):
        word, put = self.world.word, self.world.put
        self.partners = {}
        for company, record in ((HERE, self.main), (THERE, self.other)):
            place = Place("everybody", company)
            partner = self.env["res.partner"].create(
                {
                    "name": word("contact of the other company: name", place),
                    "email": word("contact of the other company: e-mail", place) + "@contact.example",
                    "phone": word("contact of the other company: phone", place),
                    "company_id": record.id,
                }
            )
            self.partners[company] = put(partner, place)
        # a member of the private team who is away; customers must not learn of them
        self.colleague = self.case.make_user("hl_probe_colleague", "helpdesk_lite.group_user", self.main | self.other)
        colleagues = Place("everybody", None, internal=True)
        self.colleague.name = word("name of a colleague who is away", colleagues)
        self.env["resource.calendar.leaves"].create(
            {
                "name": word("time off of a colleague", colleagues),
                "resource_id": self.make_resource(self.colleague).id,
                "date_from": datetime.now() - timedelta(days=1),
                "date_to": datetime.now() + timedelta(days=9),
            }
        )

    def make_resource(self, user):
        return self.env["resource.resource"].create(
            {"name": user.login, "user_id": user.id, "company_id": self.main.id, "tz": "UTC"}
        )

    def make_teams(self):
        self.teams = {
            "private": self.make_team("private", Place("private", team=True)),
            "there": self.make_team("company", Place("company", THERE, team=True)),
            "private there": self.make_team("private", Place("private", THERE, team=True)),
        }
        # visible to the roles
        self.teams["company"], self.teams["public"] = self.case.teams["company"], self.case.teams["public"]
        self.make_reply(Place("nobody"), user_id=self.colleague.id)
        self.teams["public"].write({"auto_assignment": True, "member_ids": [(6, 0, (self.colleague + self.case.agent).ids)]})

    def make_team(self, mode, place):
        word = self.world.word
        # people who are invited to a ticket may know the name of its team
        named = Place(mode, place.company, ("invited employee",), team=True)
        company = self.main if place.company == HERE else self.other
        team = (
            self.env["helpdesk_lite.team"]
            .with_company(company)
            .create(
                {
                    "name": word("team: name", named),
                    "description": word("team: description", place),
                    "alias_name": word("team: alias", place),
                    "company_id": company.id,
                    "privacy_visibility": mode,
                    "stage_ids": [(0, 0, {"name": word("stage of a team", named)})],
                    "member_ids": [(6, 0, self.colleague.ids)],
                    "auto_assignment": True,
                    "assign_method": "tags",
                    "ticket_properties_definition": [{"name": "probe", "string": "Probe", "type": "char"}],
                }
            )
        )
        tag = self.env["helpdesk_lite.tag"].create({"name": f"Tag {team.id}"})
        self.world.put(
            self.env["helpdesk_lite.tag.member"].create(
                {"team_id": team.id, "tag_id": tag.id, "user_ids": [(6, 0, self.colleague.ids)]}
            ),
            place,
        )
        self.world.put(team.stage_ids, named)
        self.make_reply(Place(mode, place.company, team=True, agents=True), team_ids=team.ids, company_id=company.id)
        # shared by all, but it leads to this team
        self.make_reply(
            Place(mode, place.company, team=True, agents=True),
            move_team_id=team.id,
            stage_action="stage",
            stage_id=team.stage_ids[0].id,
            company_id=company.id,
        )
        self.furnish(team, place)
        return self.world.put(team, place)

    def make_reply(self, place, **values):
        word, put = self.world.word, self.world.put
        reply = self.env["helpdesk_lite.reply"].create(
            {
                "name": word("reply: name", place),
                "shortcut": word("reply: shortcut", place),
                "body": f"<p>{word('reply: text', place)}</p>",
                "note": f"<p>{word('reply: note', place)}</p>",
                "activity_summary": word("reply: activity", place),
                "user_id": False,
                "text_ids": [(0, 0, {"lang": "en_US", "body": f"<p>{word('reply: another language', place)}</p>"})],
                "attachment_ids": [(0, 0, {"name": word("reply: name of a file", place) + ".txt", "raw": b"a file"})],
                **values,
            }
        )
        put(reply.attachment_ids, place)
        put(reply.text_ids, place)
        return put(reply, place)

    def make_tickets(self):
        asking = {role.name: role.user.partner_id for role in ROLES}
        self.hidden = self.make_ticket("private", Place("private"))
        self.invited = self.make_ticket("private", Place("private", invited=("invited employee",)))
        self.invited.message_subscribe(asking["invited employee"].ids)
        self.make_ticket("there", Place("company", THERE), partner_id=self.partners[THERE].id)
        self.make_ticket("private there", Place("private", THERE), partner_id=self.partners[THERE].id)
        self.foreign = self.make_ticket("public", Place("public"), partner_id=self.case.customer.id)
        self.own = self.make_ticket("public", Place("public", invited=("customer",)), partner_id=asking["customer"].id)
        self.seen = self.make_ticket("company", Place("company"))
        # those who read only one of the two tickets must not learn of them
        self.relate(self.seen, "relates", self.hidden, Place("private", internal=True))
        self.relate(self.hidden, "part", self.seen, Place("private", internal=True))
        self.relate(self.foreign, "follow_up", self.invited, Place("private", invited=("invited employee",), internal=True))

    def relate(self, ticket, kind, other, place):
        values = {"ticket_id": ticket.id, "kind": kind, "other_id": other.id}
        self.world.put(self.env["helpdesk_lite.relation"].create(values), place)

    def make_ticket(self, team, place, **values):
        word = self.world.word
        team = self.teams[team]
        inside = Place(place.mode, place.company, place.invited, internal=True)
        properties = (
            {"properties": [{"name": "probe", "string": "Probe", "type": "char", "value": word("ticket: property", inside)}]}
            if team.ticket_properties_definition
            else {}
        )
        ticket = (
            self.env["helpdesk_lite.ticket"]
            .with_company(team.company_id)
            .create(
                {
                    "name": word("ticket: subject", place),
                    "description": f"<p>{word('ticket: description', place)}</p>",
                    "team_id": team.id,
                    "partner_name": word("ticket: customer's name", place),
                    "partner_email": word("ticket: customer's e-mail", place) + "@sender.example",
                    "partner_phone": word("ticket: customer's phone", place),
                    "email_cc": word("ticket: cc", inside) + "@cc.example",
                    **properties,
                    **values,
                }
            )
        )
        self.world.put(ticket, place)
        self.furnish(ticket, place)
        # automatic notes: the chosen assignee with the reason, and tracked changes
        known = self.world.places
        self.world.put([message for message in ticket.message_ids if (message._name, message.id) not in known], inside)
        return ticket.with_env(self.env)

    def furnish(self, record, place):
        """Add everything to a record that a chatter can contain."""
        word, put = self.world.word, self.world.put
        record = record.with_context(mail_notrack=True)
        what = record._description.lower()
        inside = Place(place.mode, place.company, place.invited, internal=True, team=place.team)
        comment = record.message_post(
            body=word(f"message of a {what}", place),
            subject=word(f"subject of a message of a {what}", place),
            email_from=word(f"sender of a message of a {what}", place) + "@mail.example",
            author_id=False,
            message_type="email",
            subtype_xmlid="mail.mt_comment",
            attachments=[(word(f"name of a file of a message of a {what}", place) + ".txt", b"a file")],
        )
        put(comment, place)
        put(comment.attachment_ids, place)
        content = word(f"content of a file of a note of a {what}", inside)
        self.world.encoded[base64.b64encode(content.encode()).decode()] = content
        note = record.message_post(
            body=word(f"note of a {what}", inside),
            message_type="comment",
            subtype_xmlid="mail.mt_note",
            author_id=self.colleague.partner_id.id,
            email_from=word(f"author's address of a note of a {what}", inside) + "@note.example",
            attachments=[(word(f"name of a file of a note of a {what}", inside) + ".txt", content.encode())],
        )
        put(note, inside)
        put(note.attachment_ids, inside)
        told = record.message_notify(
            subject=word(f"subject of a notification of a {what}", inside),
            body=word(f"notification of a {what}", inside),
            partner_ids=self.partners[place.company].ids,
            author_id=self.colleague.partner_id.id,
        )
        put(told, inside)
        put(told.notification_ids, inside)
        record.message_subscribe(self.partners[place.company].ids)
        put(record.message_follower_ids, inside)
        if "activity_ids" in record:
            put(
                record.activity_schedule(
                    "mail.mail_activity_data_todo",
                    user_id=self.colleague.id,
                    summary=word(f"activity of a {what}", inside),
                    note=word(f"note of an activity of a {what}", inside),
                ),
                inside,
            )
        put(
            self.env["mail.scheduled.message"].create(
                {
                    "model": record._name,
                    "res_id": record.id,
                    "author_id": self.colleague.partner_id.id,
                    "scheduled_date": self.moment,
                    "subject": word(f"subject of a scheduled message of a {what}", inside),
                    "body": word(f"scheduled message of a {what}", inside),
                }
            ),
            inside,
        )
