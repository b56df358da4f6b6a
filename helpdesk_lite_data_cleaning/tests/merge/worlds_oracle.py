"""Who may read what, whatever was merged: two sentences in plain Python, without rules, domains or SQL of the product.

* The one table of who sees what, see ``Oracle.sees``.
* *Tickets of one customer in one team become one; any others are joined, and each keeps its own readers.*

Every text in a world holds a word of its own. The oracle knows of each word on which ticket it was written and for
whom, and which tickets were made one with it since then.
"""

from dataclasses import dataclass, field
from itertools import pairwise

PUBLIC, INTERNAL = "for the customer", "for employees"
# what becomes part of the master's own fields when a ticket is absorbed, and what is only named in its description
MOVED = ("message", "mail", "file", "activity")
COPIED, NAMED = ("description", "email_cc", "partner_phone"), ("name", "number")


@dataclass
class Person:
    """A user, and what the table asks of them."""

    name: str
    user: object
    partner: int
    companies: frozenset
    portal: bool = False
    manager: bool = False
    sales: bool = False


@dataclass
class Ticket:
    """What the table asks of a ticket. The test reads it from the database after each step."""

    team: int
    mode: str
    company: int
    assignee: int  # partner
    customer: frozenset  # id of the contact, normalized address
    active: bool
    token: str
    followers: set = field(default_factory=set)
    team_followers: set = field(default_factory=set)


@dataclass
class Word:
    """A text, and where it is."""

    text: str
    kind: str  # message, mail (of an employee, which may become a note), file, activity, or a field of the ticket
    audience: str
    home: int  # the ticket whose readers may read it
    copies: set = field(default_factory=set)  # further tickets whose readers may read it
    noted: set = field(default_factory=set)  # further tickets whose notes name it
    sales: bool = False  # it was handed over to sales
    told: set = field(default_factory=set)  # partners who wrote it, or were told of it when they might read it


@dataclass
class Merge:
    """What is needed to undo a merge."""

    master: int
    sources: tuple
    absorbed: frozenset
    moved: list = field(default_factory=list)  # (Word, where it was)
    copied: list = field(default_factory=list)  # words


@dataclass(frozen=True)
class Link:
    """An access link as somebody got it."""

    ticket: int
    token: str
    pid: int = 0
    hash: str = ""


class Oracle:
    """One world."""

    def __init__(self, employees):
        self.employees = employees  # {partner: Person}
        self.tickets = {}
        self.words = {}
        self.masters = {}  # source: (master, absorbed)
        self.merges = []  # those that were not undone
        self.converted = {}  # ticket: whether the conversation was copied
        self.links = set()
        self.relatives = {}  # ticket: those that it was ever merged with

    # THE TABLE

    def sees(self, person, ticket_id):
        ticket = self.tickets.get(ticket_id)
        if not ticket or ticket.company not in person.companies:
            return False
        if person.portal:
            return ticket.mode == "public" and person.partner in ticket.followers
        return (
            person.manager
            or ticket.mode != "private"
            or person.partner == ticket.assignee
            or person.partner in ticket.team_followers
            or person.partner in ticket.followers
        )

    def opens(self, link, ticket_id):
        """Whether a link opens a ticket: its own, and the one that absorbed it while it is the same customer's."""
        own, ticket = self.tickets.get(link.ticket), self.tickets.get(ticket_id)
        if not own or not ticket or own.mode != "public" or ticket.mode != "public" or own.token != link.token:
            return False
        return link.ticket == ticket_id or (ticket_id in self.absorbers(link.ticket) and bool(own.customer & ticket.customer))

    # WORDS

    def places(self, word):
        return {word.home} | word.copies

    def reads(self, reader, word):
        """Whether a person, or whoever has a link, may read a word."""
        if isinstance(reader, Link):
            return word.audience == PUBLIC and any(self.opens(reader, place) for place in self.places(word))
        if reader.partner in word.told:
            return True
        if reader.portal:
            return word.audience == PUBLIC and any(self.sees(reader, place) for place in self.places(word))
        return (word.sales and reader.sales) or any(self.sees(reader, place) for place in self.places(word) | word.noted)

    def must_read(self, person, word):
        """Whether a person must be able to read a word: what the ticket where it is shows to them."""
        return self.sees(person, word.home) and (
            not person.portal or (word.audience == PUBLIC and word.kind in ("message", "name", "number", "description"))
        )

    def may_be_mailed(self, word, partner, address):
        """Whether a mail to somebody from outside may hold a word: it is on their own ticket, or on one that they follow."""
        return word.audience == PUBLIC and any(
            {partner, address} & self.tickets[place].customer or partner in self.tickets[place].followers
            for place in self.places(word)
            if place in self.tickets
        )

    def tell_names(self, partner, tickets):
        """Somebody writes the names of tickets, for instance in the note of a merge, and keeps what they wrote."""
        for word in self.words.values():
            if word.kind in NAMED and word.home in tickets:
                word.told |= {partner} - {None}

    # THE RULE

    def absorbers(self, ticket_id):
        found = []
        while ticket_id in self.masters:
            ticket_id, absorbed = self.masters[ticket_id]
            if not absorbed:
                break
            found.append(ticket_id)
        return found

    def below(self, ticket_id):
        found = [source for source, (master, _absorbed) in self.masters.items() if master == ticket_id]
        return found + [ticket for source in found for ticket in self.below(source)]

    def become_one(self, master_id, source_id):
        """*Tickets of one customer in one team*, and nobody who follows only one of them gains sight of the other."""
        master, source = self.tickets[master_id], self.tickets[source_id]
        nobodys = not (master.customer or source.customer) and not any(
            ticket.mode == "public" and ticket.token for ticket in (master, source)
        )
        outside = [ticket.followers - self.employees.keys() for ticket in (master, source)]
        return (
            master.team == source.team
            and (nobodys or bool(master.customer & source.customer))
            and outside[0] == outside[1]
            and all(
                self.sees(self.employees[partner], source_id)
                for partner in (master.followers | {master.assignee}) & self.employees.keys()
                if master.mode == "private"
            )
        )

    # MOVES

    def merge(self, master, sources, forced):
        absorbed = frozenset(source for source in sources if source in forced or self.become_one(master, source))
        merge = Merge(master, tuple(sources), absorbed)
        for word in self.words.values():
            if word.home in absorbed and word.kind in MOVED:
                merge.moved.append((word, word.home))
                word.home = master
                continue
            if word.kind in COPIED + NAMED and self.places(word) & absorbed and master not in self.places(word):
                merge.copied.append(word)
                word.copies.add(master)
            # the note stays when the merge is undone
            if word.kind in NAMED and (self.places(word) | word.noted) & absorbed:
                word.noted.add(master)
        self.masters.update({source: (master, source in absorbed) for source in sources})
        for ticket in (master, *sources):
            self.relatives.setdefault(ticket, set()).update({master, *sources} - {ticket})
        self.merges.append(merge)
        return absorbed

    def undo(self, master, person):
        """Undo the last merge that a person can know of: of joined tickets that they do not see, they do not learn."""
        merge = next(
            merge
            for merge in reversed(self.merges)
            if merge.master == master and (merge.absorbed or any(self.sees(person, source) for source in merge.sources))
        )
        self.merges.remove(merge)
        for word, source in merge.moved:
            if word.home == master:
                word.home = source
        for word in merge.copied:
            word.copies.discard(master)
        for source in merge.sources:
            del self.masters[source]

    def answer(self, word, asked, landed):
        """A mail to an absorbed ticket landed on a master of it, and goes back with the merge."""
        path = [asked, *self.absorbers(asked)]
        for source, master in pairwise(path[: path.index(landed) + 1]):
            merge = next((merge for merge in self.merges if merge.master == master and source in merge.sources), None)
            if merge:
                merge.moved.append((word, source))

    def convert(self, ticket, copied):
        self.converted[ticket] = copied
        for word in self.words.values():
            whole = word.home == ticket and word.kind in MOVED[:3]
            field = word.kind in ("description", *NAMED) and ticket in self.places(word)
            if (
                (word.home == ticket and word.kind in NAMED)
                or (word.kind == "partner_phone" and ticket in self.places(word))
                or (copied and (whole or field or ticket in word.noted))
            ):
                word.sales = True

    def delete(self, ticket):
        self.words = {text: word for text, word in self.words.items() if word.home != ticket}
        self.tickets.pop(ticket, None)
