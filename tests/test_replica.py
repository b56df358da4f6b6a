"""A replica of the database: what is only read is read there, and what somebody just wrote is not."""

import http.client
import re
import time
import urllib.error
import urllib.parse
import xmlrpc.client
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from hosts_world import running_host, wait_for
from intake_world import run_job, states_of, wait_until
from lxml import etree
from mail_world import TICKET, furnish, mail, options_of, tickets_of
from own_postgres import own_database
from rpc import Rpc, WebClient
from smtp_sink import smtp_sink
from standby import Standby

from devtools.patience import PATIENCE
from devtools.setup import Setup

TEAM = "helpdesk_lite.team"
# the last column of Odoo's log of requests: on the replica, on the primary, or first there and then here
ACCESS = re.compile(r'"(?:\x1b\[[0-9;]*m)*(?:GET|POST) (\S+) HTTP/1\.[01](?:\x1b\[[0-9;]*m)*" (\d+) - .* (ro|rw|ro->rw|-)$')
RETRIED = "retrying with a read/write cursor"
LANES = 4


@pytest.fixture(scope="module")
def world():
    """One server that has a replica, with a customer who follows a ticket of a public team with a form."""
    with ExitStack() as stack:
        setup, database = stack.enter_context(own_database(Setup.from_environment()))
        running = [Standby(setup.server)]
        stack.callback(lambda: [standby.close() for standby in running])
        sink = stack.enter_context(smtp_sink())
        options = ("--db_replica_host", str(running[0].socket), "--max-cron-threads", "0", *options_of(sink))
        host = stack.enter_context(running_host(setup, database, *options, workers=()))
        wait_for(host, websockets=False)
        world = furnish(host, sink)
        world.host, world.standby, world.running = host, running[0], running
        customers = [
            world.admin(
                "res.users",
                "create",
                {
                    "name": login.title(),
                    "login": login,
                    "password": login,
                    "email": f"{login}@quill.example",
                    "group_ids": [(6, 0, [world.admin.ref("base.group_portal")])],
                },
                context={"no_reset_password": True},
            )
            for login in ("zoe", "yves")
        ]
        zoe, yves = (world.admin.read("res.users", user, "partner_id")[0] for user in customers)
        world.admin(TEAM, "write", [world.care], {"use_website_form": True, "allow_portal_close": True})
        world.form = urllib.parse.urlsplit(world.admin.read(TEAM, world.care, "form_url")).path
        world.ticket = world.admin(TICKET, "create", {"name": "Lamp", "team_id": world.care, "partner_id": zoe})
        world.admin(TICKET, "message_subscribe", [world.ticket], partner_ids=[yves])
        world.zoe, world.yves = WebClient(host, "zoe"), WebClient(host, "yves")
        world.standby.catch_up()
        yield world


@pytest.fixture
def behind(world):
    """The replica stands still for the length of a test."""
    world.standby.pause()
    yield world
    world.standby.resume()


def get(world, client, path):
    """Get a page, and return its text and where it was read."""
    return ask(world, lambda: client.opener.open(world.host.url + path).read().decode(), path.partition("?")[0])


def ask(world, do, path):
    """Do something, and return its result and where the request for a path was served."""
    before = world.host.log.stat().st_size
    result = do()
    with world.host.log.open("rb") as log:
        log.seek(before)
        lines = log.read().decode(errors="replace").splitlines()
    modes = [found[3] for line in lines if (found := ACCESS.search(line)) and found[1].partition("?")[0] == path]
    assert modes, f"{path} is not in the log:\n" + "\n".join(lines)
    return result, modes[-1]


def call(world, client, model, method, *args, **kwargs):
    """Call a method as the web client does, and return where it ran."""

    def do():
        return client("/web/dataset/call_kw", model=model, method=method, args=list(args), kwargs=kwargs)

    return ask(world, do, f"/web/dataset/call_kw#{model}.{method}")[1]


def specification_of(world, client, model, kind):
    """The fields of a view, as the web client asks for them."""
    views = client(
        "/web/dataset/call_kw", model=model, method="get_views", args=[], kwargs={"views": [[False, kind]], "options": {}}
    )
    arch = etree.fromstring(views["views"][kind]["arch"])
    return {field.get("name"): {} for field in arch.iter("field") if next(field.iterancestors("field"), None) is None}


def post(client, host, path, **data):
    """Send a form of a page."""
    page = client.opener.open(host.url + path).read().decode()
    token = re.search(r'name="csrf_token" value="([^"]+)"', page) or re.search(r'csrf_token: "([^"]+)"', page)
    body = urllib.parse.urlencode({"csrf_token": token[1], **data.pop("values", {})}).encode()
    return client.opener.open(host.url + data.get("to", path), body).read().decode()


def test_pages_of_customers_are_read_from_the_replica(world):
    paths = [
        "/my/helpdesk-tickets",
        "/my/helpdesk-tickets?search=lamp",
        f"/my/helpdesk-tickets/{world.ticket}",
        "/helpdesk",
        world.form,
    ]
    read = {path: get(world, world.yves, path)[1] for path in paths}
    assert read == dict.fromkeys(paths, "ro")
    assert not world.host.lines(RETRIED)


def test_screens_of_agents_are_read_from_the_replica(world):
    web, office = world.web, world.office
    specs = {kind: specification_of(world, web, TICKET, kind) for kind in ("kanban", "list", "form")}
    cards = specification_of(world, office, TEAM, "kanban")
    modes = {
        "dashboard": call(world, office, TEAM, "web_search_read", domain=[], specification=cards),
        "columns": call(world, web, TICKET, "web_read_group", domain=[], groupby=["stage_id"], aggregates=["__count"]),
        "kanban": call(world, web, TICKET, "web_search_read", domain=[], specification=specs["kanban"], limit=40),
        "list": call(world, web, TICKET, "web_search_read", domain=[], specification=specs["list"], limit=80),
        "form": call(world, web, TICKET, "web_read", [world.ticket], specification=specs["form"]),
        "count": call(world, web, TICKET, "search_count", []),
        "search": call(world, web, TICKET, "web_search_read", domain=[("name", "ilike", "lamp")], specification={"name": {}}),
        "last message": call(world, web, TICKET, "get_last_message", [world.ticket]),
        "deadlines": call(world, web, TICKET, "get_sla_explanation", [world.ticket]),
        "workload": call(world, web, TEAM, "get_workload_members", [world.care]),
        "overview": call(world, web, "helpdesk_lite.overview", "get_overview", {}),
        "strip of now": call(world, web, "helpdesk_lite.overview", "get_overview", {}, ["now"]),
        "texts to reply": call(world, web, "helpdesk_lite.reply", "get_suggestions", world.ticket, "lamp"),
        "customer": call(world, web, TICKET, "get_customer_panel", [world.ticket]),
        "relations": call(world, web, TICKET, "get_related_tickets", [world.ticket]),
    }
    thread = {"thread_model": TICKET, "thread_id": world.ticket, "request_list": ["followers", "suggestedRecipients"]}
    modes["chatter"] = ask(world, lambda: web("/mail/data", fetch_params=[["mail.thread", thread]]), "/mail/data")[1]
    assert modes == dict.fromkeys(modes, "ro")
    assert not world.host.lines(RETRIED)


def test_a_customer_reads_what_they_wrote(behind):
    """The replica knows nothing of it yet: the author reads it from the primary, others a little later."""
    world, page = behind, f"/my/helpdesk-tickets/{behind.ticket}"
    stage = world.admin.read(TICKET, world.ticket, "stage_id")[1]
    post(world.zoe, world.host, page, to=f"{page}/close")
    closed = world.admin.read(TICKET, world.ticket, "stage_id")[1]
    assert closed != stage
    text, mode = get(world, world.zoe, page)
    assert mode == "rw"
    assert closed in text
    text, mode = get(world, world.yves, page)
    assert mode == "ro"
    assert closed not in text
    world.standby.resume()
    assert closed in get(world, world.yves, page)[0]


def test_a_new_ticket_is_shown_to_its_author(behind):
    world = behind
    thanks = post(world.yves, world.host, world.form, values={"subject": "Brand new", "description": "Me!"})
    (ticket,) = world.admin(TICKET, "search", [("name", "=", "Brand new")])
    assert world.admin.read(TICKET, ticket, "number") in thanks
    assert f"/my/helpdesk-tickets/{ticket}" in thanks, "the page knows that its reader can see the ticket"
    for path in ("/helpdesk/thanks", "/my/helpdesk-tickets", f"/my/helpdesk-tickets/{ticket}"):
        text, mode = get(world, world.yves, path)
        assert mode == "rw"
        assert "Brand new" in text or "thanks" in path


def test_a_message_makes_its_author_read_from_the_primary(behind):
    world = behind
    client = WebClient(world.host, "zoe")
    page = f"/my/helpdesk-tickets/{world.ticket}"
    assert get(world, client, page)[1] == "ro"
    client("/mail/message/post", thread_model=TICKET, thread_id=world.ticket, post_data={"body": "And now?"})
    assert get(world, client, page)[1] == "rw"


def test_nothing_is_lost_when_postgresql_is_restarted(world):
    """Mails come in meanwhile, from a mail server that tries again until it is told that they are stored."""
    # each connection that Odoo still holds fails once, see docs/operating.rst
    clients = [Rpc(world.host) for _lane in range(LANES)]
    messages = [mail(f"restart{number}@quill.example") for number in range(LANES * 3)]
    deadline = time.monotonic() + PATIENCE

    def deliver(lane):
        for message in messages[lane::LANES]:
            while not accepts(clients[lane], message):
                assert time.monotonic() < deadline, "the server does not come back"
                time.sleep(0.1)

    with ThreadPoolExecutor(LANES) as pool:
        lanes = [pool.submit(deliver, lane) for lane in range(LANES)]
        wait_until(world, f"SELECT 1 FROM helpdesk_lite_mail HAVING count(*) >= {LANES}")
        world.host.setup.server.restart()
        for lane in lanes:
            lane.result()
    for message in messages:
        while not {"received", "failed"}.isdisjoint(states_of(world, message)):
            assert time.monotonic() < deadline
            run_job(world, message)
        assert set(states_of(world, message)) <= {"done", "duplicate"}
        assert len(tickets_of(world, message["From"].addresses[0].addr_spec)) == 1
    world.standby.catch_up()


def accepts(client, message):
    """Deliver a mail, and return whether the server has taken it."""
    try:
        client.message_process(message)
    except (xmlrpc.client.Error, http.client.HTTPException, OSError):
        return False
    return True


def test_without_the_replica_the_primary_answers(world):
    """Odoo notices by a connection that it still holds: as many requests fail, once; then its pages come from the primary."""
    ((held,),) = world.standby.query(
        "postgres", f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{world.host.database}'"
    )
    world.running.pop().close()
    for _turn in range(int(held) + 1):
        try:
            text, mode = get(world, world.yves, "/helpdesk")
            break
        except urllib.error.HTTPError as error:
            assert error.code == 500
    assert mode in ("ro->rw", "rw")
    assert "Care" in text
    assert world.agent(TICKET, "search_count", []) >= 1
    assert get(world, world.yves, f"/my/helpdesk-tickets/{world.ticket}")[1] in ("ro->rw", "rw")
