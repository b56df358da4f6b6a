"""What everybody reads, through every door, in the words that come out of it."""

import json
import re

from odoo.addons.mail.tools.discuss import Store
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .worlds_events import TICKET
from .worlds_oracle import PUBLIC, Link

WORD = re.compile(r"qx\d+z")
# the rows that hold words; customers read few fields of their tickets
TEXTS = {
    TICKET: SQL("SELECT id, concat_ws(' ', name, number, description, partner_phone, email_cc) FROM helpdesk_lite_ticket"),
    "mail.message": SQL("SELECT id, concat_ws(' ', subject, body, reply_to) FROM mail_message"),
    "ir.attachment": SQL("SELECT id, name FROM ir_attachment"),
    "mail.activity": SQL("SELECT id, concat_ws(' ', summary, note) FROM mail_activity"),
    "crm.lead": SQL("SELECT id, concat_ws(' ', name, description::text, phone, email_cc) FROM crm_lead"),
}
CHANGING = (TICKET, "crm.lead")
FOR_CUSTOMERS = ("name", "number", "description")
# paths of domains, across relations
PATHS = {
    TICKET: (
        "name",
        "number",
        "display_name",
        "description",
        "partner_phone",
        "email_cc",
        "message_ids.body",
        "message_ids.attachment_ids.name",
        "website_message_ids.body",
        "activity_ids.summary",
        "merged_into_id.name",
        "merged_into_id.message_ids.body",
        "merged_ticket_ids.name",
        "merged_ticket_ids.message_ids.body",
        "merged_ticket_ids.activity_ids.summary",
        "merged_numbers",
        "team_id.ticket_ids.name",
        "team_id.ticket_ids.message_ids.body",
        "lead_ids.name",
        "lead_ids.message_ids.body",
        "converted_lead_id.message_ids.body",
    ),
    "mail.message": ("body", "attachment_ids.name", "parent_id.body", "child_ids.body"),
    "ir.attachment": ("name",),
    "mail.activity": ("summary",),
    "mail.notification": ("mail_message_id.body", "mail_message_id.attachment_ids.name"),
    "crm.lead": ("name", "message_ids.body", "ticket_id.name", "ticket_id.message_ids.body", "ticket_id.activity_ids.summary"),
    "helpdesk_lite.merge.group": ("record_ids.ticket_id.name", "record_ids.ticket_id.message_ids.body"),
    "helpdesk_lite.merge.record": ("ticket_id.name", "ticket_name", "ticket_number"),
}
EXPORTED = [
    "name",
    "number",
    "email_cc",
    "message_ids/body",
    "activity_ids/summary",
    "merged_ticket_ids/name",
    "merged_ticket_ids/message_ids/body",
    "merged_into_id/name",
]


class Doors:
    """Mixed into the test, which has the people, the database and the HTTP client."""

    # ------------------------------------------------------------
    # WORDS AND READERS
    # ------------------------------------------------------------

    def check_words(self, world, reader, words, door):
        """Everything that came out of a door may be read by whoever looked in."""
        for text in words:
            home = self.worlds_of.get(text)
            word = home and home.oracle.words.get(text)
            if word and not home.oracle.reads(reader, word):
                self.report(home, f"{getattr(reader, 'name', reader)} reads {word} through {door}")

    def check_text(self, world, reader, text, door):
        self.check_words(world, reader, set(WORD.findall(text)), door)
        for id, ticket in world.oracle.tickets.items():
            if ticket.token and ticket.token in text and not self.may_hold_link(world, reader, id):
                self.report(world, f"{getattr(reader, 'name', reader)} gets the access link of {id} through {door}")

    def may_hold_link(self, world, reader, ticket):
        return world.oracle.opens(reader, ticket) if isinstance(reader, Link) else world.oracle.sees(reader, ticket)

    def report(self, world, sentence):
        self.found.append(f"seed {world.seed}: {sentence}; steps: {'; '.join(world.history)}")

    # ------------------------------------------------------------
    # ROWS: everybody, every world, every word
    # ------------------------------------------------------------

    def update_rows(self):
        """Note the words of new and changed rows."""
        self.env.flush_all()
        for model, query in self.texts.items():
            since = 0 if model in CHANGING else self.last[model]
            rows = self.env.execute_query(SQL("%s WHERE id > %s", query, max(since, self.first[model])))
            if model in CHANGING:
                self.rows[model] = {}
            for id, text in rows:
                if words := set(WORD.findall(text or "")):
                    self.rows[model][id] = words
                self.last[model] = max(self.last[model], id)

    def readable_rows(self, person, model):
        Model = self.env[model].with_user(person.user).with_context(active_test=False)
        ids = list(self.rows[model])
        if not ids or not Model.has_access("read"):
            return set()
        # found in lists, and by id
        listed = set(Model.search([("id", "in", ids)]).ids)
        return listed | set(Model.browse(ids).exists()._filtered_access("read").ids)

    def check_rows(self, worlds):
        """Readers of rows are those of the oracle, no more and no fewer."""
        for person in self.people.values():
            read = set()
            for model in self.texts:
                for id in self.readable_rows(person, model):
                    read |= self.rows[model].get(id, set())
            for world in worlds:
                for text, word in world.oracle.words.items():
                    # customers may look at few fields of a ticket
                    hidden = person.portal and word.kind not in (*FOR_CUSTOMERS, "message", "mail", "file", "activity")
                    if text in read and not hidden and not world.oracle.reads(person, word):
                        self.report(world, f"{person.name} reads {word} by the ORM")
                    elif text not in read and world.oracle.must_read(person, word):
                        self.report(world, f"{person.name} can no longer read {word}")

    # ------------------------------------------------------------
    # DOMAINS
    # ------------------------------------------------------------

    def check_domains(self, worlds):
        """No question about a word that somebody may not read is answered, neither on its row nor across relations."""
        for person in self.people.values():
            hidden = [
                text
                for world in worlds
                for text in world.random.sample(sorted(world.oracle.words), min(12, len(world.oracle.words)))
                if not world.oracle.reads(person, world.oracle.words[text])
            ]
            for model, paths in PATHS.items():
                if not hidden or model not in self.env:
                    continue
                Model = self.env[model].with_user(person.user).with_context(active_test=False)
                if not Model.has_access("read"):
                    continue
                asked = self.random.sample(hidden, min(6, len(hidden)))
                for path in self.allowed_paths(Model, person, paths):
                    answer = Model.search(Domain.OR(Domain(path, "ilike", text) for text in asked), limit=1)
                    if answer:
                        text = next(text for text in asked if Model.search([(path, "ilike", text)], limit=1))
                        world = self.worlds_of[text]
                        self.report(
                            world, f"{person.name} is told that {path} of {answer} holds {world.oracle.words[text]} by a domain"
                        )

    def allowed_paths(self, Model, person, paths):
        """A path at a time, chosen at random: over all worlds, each is asked by everybody."""
        key = (person.name, Model._name)
        if key not in self.paths:
            self.paths[key] = []
            for path in paths:
                try:
                    Model.search(Domain(path, "ilike", "qx0z"), limit=1)
                    self.paths[key].append(path)
                except (UserError, ValueError):
                    # refused as a whole, or of an addon that is not there
                    continue
        return self.random.sample(self.paths[key], min(3, len(self.paths[key])))

    # ------------------------------------------------------------
    # CHATTER
    # ------------------------------------------------------------

    def check_timeline(self, world):
        """The chatter of a ticket shows its conversation and those below it, to each by their own rights."""
        oracle = world.oracle
        ticket_id = world.random.choice(list(oracle.tickets))
        for person in world.random.sample([person for person in self.people.values() if not person.portal], 2):
            ticket = self.env[TICKET].with_user(person.user).browse(ticket_id)
            if not oracle.sees(person, ticket_id):
                if ticket.has_access("read"):
                    self.report(world, f"{person.name} opens {ticket_id}")
                continue
            Message = self.env["mail.message"].with_user(person.user)
            messages = Message._message_fetch(None, thread=ticket, limit=500)["messages"]
            text = json.dumps(Store().add(messages).get_result(), default=str)
            self.check_text(world, person, text, f"the chatter of {ticket_id}")
            shown = {ticket_id, *oracle.below(ticket_id)}
            found = set(WORD.findall(text))
            for word in oracle.words.values():
                if word.kind == "message" and word.home in shown and oracle.sees(person, word.home) and word.text not in found:
                    self.report(world, f"{person.name} does not find {word} in the chatter of {ticket_id}")

    # ------------------------------------------------------------
    # LINKS AND FILES
    # ------------------------------------------------------------

    def issue_links(self, world):
        """Keep every link that the product ever made, and make some as mails and pages do."""
        oracle, manager = world.oracle, self.people["manager"]
        ticket_id = world.random.choice(list(oracle.tickets))
        if oracle.tickets[ticket_id].mode == "public" and world.random.random() < 0.5:
            ticket = self.ticket(manager, ticket_id)
            if oracle.sees(manager, ticket_id):
                oracle.tickets[ticket_id].token = ticket.sudo()._portal_ensure_token()
        for id, ticket in oracle.tickets.items():
            if ticket.token and ticket.mode == "public":
                pids = sorted(part for part in ticket.customer if isinstance(part, int))
                pid = pids[0] if pids else 0
                hash = self.env[TICKET].browse(id)._sign_token(pid) if pid else ""
                oracle.links.add(Link(id, ticket.token, pid, hash))
        files = [
            id
            for id, words in self.rows["ir.attachment"].items()
            for text in words
            if self.worlds_of.get(text) is world
            and text in oracle.words
            and oracle.words[text].audience == PUBLIC
            and oracle.tickets[oracle.words[text].home].token
            and oracle.tickets[oracle.words[text].home].mode == "public"
        ]
        if files:
            file = self.env["ir.attachment"].browse(world.random.choice(files))
            if file.exists():
                # sudo of the test: the page of the ticket writes this address for whoever may see it
                home = oracle.words[next(iter(self.rows["ir.attachment"][file.id]))].home
                world.urls.add((file.id, file.sudo()._get_raw_access_token(), home, oracle.tickets[home].token))

    def check_links(self, world):
        """Each link ever made opens its own ticket, while it is public and the link was not renewed, and no other."""
        oracle = world.oracle
        Ticket = self.env[TICKET].with_user(self.public)
        for link in oracle.links:
            for ticket_id in {link.ticket, world.random.choice(list(oracle.tickets))} & oracle.tickets.keys():
                allowed = link.ticket == ticket_id and oracle.opens(link, ticket_id)
                for how in ({"token": link.token}, {"hash": link.hash, "pid": link.pid}):
                    opened = bool(Ticket._get_thread_with_access(ticket_id, **how)) if all(how.values()) else allowed
                    if opened != allowed:
                        self.report(world, f"{link} {'opens' if opened else 'no longer opens'} {ticket_id} by {list(how)}")

    def check_files(self, world):
        """The address of a file opens it while the link of the ticket where it was made does."""
        oracle = world.oracle
        Binary = self.env["ir.binary"].with_user(self.public)
        for file_id, token, made_on, ticket_token in sorted(world.urls):
            words = [oracle.words[text] for text in self.rows["ir.attachment"].get(file_id, ()) if text in oracle.words]
            if not words:
                continue
            try:
                Binary._find_record(res_model="ir.attachment", res_id=file_id, access_token=token, field="raw")
            except (AccessError, MissingError):
                if words[0].home == made_on and oracle.opens(Link(made_on, ticket_token), made_on):
                    self.report(world, f"the address of {words[0]} from {made_on} no longer opens it")
                continue
            if not oracle.reads(Link(made_on, ticket_token), words[0]):
                self.report(world, f"an address from {made_on} opens {words[0]}")

    # ------------------------------------------------------------
    # WHAT IS SENT
    # ------------------------------------------------------------

    def check_sent(self, world):
        """Mails, notifications, and what is pushed to browsers."""
        oracle = world.oracle
        self.check_mails(world)
        rows = self.new_rows(
            "mail_notification",
            SQL(
                """ SELECT line.id, line.res_partner_id, concat_ws(' ', message.body, message.subject,
                           ARRAY(SELECT file.name FROM message_attachment_rel rel JOIN ir_attachment file
                                     ON file.id = rel.attachment_id WHERE rel.message_id = message.id)::text)
                      FROM mail_notification line JOIN mail_message message ON message.id = line.mail_message_id"""
            ),
        )
        for _id, partner, body in rows:
            if not partner:
                # a bare address, see the mails
                continue
            person = self.employees.get(partner)
            for text in WORD.findall(body or ""):
                word = oracle.words.get(text)
                if word and not (
                    oracle.reads(person, word) if person else oracle.may_be_mailed(word, partner, self.address_of.get(partner))
                ):
                    self.report(world, f"{person.name if person else partner} is notified of {word}")
                if word:
                    word.told.add(partner)
        for _id, channel, message in self.new_rows("bus_bus", SQL("SELECT id, channel, message FROM bus_bus line")):
            if "res.partner" in channel:
                partner = json.loads(channel)[-1]
                person = next((person for person in self.people.values() if person.partner == partner), None)
                if person:
                    self.check_text(world, person, message, "the bus")

    def new_rows(self, table, query):
        rows = self.env.execute_query(SQL("%s WHERE line.id > %s ORDER BY line.id", query, self.last[table]))
        self.last[table] = max([self.last[table], *(row[0] for row in rows)])
        return rows

    def check_mails(self, world):
        oracle = world.oracle
        mails = self.new_rows(
            "mail_mail",
            SQL(
                """ SELECT line.id, message.subject, concat_ws(' ', line.body_html, line.headers, message.reply_to),
                           line.email_to, line.email_cc,
                           ARRAY(SELECT res_partner_id FROM mail_mail_res_partner_rel WHERE mail_mail_id = line.id),
                           ARRAY(SELECT file.name FROM message_attachment_rel rel JOIN ir_attachment file
                                     ON file.id = rel.attachment_id WHERE rel.message_id = message.id)
                      FROM mail_mail line JOIN mail_message message ON message.id = line.mail_message_id"""
            ),
        )
        for _id, subject, body, email_to, email_cc, partners, files in mails:
            self.counts["mails", True] += 1
            text = " ".join([subject or "", body or "", *files])
            bare = [(None, address) for address in re.findall(r"[\w.+-]+@[\w.-]+", f"{email_to or ''} {email_cc or ''}")]
            for partner, address in [*((partner, self.address_of.get(partner)) for partner in partners), *bare]:
                person = self.employees.get(partner or self.partner_of.get(address))
                for word in (oracle.words[text] for text in set(WORD.findall(text)) if text in oracle.words):
                    # an employee who is the customer of a ticket is written to as a customer
                    if not (person and oracle.reads(person, word)) and not oracle.may_be_mailed(
                        word, partner or self.partner_of.get(address), address
                    ):
                        self.report(world, f"{person.name if person else address or partner} is mailed {word}")
                for id, ticket in oracle.tickets.items():
                    held = person and oracle.sees(person, id)
                    if ticket.token and ticket.token in text and not held:
                        if not {partner, address} & ticket.customer and partner not in ticket.followers:
                            self.report(world, f"{address or partner} is mailed the access link of {id}")

    # ------------------------------------------------------------
    # HTTP
    # ------------------------------------------------------------

    def as_reader(self, person):
        """The client of somebody; of an anonymous visitor, when None."""
        name = person.name if person else None
        if name not in self.openers:
            self.session = None
            self.authenticate(person.user.login if person else None, person.user.login if person else None)
            self.openers[name] = self.opener
        self.opener = self.openers[name]

    def json(self, person, route, values):
        self.as_reader(person)
        answer = self.url_open(route, json={"params": values}).json()
        self.env.invalidate_all()
        return answer

    def check_http(self, world):
        """One request of the web client or of the portal, and all that its answer says."""
        oracle, random = world.oracle, world.random
        ticket = random.choice(list(oracle.tickets))
        door = random.choice(("thread", "data", "read", "export", "page", "chatter", "list", "view", "file"))
        insiders = [person for person in self.people.values() if not person.portal]
        customers = [person for person in self.people.values() if person.portal]
        if door in ("thread", "data", "read", "export"):
            person = random.choice(insiders)
            answer = self.json(person, *self.inside(person, door, ticket, world))
            text = json.dumps(answer)
            self.counts[door, "result" in answer] += 1
            self.check_text(world, person, text, f"{door} of {ticket}")
            return
        links = sorted((link for link in oracle.links if link.ticket in oracle.tickets), key=str)
        link = random.choice(links) if links and random.random() < 0.7 else None
        person = random.choice([*customers, None, None])
        if link and random.random() < 0.8:
            ticket = link.ticket
        text = self.outside(person, door, ticket, link, world)
        self.counts[door, bool(WORD.search(text))] += 1
        # whoever has a login and a link sees what either shows
        for found in set(WORD.findall(text)):
            word = oracle.words.get(found)
            if word and not (person and oracle.reads(person, word)) and not (link and oracle.reads(link, word)):
                self.report(world, f"{person and person.name} with {link} reads {word} through {door} of {ticket}")
        for id, other in oracle.tickets.items():
            if other.token and other.token in text and other.token != (link and link.token):
                if not (person and oracle.sees(person, id)) and not (link and oracle.opens(link, id)):
                    self.report(world, f"{person and person.name} with {link} gets the link of {id} through {door} of {ticket}")

    def inside(self, person, door, ticket, world):
        if door == "thread":
            return "/mail/thread/messages", {"thread_model": TICKET, "thread_id": ticket, "fetch_params": {"limit": 100}}
        if door == "data":
            asked = ["activities", "attachments", "followers", "scheduledMessages", "suggestedRecipients"]
            thread = {"thread_model": TICKET, "thread_id": ticket, "request_list": asked}
            return "/mail/data", {"fetch_params": [["mail.thread", thread]]}
        if door == "export":
            ids = [id for id in world.oracle.tickets if world.oracle.sees(person, id)]
            call = {"method": "export_data", "args": [ids, EXPORTED]}
        else:
            spec = {"name": {}, "number": {}, "display_name": {}, "description": {}, "email_cc": {}, "merged_numbers": {}}
            for link in ("merged_into_id", "merged_ticket_ids", "message_ids", "activity_ids", "message_follower_ids"):
                spec[link] = {"fields": {"display_name": {}}}
            call = {"method": "web_read", "args": [[ticket], spec]}
        context = {"active_test": False}
        return "/web/dataset/call_kw", {"model": TICKET, **call, "kwargs": {"context": context}}

    def outside(self, person, door, ticket, link, world):
        token = {"access_token": link.token} if link else {}
        self.as_reader(person)
        if door == "chatter":
            values = {"thread_model": TICKET, "thread_id": ticket, **({"token": link.token} if link else {})}
            text = self.url_open("/mail/chatter_fetch", json={"params": values}).text
        elif door == "view":
            response = self.url_open(
                "/mail/view", params={"model": TICKET, "res_id": ticket, **token}, method="GET", allow_redirects=False
            )
            text = response.headers.get("Location", "")
        elif door == "file":
            urls = sorted(world.urls)
            file = world.random.choice(urls) if urls else (1, "x", 0, "")
            response = self.url_open(f"/web/content/{file[0]}", params={"access_token": file[1]}, method="GET")
            text = ""
        elif door == "list":
            text = self.url_open("/my/tickets" if world.random.random() < 0.5 else "/my").text if person else ""
        else:
            text = self.url_open(f"/my/tickets/{ticket}", params=token, method="GET").text
        self.env.invalidate_all()
        return text
