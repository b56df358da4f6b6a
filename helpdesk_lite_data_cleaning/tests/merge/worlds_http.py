"""What everybody reads by HTTP: the routes of the web client, of the portal and of exports, and files by their addresses."""

import json

from odoo.http import Request

from .worlds_doors import WORD
from .worlds_events import TICKET
from .worlds_oracle import Link

COLUMNS = (
    "name",
    "number",
    "partner_phone",
    "email_cc",
    "description",
    "merged_numbers",
    "message_ids/body",
    "message_ids/attachment_ids/name",
    "activity_ids/summary",
    "merged_ticket_ids/name",
    "merged_ticket_ids/message_ids/body",
    "merged_into_id/name",
)
REQUESTED = ["activities", "attachments", "followers", "scheduledMessages", "suggestedRecipients"]
FORM = {
    **{name: {} for name in ("name", "number", "display_name", "description", "email_cc", "partner_phone", "merged_numbers")},
    **{
        link: {"fields": {"display_name": {}}}
        for link in ("merged_into_id", "merged_ticket_ids", "message_ids", "activity_ids", "message_follower_ids")
    },
}
PATIENCE = 120  # seconds
INSIDE = ("thread", "data", "form", "export", "file by id")
OUTSIDE = ("page", "portal chatter", "view", "file by id")


class Http:
    """Mixed into the test, which has the people, the database and the HTTP client."""

    # ------------------------------------------------------------
    # CLIENTS
    # ------------------------------------------------------------

    def as_reader(self, person):
        """The client of somebody; of an anonymous visitor, when None."""
        name = person and person.name
        if name not in self.openers:
            self.session = None
            self.authenticate(person and person.user.login, person and person.user.login)
            self.openers[name] = self.opener, self.session
        self.opener, self.session = self.openers[name]

    def json(self, person, route, values):
        self.as_reader(person)
        answer = self.url_open(route, json={"params": values}, timeout=PATIENCE).json()
        self.env.invalidate_all()
        return answer

    def call(self, person, method, *args, **kwargs):
        """Call a method of tickets as the web client does.

        :return: str, the answer or the error
        """
        values = {"model": TICKET, "method": method, "args": args, "kwargs": {"context": {"active_test": False}, **kwargs}}
        return json.dumps(self.json(person, f"/web/dataset/call_kw/{TICKET}/{method}", values))

    def get(self, person, url, **params):
        """Open a page or a file.

        :return: str: header fields, address after redirects, and text
        """
        self.as_reader(person)
        response = self.url_open(url, params=params, method="GET", timeout=PATIENCE)
        self.env.invalidate_all()
        return f"{response.url} {dict(response.headers)} {response.text}"

    # ------------------------------------------------------------
    # DOORS
    # ------------------------------------------------------------

    def open(self, world, door, person, ticket, link=None):
        """One request, and all that its answer says."""
        text = getattr(self, f"open_{door.replace(' ', '_')}")(world, person, ticket, link)
        readers = tuple(reader for reader in (person, link) if reader)
        self.counts[door, any(self.worlds_of.get(found) for found in WORD.findall(text))] += 1
        self.check_text(world, readers, text, f"{door} of {ticket}")

    def open_thread(self, world, person, ticket, link):
        values = {"thread_model": TICKET, "thread_id": ticket, "fetch_params": {"limit": 100}}
        return json.dumps(self.json(person, "/mail/thread/messages", values))

    def open_data(self, world, person, ticket, link):
        """The chatter without its messages."""
        access = self.proof(world, link, "token")
        thread = {"thread_model": TICKET, "thread_id": ticket, "request_list": REQUESTED, "access_params": access}
        return json.dumps(self.json(person, "/mail/data", {"fetch_params": [["mail.thread", thread]]}))

    def open_form(self, world, person, ticket, link):
        return self.call(person, "web_read", [ticket], specification=FORM)

    def open_export(self, world, person, ticket, link):
        return self.export(person, [("id", "in", [ticket, *world.oracle.tickets])])

    def export(self, person, domain):
        self.as_reader(person)
        data = {
            "model": TICKET,
            "fields": [{"name": name, "label": name} for name in COLUMNS],
            "ids": False,
            "domain": domain,
            "import_compat": False,
            "context": {"active_test": False},
        }
        page = self.url_open(
            "/web/export/csv", data={"data": json.dumps(data), "csrf_token": Request.csrf_token(self)}, timeout=PATIENCE
        )
        self.env.invalidate_all()
        return page.text

    def open_page(self, world, person, ticket, link):
        return self.get(person, f"/my/helpdesk-tickets/{ticket}", **self.proof(world, link, "access_token"))

    def open_portal_chatter(self, world, person, ticket, link):
        proof = self.proof(world, link, "token")
        return json.dumps(self.json(person, "/mail/chatter_fetch", {"thread_model": TICKET, "thread_id": ticket, **proof}))

    def open_view(self, world, person, ticket, link):
        self.as_reader(person)
        params = {"model": TICKET, "res_id": ticket, **self.proof(world, link, "access_token")}
        response = self.url_open("/mail/view", params=params, method="GET", timeout=PATIENCE, allow_redirects=False)
        self.env.invalidate_all()
        return response.headers.get("Location", "")

    def proof(self, world, link, name):
        """What a link has in its address: its token, and who it was sent to."""
        if not link:
            return {}
        recipient = {"hash": link.hash, "pid": link.pid} if link.hash and world.random.random() < 0.5 else {}
        return {name: link.token, **recipient}

    def open_file_by_id(self, world, person, ticket, link):
        """A file of a ticket without a signature, by its number."""
        files = [
            id
            for id, words in self.rows["ir.attachment"].items()
            if any(text in world.oracle.words and world.oracle.words[text].home == ticket for text in words)
        ]
        return self.get(person, f"/web/content/{world.random.choice(files)}") if files else ""

    # ------------------------------------------------------------
    # AFTER EACH STEP, AND IN THE END
    # ------------------------------------------------------------

    def check_http(self, world):
        """Requests of those who read some of what the step was about, and not all, and of somebody else."""
        oracle, random = world.oracle, world.random
        tickets = sorted(self.relatives(world, world.touched)) or list(oracle.tickets)
        some, others = self.concerned(world, world.touched)
        for person in [*random.sample(some, min(2, len(some))), random.choice([*(others or some), None])]:
            if person and not person.portal:
                self.open(world, random.choice(INSIDE), person, random.choice(tickets))
            else:
                links = sorted((link for link in oracle.links if link.ticket in tickets), key=str)
                link = random.choice(links) if links and (not person or random.random() < 0.5) else None
                self.open(world, random.choice(OUTSIDE), person, random.choice(tickets), link)

    def check_everything(self, worlds):
        """Every door, by everybody: those that show all tickets at once, then those of a ticket."""
        tickets = [id for world in worlds for id in world.oracle.tickets]
        everywhere = [("id", "in", tickets)]
        for person in self.inside():
            answers = {
                "list": self.call(person, "web_search_read", everywhere, FORM),
                "export": self.export(person, everywhere),
                "inbox": json.dumps(self.json(person, "/mail/inbox/messages", {"fetch_params": {"limit": 500}})),
            }
            for door, text in answers.items():
                self.counts[door, any(self.worlds_of.get(found) for found in WORD.findall(text))] += 1
                self.check_text(worlds[0], (person,), text, f"{door} of all")
        for person in self.outside():
            for url in ("/my", "/my/helpdesk-tickets", "/my/helpdesk-tickets?filterby=closed"):
                text = self.get(person, url)
                self.counts["portal list", any(self.worlds_of.get(found) for found in WORD.findall(text))] += 1
                self.check_text(worlds[0], (person,), text, url)
        for world in worlds:
            self.check_world(world)

    def check_world(self, world):
        oracle = world.oracle
        merged = oracle.masters.keys() | {master for master, _absorbed in oracle.masters.values()}
        for person in self.people.values():
            # who may read everything is shown nothing by mistake
            if not self.hidden_words(world, person, 1):
                continue
            near = self.relatives(world, [id for id in oracle.tickets if oracle.sees(person, id)])
            # best what is seen and has something hidden below it, and what is hidden and was merged with something seen
            seen = min(near or oracle.tickets, key=lambda id: (not oracle.sees(person, id), id not in merged, id))
            hidden = [id for id in oracle.tickets if not oracle.sees(person, id)]
            for door in ("page", "portal chatter") if person.portal else ("thread", "data"):
                self.open(world, door, person, seen)
            for door in ("file by id", "view" if person.portal else "form") if hidden else ():
                self.open(world, door, person, min(hidden, key=lambda id: (id not in near, id)))
        for link in sorted(oracle.links, key=str):
            others = sorted(self.relatives(world, [link.ticket]) - {link.ticket}) or sorted(oracle.tickets)
            if link.ticket in oracle.tickets:
                self.open(world, "page", None, link.ticket, link)
                self.open(world, "portal chatter", None, link.ticket, link)
            self.open(world, world.random.choice(("page", "portal chatter")), None, world.random.choice(others), link)
        for file, token, shown_on, ticket_token in sorted(world.urls):
            text = self.get(None, f"/web/content/{file}", access_token=token)
            self.counts["file", any(self.worlds_of.get(found) for found in WORD.findall(text))] += 1
            self.check_text(world, (Link(shown_on, ticket_token),), text, f"the address of a file of {shown_on}")
