"""What everybody reads by the ORM: rows, domains, the chatter, links and files, in the words that come out."""

import json
import re

from odoo.addons.mail.tools.discuss import Store
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .worlds_events import TICKET
from .worlds_oracle import PUBLIC, Link

WORD = re.compile(r"qx\d+z")
TOKEN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# the rows that hold words; customers read few fields of their tickets
TEXTS = {
    TICKET: SQL("SELECT id, concat_ws(' ', name, number, description, partner_phone, email_cc) FROM helpdesk_lite_ticket"),
    "mail.message": SQL("SELECT id, concat_ws(' ', subject, body, reply_to) FROM mail_message"),
    "ir.attachment": SQL("SELECT id, name FROM ir_attachment"),
    "mail.activity": SQL("SELECT id, concat_ws(' ', summary, note) FROM mail_activity"),
    "crm.lead": SQL("SELECT id, concat_ws(' ', name, description::text, phone, email_cc) FROM crm_lead"),
}
CHANGING = (TICKET, "crm.lead")
FOR_CUSTOMERS = ("name", "number", "description", "message", "mail", "file", "activity")
# paths of domains, on own fields and across relations
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
ASKED = 3  # words of a world that somebody asks for by each path in the end


class Doors:
    """Mixed into the test, which has the people and the database."""

    # ------------------------------------------------------------
    # WORDS AND READERS
    # ------------------------------------------------------------

    def report(self, world, sentence):
        self.found.append(f"seed {world.seed}: {sentence}; steps: {'; '.join(world.history)}")

    def check_text(self, world, readers, text, door):
        """Everything that came out of a door may be read by whoever looked in.

        :param world: where the door is; it may show something of the others, too
        :param readers: tuple of persons and links: who is logged in and has a link sees what either shows
        """
        for found in set(WORD.findall(text)):
            home = self.worlds_of.get(found)
            word = home and home.oracle.words.get(found)
            if word and not any(home.oracle.reads(reader, word) for reader in readers):
                self.report(home, f"{self.names(readers)} reads {word} through {door}")
        brought = {reader.token for reader in readers if isinstance(reader, Link)}
        for token in set(TOKEN.findall(text)) & self.tokens.keys() - brought:
            home, id = self.tokens[token]
            ticket = home.oracle.tickets.get(id)
            if not ticket or ticket.token != token:
                continue
            oracle = home.oracle
            if not any(oracle.opens(reader, id) if isinstance(reader, Link) else oracle.sees(reader, id) for reader in readers):
                self.report(home, f"{self.names(readers)} gets the access link of {id} through {door}")

    def names(self, readers):
        return " with ".join(str(getattr(reader, "name", reader)) for reader in readers) or "a visitor"

    def inside(self):
        return [person for person in self.people.values() if not person.portal]

    def outside(self):
        return [person for person in self.people.values() if person.portal]

    def relatives(self, world, ids):
        """Tickets, those that they were ever merged with, and those of these."""
        found, more = set(), set(ids)
        while more:
            found |= more
            more = set().union(*(world.oracle.relatives.get(id, set()) for id in more)) - found
        return found & world.oracle.tickets.keys()

    def concerned(self, world, ids):
        """Who reads some of the relatives of tickets and not all: those to whom something could be shown by mistake.

        :return: tuple (list of persons, the others)
        """
        relatives = self.relatives(world, ids)
        seen = {name: {world.oracle.sees(person, id) for id in relatives} for name, person in self.people.items()}
        some = [person for name, person in self.people.items() if len(seen[name]) == 2]
        return some, [person for person in self.people.values() if person not in some]

    def hidden_words(self, world, person, most):
        """Some words that a person may not read, first those that are near to something that they see."""
        oracle = world.oracle
        hidden = [word for _text, word in sorted(oracle.words.items()) if not oracle.reads(person, word)]
        near = self.relatives(world, [id for id in oracle.tickets if oracle.sees(person, id)])
        world.random.shuffle(hidden)
        hidden.sort(key=lambda word: word.home not in near)
        # some from anywhere, too
        return [word.text for word in hidden[: most - 1] + hidden[-1:]]

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
            self.counts["rows", bool(read)] += 1
            for world in worlds:
                for text, word in world.oracle.words.items():
                    # customers may look at few fields of a ticket
                    if text in read and not world.oracle.reads(person, word):
                        if not person.portal or word.kind in FOR_CUSTOMERS:
                            self.report(world, f"{person.name} reads {word} by the ORM")
                    elif text not in read and world.oracle.must_read(person, word):
                        self.report(world, f"{person.name} can no longer read {word}")

    # ------------------------------------------------------------
    # DOMAINS
    # ------------------------------------------------------------

    def check_domains(self, worlds, most=None):
        """No question about a word that somebody may not read is answered, neither on its row nor across relations.

        :param int most: a few paths, chosen at random; all when None
        """
        for person in self.people.values():
            hidden = [text for world in worlds for text in self.hidden_words(world, person, ASKED)]
            for model in PATHS if hidden else ():
                paths = self.allowed_paths(person, model)
                for path in self.random.sample(paths, min(most or len(paths), len(paths))):
                    self.ask(person, self.env[model].with_user(person.user).with_context(active_test=False), path, hidden)

    def ask(self, person, Model, path, hidden):
        question = Domain.OR(Domain(path, "ilike", text) for text in hidden)
        self.counts["domains", True] += 1
        if not Model.search(question, limit=1):
            return
        for text in hidden:
            if answer := Model.search(Domain(path, "ilike", text), limit=1):
                world = self.worlds_of[text]
                word = world.oracle.words[text]
                self.report(world, f"{person.name} is told by a domain that {path} of {answer} holds {word}")

    def allowed_paths(self, person, model):
        """Paths that may be asked for at all. Some are refused, or of an addon that is not there."""
        key = (person.name, model)
        if key not in self.paths:
            self.paths[key] = []
            Model = self.env.get(model)
            Model = None if Model is None else Model.with_user(person.user)
            for path in PATHS[model] if Model is not None and Model.has_access("read") else ():
                try:
                    Model.search(Domain(path, "ilike", "qx0z"), limit=1)
                    self.paths[key].append(path)
                except (UserError, ValueError):
                    continue
        return self.paths[key]

    # ------------------------------------------------------------
    # CHATTER
    # ------------------------------------------------------------

    def check_timeline(self, world):
        """The chatter of a ticket shows its conversation and those below it, to each by their own rights."""
        oracle = world.oracle
        some, others = self.concerned(world, world.touched)
        people = [person for person in some if not person.portal][:3]
        people += world.random.sample([person for person in others if not person.portal], 1 if people or not others else 2)
        touched = sorted(self.relatives(world, world.touched)) or list(oracle.tickets)
        for person in people:
            ticket_id = world.random.choice(touched)
            ticket = self.env[TICKET].with_user(person.user).browse(ticket_id)
            if not oracle.sees(person, ticket_id):
                if ticket.has_access("read"):
                    self.report(world, f"{person.name} opens {ticket_id}")
                continue
            Message = self.env["mail.message"].with_user(person.user)
            messages = Message._message_fetch(None, thread=ticket, limit=500)["messages"]
            text = json.dumps(Store().add(messages).get_result(), default=str)
            self.check_text(world, (person,), text, f"the chatter of {ticket_id}")
            shown, found = {ticket_id, *oracle.below(ticket_id)}, set(WORD.findall(text))
            self.counts["timeline", len(shown) > 1] += 1
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
                # sudo of the test: mails and pages make the link so
                token = oracle.tickets[ticket_id].token = ticket.sudo()._portal_ensure_token()
                self.tokens[token] = world, ticket_id
        for id, ticket in oracle.tickets.items():
            if ticket.token and ticket.mode == "public":
                pids = sorted(part for part in ticket.customer if isinstance(part, int))
                pid = pids[0] if pids else 0
                hash = self.env[TICKET].browse(id)._sign_token(pid) if pid else ""
                oracle.links.add(Link(id, ticket.token, pid, hash))
        self.issue_file(world)

    def issue_file(self, world):
        """Keep the address of a file, as the page of its ticket has it."""
        shown = {
            id: (word.home, world.oracle.tickets[word.home].token)
            for id, words in self.rows["ir.attachment"].items()
            for word in (world.oracle.words[text] for text in words if text in world.oracle.words)
            if word.audience == PUBLIC and world.oracle.tickets[word.home].mode == "public"
        }
        shown = sorted(id for id, (_home, token) in shown.items() if token)
        if shown:
            # sudo of the test: the page of the ticket writes this address for whoever may see it
            file = self.env["ir.attachment"].sudo().browse(world.random.choice(shown)).exists()
            # not the copies of sales
            if file.res_model == TICKET:
                home = world.oracle.tickets[file.res_id]
                world.urls.add((file.id, file._get_raw_access_token(), file.res_id, home.token))

    def check_links(self, world):
        """Each link ever made opens its own ticket, while it is public and the link was not renewed, and no other."""
        oracle = world.oracle
        Ticket = self.env[TICKET].with_user(self.public)
        for link in oracle.links:
            for ticket_id in {link.ticket, world.random.choice(list(oracle.tickets))} & oracle.tickets.keys():
                allowed = link.ticket == ticket_id and oracle.opens(link, ticket_id)
                for how in ({"token": link.token}, {"hash": link.hash, "pid": link.pid}):
                    opened = bool(Ticket._get_thread_with_access(ticket_id, **how)) if all(how.values()) else allowed
                    self.counts["links", opened] += 1
                    if opened != allowed:
                        self.report(world, f"{link} {'opens' if opened else 'no longer opens'} {ticket_id} by {list(how)}")

    def check_files(self, world):
        """The address of a file opens it while the link of the ticket where it was shown does."""
        oracle = world.oracle
        Binary = self.env["ir.binary"].with_user(self.public)
        for file_id, token, shown_on, ticket_token in sorted(world.urls):
            words = [oracle.words[text] for text in self.rows["ir.attachment"].get(file_id, ()) if text in oracle.words]
            if not words:
                continue
            try:
                Binary._find_record(res_model="ir.attachment", res_id=file_id, access_token=token, field="raw")
            except (AccessError, MissingError):
                self.counts["file addresses", False] += 1
                if words[0].home == shown_on and oracle.opens(Link(shown_on, ticket_token), shown_on):
                    self.report(world, f"the address of {words[0]} from {shown_on} no longer opens it")
                continue
            self.counts["file addresses", True] += 1
            if not oracle.reads(Link(shown_on, ticket_token), words[0]):
                self.report(world, f"an address from {shown_on} opens {words[0]}")
