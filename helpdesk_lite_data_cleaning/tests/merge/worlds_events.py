"""What people do in a world, each through the door that they have, and what the oracle is told of it.

An event returns whether it happened. Those who may not do something are refused with a sentence; anything else is an
error of the product.
"""

from email.message import EmailMessage

import psycopg2
from odoo import Command
from odoo.exceptions import UserError

from .worlds_oracle import INTERNAL, PUBLIC

TICKET, TEAM = "helpdesk_lite.ticket", "helpdesk_lite.team"
CONVERT = "helpdesk_lite_crm.convert"
MODES = ("private", "company", "public")
EVENTS = {
    "merge": 10,
    "undo_merge": 5,
    "convert": 3,
    "undo_convert": 20,
    "move": 3,
    "mode": 4,
    "customer": 3,
    "assign": 2,
    "follow": 4,
    "unfollow": 1,
    "follow_team": 1,
    "archive": 1,
    "delete": 1,
    "agent_answers": 4,
    "mail": 4,
    "portal": 4,
    "link": 4,
}


class Events:
    """Mixed into the test, which has the people, the database and the HTTP client."""

    def attempt(self, do):
        """Do something that may be refused.

        :return: tuple (whether it happened, the result)
        """
        try:
            with self.cr.savepoint():
                result = do()
                self.env.flush_all()
                return True, result
        except UserError as error:
            assert str(error).strip(), "a refusal without a sentence"
            self.env.invalidate_all()
            return False, None
        except psycopg2.errors.CheckViolation:
            # a constraint of ours, which Odoo's RPC turns into its sentence
            self.env.invalidate_all()
            return False, None

    def ticket(self, person, ticket_id):
        return self.env[TICKET].with_user(person.user).with_context(active_test=False).browse(ticket_id)

    def happen(self, world):
        name = world.random.choices(list(EVENTS), [self.get_weight(world, name) for name in EVENTS])[0]
        world.followers_allowed, world.changes_allowed, world.touched = set(), set(), set()
        happened = getattr(self, f"event_{name}")(world)
        world.history.append(f"{name}{'' if happened else ' (refused)'}: {world.told}")
        self.counts[name, bool(happened)] += 1

    def get_weight(self, world, name):
        """What can only be refused happens rarely."""
        possible = {
            "undo_merge": bool(world.oracle.merges),
            "convert": CONVERT in self.env,
            "undo_convert": bool(world.oracle.converted),
            "link": any(link.ticket in world.oracle.tickets for link in world.oracle.links),
        }
        return EVENTS[name] if possible.get(name, True) else 0.2

    def a_ticket(self, world):
        ticket = world.random.choice(list(world.oracle.tickets))
        world.touched.add(ticket)
        return ticket

    def worker(self, world):
        return world.random.choice([self.people[name] for name in ("manager", "manager", "agent", "helper")])

    # MERGING

    def event_merge(self, world):
        oracle, random = world.oracle, world.random
        present = [id for id, ticket in oracle.tickets.items() if id not in oracle.masters and ticket.active]
        if len(present) < 2:
            present = list(oracle.tickets)
        chosen = random.sample(present, min(len(present), random.choice([2, 2, 3])))
        world.touched.update(chosen)
        master, actor = random.choice(chosen), self.worker(world)
        forced = {id for id in chosen if id != master and random.random() < 0.3}
        world.told = f"{actor.name} merges {chosen} into {master}, forced {sorted(forced)}"

        def merge():
            action = self.ticket(actor, chosen).action_merge()
            group = self.env["helpdesk_lite.merge.group"].with_user(actor.user).browse(action["res_id"])
            group.record_ids.filtered(lambda record: record.ticket_id.id == master).is_master = True
            for record in group.record_ids.filtered(lambda record: record.ticket_id.id in forced):
                record.absorb = True
            world.group = group.id
            group.notify_customers = notified
            group.action_merge()

        notified = random.random() < 0.2
        if not self.attempt(merge)[0]:
            return False
        sources = [id for id in chosen if id != master]
        ones = {source for source in sources if oracle.become_one(master, source)}
        for source in sources:
            kind = "absorbed" if source in ones else "forced" if source in forced else "joined"
            self.counts[f"merge {kind}", True] += 1
            self.counts[f"merge into {oracle.tickets[master].mode}", True] += 1
            self.counts[f"merge from {oracle.tickets[source].mode}", True] += 1
        before = {id: ticket.followers for id, ticket in oracle.tickets.items()}
        absorbed = oracle.merge(master, sources, forced)
        # named in the note; or in the mail to its customer, of which they are the author
        oracle.tell_names(actor.partner, sources if notified else absorbed)
        # employees who see the master anyway follow it now
        world.followers_allowed = {
            (master, partner)
            for source in absorbed
            for partner in before[source] & self.employees.keys()
            if oracle.sees(self.employees[partner], master)
        }
        world.changes_allowed = {"assignee", "customer"} if absorbed else set()
        return True

    def event_undo_merge(self, world):
        oracle = world.oracle
        masters = [merge.master for merge in oracle.merges] or list(oracle.tickets)
        master, actor = world.random.choice(masters), self.worker(world)
        world.touched.add(master)
        world.told = f"{actor.name} undoes the merge into {master}"
        if not self.attempt(self.ticket(actor, master).action_undo_merge)[0]:
            return False
        oracle.undo(master, actor)
        world.changes_allowed = {"assignee", "customer"}
        return True

    # SALES

    def event_convert(self, world):
        if CONVERT not in self.env:
            return False
        ticket, actor = self.a_ticket(world), self.worker(world)
        copied = world.random.random() < 0.7
        world.told = f"{actor.name} converts {ticket}, copied {copied}"

        def convert():
            values = {"ticket_ids": [Command.set([ticket])], "partner_action": "none", "user_id": False}
            wizard = self.env[CONVERT].with_user(actor.user).create({**values, "copy_conversation": copied})
            wizard.action_convert()

        if not self.attempt(convert)[0]:
            return False
        world.oracle.convert(ticket, copied)
        world.oracle.tell_names(actor.partner, [ticket])
        return True

    def event_undo_convert(self, world):
        converted = list(world.oracle.converted)
        if not converted:
            world.told = "nothing is converted"
            return False
        ticket = world.random.choice(converted)
        world.touched.add(ticket)
        by_sales = world.random.random() < 0.5
        actor = self.people["salesperson"] if by_sales else self.worker(world)
        world.told = f"{actor.name} undoes the conversion of {ticket}"

        def undo():
            if by_sales:
                self.env["crm.lead"].with_user(actor.user).search([("ticket_id", "=", ticket)]).action_undo_convert()
            else:
                self.ticket(actor, ticket).action_undo_convert()

        if not self.attempt(undo)[0]:
            return False
        del world.oracle.converted[ticket]
        world.oracle.tell_names(actor.partner, [ticket])
        return True

    # CHANGES

    def event_move(self, world):
        oracle, ticket, team = world.oracle, self.a_ticket(world), world.random.choice(world.teams)
        world.told = f"{ticket} moves to team {team}"
        if not self.attempt(lambda: self.ticket(self.people["manager"], ticket).write({"team_id": team}))[0]:
            return False
        world.changes_allowed = {"team"}
        world.followers_allowed = {(ticket, partner) for partner in self.team_followers(team)}
        world.followers_allowed |= {(ticket, part) for part in oracle.tickets[ticket].customer}
        return True

    def event_mode(self, world):
        team, mode = world.random.choice(world.teams), world.random.choice(MODES)
        world.told = f"team {team} becomes {mode}"
        self.env[TEAM].with_user(self.people["manager"].user).browse(team).write({"privacy_visibility": mode})
        world.changes_allowed = {"mode"}
        self.counts[f"mode {mode}", True] += 1
        world.touched.update(id for id, ticket in world.oracle.tickets.items() if ticket.team == team)
        for id, ticket in world.oracle.tickets.items():
            if ticket.team == team and mode == "public":
                world.followers_allowed |= {(id, part) for part in ticket.customer}
        return True

    def event_customer(self, world):
        ticket = self.a_ticket(world)
        partner = world.random.choice([False, *self.customers])
        world.told = f"{partner} becomes the customer of {ticket}"
        if not self.attempt(lambda: self.ticket(self.people["manager"], ticket).write({"partner_id": partner}))[0]:
            return False
        world.changes_allowed = {"customer"}
        world.followers_allowed = {(ticket, partner)}
        former = world.oracle.tickets[ticket].customer
        world.followers_refused = {(ticket, part) for part in former} - {(ticket, partner)}
        return True

    def event_assign(self, world):
        ticket, person = self.a_ticket(world), world.random.choice(self.colleagues)
        world.told = f"{ticket} is assigned to {person.name}"
        if not self.attempt(lambda: self.ticket(self.people["manager"], ticket).write({"user_id": person.user.id}))[0]:
            return False
        world.changes_allowed = {"assignee"}
        world.followers_allowed = {(ticket, person.partner)}
        return True

    def event_follow(self, world):
        ticket, partner = self.a_ticket(world), world.random.choice(self.partners)
        world.told = f"{partner} follows {ticket}"
        world.followers_allowed = {(ticket, partner)}
        return self.attempt(lambda: self.ticket(self.people["manager"], ticket).message_subscribe([partner]))[0]

    def event_unfollow(self, world):
        ticket, partner = self.a_ticket(world), world.random.choice(self.partners)
        world.told = f"{partner} follows {ticket} no longer"
        return self.attempt(lambda: self.ticket(self.people["manager"], ticket).message_unsubscribe([partner]))[0]

    def event_follow_team(self, world):
        team, partner = world.random.choice(world.teams), world.random.choice(self.colleagues).partner
        world.told = f"{partner} follows team {team}"
        self.env[TEAM].with_user(self.people["manager"].user).browse(team).message_subscribe([partner])
        world.followers_allowed = {(id, partner) for id, ticket in world.oracle.tickets.items() if ticket.team == team}
        return True

    def event_archive(self, world):
        ticket = self.a_ticket(world)
        active = not world.oracle.tickets[ticket].active
        world.told = f"{ticket} is {'restored' if active else 'archived'}"
        return self.attempt(lambda: self.ticket(self.people["manager"], ticket).write({"active": active}))[0]

    def event_delete(self, world):
        ticket = self.a_ticket(world)
        world.told = f"{ticket} is deleted"
        if len(world.oracle.tickets) < 3 or not self.attempt(self.ticket(self.people["manager"], ticket).unlink)[0]:
            return False
        assert ticket not in world.oracle.masters and not world.oracle.below(ticket), "part of a merge was deleted"
        world.oracle.delete(ticket)
        world.oracle.converted.pop(ticket, None)
        return True

    # ANSWERS

    def event_agent_answers(self, world):
        ticket, actor = self.a_ticket(world), self.worker(world)
        note = world.random.random() < 0.4
        words = [self.word(world, kind, INTERNAL if note else PUBLIC, ticket) for kind in ("message", "file")]
        world.told = f"{actor.name} {'notes' if note else 'answers'} on {ticket}"
        known = [part for part in world.oracle.tickets[ticket].customer if isinstance(part, int)]

        def post():
            self.ticket(actor, ticket).message_post(
                body=words[0].text,
                message_type="comment",
                subtype_xmlid="mail.mt_note" if note else "mail.mt_comment",
                attachments=[(words[1].text, b"x")],
                partner_ids=[] if note else known,
            )

        return self.posted(world, words, ticket, actor.partner, self.attempt(post)[0])

    def event_portal(self, world):
        """A customer who is logged in answers; *link*: one who has a link only."""
        ticket = self.a_ticket(world)
        person = self.people[world.random.choice(("zoe", "max", "yan", "stranger"))]
        seen = [id for id in world.oracle.tickets if world.oracle.sees(person, id)]
        if seen and world.random.random() < 0.9:
            ticket = world.random.choice(seen)
        world.touched.add(ticket)
        world.told = f"{person.name} answers on {ticket} in the portal"
        word = self.word(world, "message", PUBLIC, ticket)
        sees = ticket in seen
        answer = self.json(person, "/mail/message/post", self.post_values(ticket, word))
        assert sees or "error" in answer, f"{person.name} posted on a ticket that they do not see: {answer}"
        assert not sees or "result" in answer, f"{person.name} could not answer on their ticket: {answer}"
        self.check_text(world, (person,), str(answer), "the answer to a post")
        return self.posted(world, [word], ticket, person.partner, "result" in answer)

    def event_link(self, world):
        links = [link for link in world.oracle.links if link.ticket in world.oracle.tickets]
        if not links:
            world.told = "there is no link"
            return False
        link = world.random.choice(sorted(links, key=str))
        ticket = world.random.choice([link.ticket, link.ticket, *world.oracle.absorbers(link.ticket), self.a_ticket(world)])
        world.touched.add(ticket)
        world.told = f"somebody with the link to {link.ticket} answers on {ticket}"
        word = self.word(world, "message", PUBLIC, ticket)
        values = {**self.post_values(ticket, word), "token": link.token}
        if link.hash and world.random.random() < 0.5:
            values = {**self.post_values(ticket, word), "hash": link.hash, "pid": link.pid}
        answer = self.json(None, "/mail/message/post", values)
        opens = link.ticket == ticket and world.oracle.opens(link, ticket)
        assert opens or "error" in answer, f"a link to {link.ticket} posted on {ticket}: {answer}"
        self.check_text(world, (link,), str(answer), "the answer to a post")
        authors = world.oracle.tickets[ticket].customer | {link.pid}
        return self.posted(world, [word], ticket, self.author_of(word, authors), "result" in answer, authors)

    def author_of(self, word, allowed):
        """The contact who is the author of a message that came by a link; None when the ticket is no contact's."""
        self.env.flush_all()
        self.cr.execute("SELECT author_id FROM mail_message WHERE body LIKE %s", [f"%{word.text}%"])
        authors = {author for (author,) in self.cr.fetchall()} - {None, self.public.partner_id.id}
        assert authors <= allowed, f"{authors} wrote by a link"
        return next(iter(authors), None)

    def post_values(self, ticket, word):
        post_data = {"body": word.text, "message_type": "comment", "subtype_xmlid": "mail.mt_comment"}
        return {"thread_model": TICKET, "thread_id": ticket, "post_data": post_data}

    def event_mail(self, world):
        """Somebody answers a mail of any ticket, with its references, as mail clients do."""
        ticket, oracle = self.a_ticket(world), world.oracle
        senders = [*self.addresses, *[part for part in oracle.tickets[ticket].customer if isinstance(part, str)] * 4]
        sender = world.random.choice(senders)
        self.cr.execute(
            """ SELECT message_id, message.is_internal OR subtype.internal, message.author_id, message.id
                  FROM mail_message message
             LEFT JOIN mail_message_subtype subtype ON subtype.id = message.subtype_id
                 WHERE model = %s AND res_id = %s AND message_id IS NOT NULL ORDER BY message.id""",
            [TICKET, ticket],
        )
        found = self.cr.fetchall()
        if not found:
            world.told = "nothing to answer"
            return False
        word, file = (self.word(world, kind, PUBLIC, ticket) for kind in ("message", "file"))
        world.told = f"{sender} answers to {ticket} by mail"
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, "care@desk.example", "Re: yours"
        mail["Message-ID"] = f"<{word.text}@quill.example>"
        mail["In-Reply-To"], internal, answered, answered_id = world.random.choice(found)
        mail["References"] = mail["In-Reply-To"]
        mail.set_content(word.text)
        mail.add_attachment(b"x", maintype="application", subtype="octet-stream", filename=f"{file.text}.bin")
        gateway = self.env["mail.thread"].with_user(self.env.ref("base.user_root")).with_context(lang="en_US")
        gateway.message_process(None, mail.as_bytes())
        self.env.flush_all()
        self.cr.execute("SELECT id, model, res_id FROM mail_message WHERE body LIKE %s ORDER BY id", [f"%{word.text}%"])
        landed = self.cr.fetchall()
        assert landed, f"a mail to {ticket} is lost"
        assert landed[0][1] == TICKET, landed
        message, _model, landed = landed[0]
        assert landed in (ticket, *oracle.absorbers(ticket)), f"a mail to {ticket} landed on {landed}"
        author = self.partner_of.get(sender)
        person = self.employees.get(author)
        if landed != ticket:
            admitted = {author, sender} & (oracle.tickets[landed].customer | oracle.tickets[landed].followers)
            assert admitted or (person and oracle.sees(person, landed)), f"{sender} may not write on {landed}"
        if person:
            word.kind = "mail"
            # an answer goes to the customer and to whoever wrote what is answered, a note to nobody outside
            if not internal and oracle.sees(person, landed):
                for item in (word, file):
                    item.told |= {part for part in oracle.tickets[landed].customer if isinstance(part, int)} | {answered}
        # what is answered may have come to this ticket by a merge: the answer goes back with it
        origin = self.births[answered_id] if landed == ticket else ticket
        origin = self.births[message] = origin if landed in (origin, *oracle.absorbers(origin)) else ticket
        for item in (word, file):
            item.home = landed
            oracle.answer(item, origin, landed)
        return self.posted(world, [word, file], landed, author, True, asked=ticket)

    def posted(self, world, words, ticket, author, happened, authors=(), asked=None):
        """Tell the oracle what was written."""
        oracle = world.oracle
        if not happened:
            for word in words:
                del oracle.words[word.text]
                self.worlds_of.pop(word.text)
            return False
        # they keep what they wrote, on a ticket whose name and number they know: these are in the mail that they answer
        for word in words:
            word.told |= {author} - {None}
        oracle.tell_names(author, (ticket, asked))
        # who writes follows, if they may read
        person = self.employees.get(author)
        if (oracle.sees(person, ticket)) if person else (author in oracle.tickets[ticket].customer):
            world.followers_allowed |= {(ticket, author)}
        world.followers_allowed |= {(ticket, part) for part in authors} & {
            (ticket, part) for part in oracle.tickets[ticket].customer
        }
        # what a customer answers goes on to sales
        if oracle.converted.get(ticket):
            for word in words:
                word.sales = True
        return True
