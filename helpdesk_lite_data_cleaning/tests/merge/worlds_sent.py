"""What is sent because of an event: mails as each recipient gets them, notifications, and what is pushed to browsers."""

import json
import re

from odoo.tools import SQL

from .worlds_doors import TOKEN, WORD

ADDRESS = re.compile(r"[\w.+-]+@[\w.-]+")


class Sent:
    """Mixed into the test, which has the people and the database."""

    def check_sent(self, world):
        self.check_mails(world)
        self.check_notifications(world)
        for _id, channel, message in self.new_rows("bus_bus", SQL("SELECT id, channel, message FROM bus_bus line")):
            if "res.partner" in channel:
                partner = json.loads(channel)[-1]
                person = next((person for person in self.people.values() if person.partner == partner), None)
                if person:
                    self.counts["bus", bool(WORD.search(message))] += 1
                    self.check_text(world, (person,), message, "the bus")

    def new_rows(self, table, query):
        rows = self.env.execute_query(SQL("%s WHERE line.id > %s ORDER BY line.id", query, self.last[table]))
        self.last[table] = max([self.last[table], *(row[0] for row in rows)])
        return rows

    def check_notifications(self, world):
        """Whoever is notified may read the message then, and may keep it."""
        oracle = world.oracle
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
            self.counts["notifications", True] += 1
            person = self.employees.get(partner)
            for word in (oracle.words[text] for text in set(WORD.findall(body or "")) & oracle.words.keys()):
                if not self.may_be_sent(oracle, word, partner, self.address_of.get(partner)):
                    self.report(world, f"{person.name if person else partner} is notified of {word}")
                word.told.add(partner)

    def may_be_sent(self, oracle, word, partner, address):
        """An employee gets what they may read; who is the customer of a ticket is written to as a customer."""
        person = self.employees.get(partner)
        return (person and oracle.reads(person, word)) or oracle.may_be_mailed(word, partner, address)

    def check_mails(self, world):
        """Each mail, as each of its recipients would get it: subject, text, header fields, and files."""
        for mail_id, *_rest in self.new_rows("mail_mail", SQL("SELECT line.id FROM mail_mail line")):
            # sudo of the test: the queue sends it so
            for sent in self.env["mail.mail"].sudo().browse(mail_id)._prepare_outgoing_list():
                self.counts["mails", True] += 1
                names = [name for name, *_rest in sent["attachments"]]
                texts = (sent["subject"], sent["body"], sent["reply_to"], sent["headers"], sent["references"], names)
                text = " ".join(str(part) for part in texts if part)
                for address in ADDRESS.findall(f"{sent['email_to']} {sent['email_cc']}"):
                    self.check_mail(world, text, self.partner_of.get(address), address)

    def check_mail(self, world, text, partner, address):
        oracle, person = world.oracle, self.employees.get(partner)
        for word in (oracle.words[found] for found in set(WORD.findall(text)) & oracle.words.keys()):
            if not self.may_be_sent(oracle, word, partner, address):
                self.report(world, f"{person.name if person else address} is mailed {word}")
        for token in set(TOKEN.findall(text)):
            for id, ticket in oracle.tickets.items():
                if ticket.token != token or (person and oracle.sees(person, id)):
                    continue
                if not {partner, address} & ticket.customer and partner not in ticket.followers:
                    self.report(world, f"{address} is mailed the access link of {id}")
