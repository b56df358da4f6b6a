"""Two hosts on one database: what comes to both is done once, and what one of them knows, the other knows.

Each host has two processes for requests, one for jobs and one for websockets. In front of them is nginx with the configuration
of ``deploy/nginx.conf``, or nothing where nginx cannot be had.
"""

import base64
import os
import random
import resource
import time
import urllib.error
import urllib.parse
import urllib.request
import xmlrpc.client
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from types import SimpleNamespace

import pytest
from debian_programs import find_library
from hosts_world import Listener, running_host, trouble, two_hosts, wait_for
from intake_world import execute, rows_of, run_job, states_of, tickets_by_team, wait_until
from mail_world import DOMAIN, TICKET, mail, nothing_else_is_sent_to, options_of, tickets_of
from rpc import Rpc, WebClient
from visitors import Visitor

from devtools.patience import PATIENCE

TEAM = "helpdesk_lite.team"
MAILS, WAITING = 36, 200
# in seconds: until a browser on another host knows of a message
SOON = 2


@pytest.fixture(scope="module")
def world():
    with two_hosts() as world:
        yield world


def make_sharing_team(world, name):
    """A team that gives its tickets to four agents in turn, and the ids of these."""
    values = [
        {
            "name": f"{name} {number}",
            "login": f"{name}{number}",
            "group_ids": [(6, 0, [world.admin.ref("helpdesk_lite.group_user")])],
        }
        for number in range(4)
    ]
    agents = world.admin("res.users", "create", values, context={"no_reset_password": True})
    return world.admin(
        TEAM,
        "create",
        {
            "name": name.title(),
            "alias_name": name,
            "privacy_visibility": "public",
            "assign_method": "equal_total",
            "member_ids": [(6, 0, agents)],
            # around the clock
            "resource_calendar_id": False,
        },
    )


def shares(world, team):
    """How many tickets each agent of a team has; None for nobody."""
    return Counter(
        dict(execute(world, f"SELECT user_id, count(*) FROM helpdesk_lite_ticket WHERE team_id = {team} GROUP BY 1"))
    )


def test_websockets_are_served_by_a_process_that_stays(world):
    for host in world.hosts:
        assert len(host.lines(r"Evented Service \(longpolling\) running")) == 1, host.log


def test_a_mail_given_to_both_hosts_is_one_ticket_for_each_team(world):
    clients = world.clients[:2]
    cases = [(f"both{number}@quill.example", ("care",) if number < 10 else ("care", "returns")) for number in range(15)]
    with ThreadPoolExecutor(len(clients)) as pool:
        for customer, teams in cases:
            message = mail(customer, to=", ".join(f"{team}@{DOMAIN}" for team in teams))
            together = Barrier(len(clients))

            def deliver(client, message=message, together=together):
                together.wait(PATIENCE)
                try:
                    return client.message_process(message)
                except xmlrpc.client.Fault as fault:
                    return fault

            results = list(pool.map(deliver, clients))
            assert not any(isinstance(result, xmlrpc.client.Fault) for result in results), results
            assert sum(bool(result) for result in results) == 1, results
            assert tickets_by_team(world, customer) == sorted(world.teams[team] for team in teams)
            assert states_of(world, message) == ["done", "duplicate"]
    for customer, teams in cases:
        # the acknowledgements, and nothing that says that a mail could not be delivered
        nothing_else_is_sent_to(world, customer, count=len(teams))
    assert not [
        sent["Subject"] for sent in world.sink.mails if "MAILER-DAEMON" in f"{sent['From']} {sent['Return-Path']}".upper()
    ]
    for team in ("care", "returns"):
        alias = world.admin.read(TEAM, world.teams[team], "alias_id")[0]
        assert world.admin.read("mail.alias", alias, "alias_status") == "valid"


def test_mails_to_both_hosts_are_shared_out_evenly(world):
    team = make_sharing_team(world, "shares")
    world.admin(TEAM, "write", [team], {"auto_assignment": True})
    clients = world.clients
    mails = [mail(f"share{number}@quill.example", to=f"shares@{DOMAIN}") for number in range(MAILS)]

    def deliver(lane):
        for message in mails[lane :: len(clients)]:
            assert clients[lane].message_process(message)

    with ThreadPoolExecutor(len(clients)) as pool:
        list(pool.map(deliver, range(len(clients))))
    counts = shares(world, team)
    assert sum(counts.values()) == MAILS
    assert None not in counts, "every ticket has an assignee"
    assert len(counts) == 4
    assert max(counts.values()) - min(counts.values()) <= 1, counts
    numbers = f"SELECT count(*), count(DISTINCT number) FROM helpdesk_lite_ticket WHERE team_id = {team}"
    assert execute(world, numbers) == [(MAILS, MAILS)]


def test_waiting_tickets_are_assigned_once(world):
    """The jobs of both hosts are woken at the same moment."""
    team = make_sharing_team(world, "queue")
    world.admin(
        TICKET, "create", [{"name": f"Waiting {number}", "team_id": team, "user_id": False} for number in range(WAITING)]
    )
    world.admin(TEAM, "write", [team], {"auto_assignment": True})
    # as when all members were off
    execute(world, "UPDATE helpdesk_lite_ticket SET assignment_waiting = TRUE, user_id = NULL WHERE team_id = %s", team)
    cron = world.admin.ref("helpdesk_lite.cron_assign_waiting")
    world.admin("ir.cron", "write", [cron], {"nextcall": "2020-01-01 00:00:00"})
    wait_until(
        world, f"SELECT 1 WHERE NOT EXISTS (SELECT FROM helpdesk_lite_ticket WHERE team_id = {team} AND assignment_waiting)"
    )
    counts = shares(world, team)
    assert sum(counts.values()) == WAITING
    assert None not in counts
    assert max(counts.values()) - min(counts.values()) <= 1, counts
    made = f"SELECT count(*), count(DISTINCT ticket_id) FROM helpdesk_lite_assignment WHERE team_id = {team}"
    assert execute(world, made) == [(WAITING, WAITING)]


def test_a_session_and_a_file_of_one_host_are_those_of_the_other(world):
    first, second = world.hosts
    web = WebClient(first, "agent")
    ticket = world.admin(TICKET, "create", {"name": "Plan", "team_id": world.teams["public"]})
    content = b"the plan " * 40_000
    values = {"name": "plan.txt", "datas": base64.b64encode(content).decode(), "res_model": TICKET, "res_id": ticket}
    file = web("/web/dataset/call_kw", model="ir.attachment", method="create", args=[values], kwargs={})
    # logged in on the first host, asked on the second, and on whichever the proxy chooses
    session = web.opener.open(
        urllib.request.Request(f"{second.url}/web/session/check", b"{}", {"Content-Type": "application/json"})
    )
    assert b'"error"' not in session.read()
    url = f"/web/content/{file}?download=true"
    for _turn in range(4):
        assert web.opener.open(f"{world.front.url}{url}").read() == content
    if world.has_proxy:
        # this host leaves the file to the proxy
        answer = web.opener.open(f"{second.url}{url}")
        assert answer.headers["X-Accel-Redirect"].startswith("/web/filestore/")
        with pytest.raises(urllib.error.HTTPError) as refused:
            web.opener.open(f"{world.front.url}{answer.headers['X-Accel-Redirect']}")
        assert refused.value.code == 404, "nobody else can ask for files of the data folder"


def test_a_message_on_one_host_reaches_a_browser_on_the_other(world, capsys):
    first = world.hosts[0]
    (uid,) = world.admin("res.users", "search", [("login", "=", "agent")])
    world.admin("res.users", "write", [uid], {"notification_type": "inbox"})
    partner = world.admin.read("res.users", uid, "partner_id")[0]
    ticket = world.admin(TICKET, "create", {"name": "Live", "team_id": world.teams["private"], "user_id": uid})
    web, other = WebClient(first, "agent"), world.clients[1]
    for port in dict.fromkeys((first.websocket, world.front.port if world.has_proxy else first.websocket)):
        listener = Listener(port, web)
        took = []
        for turn in range(3):
            text = f"Hello {port} {turn}"
            posted = {"body": text, "message_type": "comment", "subtype_xmlid": "mail.mt_comment", "partner_ids": [partner]}
            other(TICKET, "message_post", [ticket], **posted)
            took.append(-time.monotonic() + listener.wait_for(text))
        listener.close()
        with capsys.disabled():
            print(f"\nseen after {', '.join(f'{1000 * seconds:.0f}' for seconds in took)} ms")
        # the fastest, because this machine is busy with other tests as well
        assert min(took) < SOON


# ------------------------------------------------------------
# THE PUBLIC FORM
# ------------------------------------------------------------


def make_form(world, name, limit):
    """The path of a new team's form."""
    team = world.admin(TEAM, "create", {"name": name, "use_website_form": True, "alias_name": False})
    world.admin("ir.config_parameter", "set_param", "helpdesk_lite.form_limit", str(limit))
    return urllib.parse.urlsplit(world.admin.read(TEAM, team, "form_url")).path


def visit(world, path, address, number, **headers):
    """A visitor with an e-mail address of their own who comes through the proxy, or to one of the hosts in turn.

    :param str address: where they come from
    """
    sender = f"visitor{address}-{number}@visitor.example"
    if world.has_proxy:
        return Visitor(world.front.url + path, sender, address=address, headers=headers)
    host = world.hosts[number % 2]
    told = {"X-Forwarded-For": address, "X-Forwarded-Host": f"127.0.0.1:{host.port}"}
    return Visitor(host.url + path, sender, headers=told)


def test_each_visitor_behind_the_proxy_has_a_limit_of_their_own(world):
    path = make_form(world, "Limited", 3)
    codes = [visit(world, path, "127.0.0.7", number).send() for number in range(5)]
    assert codes == [200, 200, 200, 429, 429]
    refused = visit(world, path, "127.0.0.7", 9)
    assert refused.send() == 429
    assert 3000 < int(refused.answer.headers["Retry-After"]) <= 3600
    assert visit(world, path, "127.0.0.8", 1).send() == 200
    if world.has_proxy:
        # an address that somebody invents is not theirs, and uses up nobody's limit
        for number in range(4):
            forged = {"X-Forwarded-For": "127.0.0.9", "X-Real-IP": "127.0.0.9", "Forwarded": "for=127.0.0.9"}
            assert visit(world, path, "127.0.0.7", 20 + number, **forged).send() == 429
        assert visit(world, path, "127.0.0.9", 1).send() == 200


def test_nobody_is_shut_out_when_the_proxy_is_set_up_wrongly(world):
    """Both hosts see the address of the proxy only. The administrator is told once, and not by each process."""
    path = make_form(world, "Open", 2)
    for number in range(6):
        host = world.hosts[number % 2]
        assert Visitor(host.url + path, f"nobody{number}@visitor.example").send() == 200
    # whoever gives the same address again and again is limited, on both hosts together
    codes = [Visitor(world.hosts[number % 2].url + path, "same@visitor.example").send() for number in range(3)]
    assert codes == [200, 200, 429]
    told = [line for host in world.hosts for line in host.lines("without the address of their visitor")]
    assert len(told) == 1, told
    assert "X-Forwarded-Host" in told[0]
    assert len([line for host in world.hosts for line in host.lines("a message is refused")]) >= 1


# ------------------------------------------------------------
# WHAT GOES WRONG
# ------------------------------------------------------------


# libfaketime does not know the call by which Python sleeps
SLEEP = """
import threading
import time

time.sleep = lambda seconds: threading.Event().wait(seconds) and None
"""


@pytest.fixture(scope="module")
def third(world, tmp_path_factory):
    """A third host, with one process; its clock is five minutes ahead where it can be made so."""
    first, variables = world.hosts[0], {}
    if library := find_library("libfaketime.so.1", "libfaketime"):
        folder = tmp_path_factory.mktemp("clock")
        (folder / "sitecustomize.py").write_text(SLEEP)
        variables = {
            "LD_PRELOAD": str(library.path),
            "FAKETIME": "+5m",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "PYTHONPATH": os.pathsep.join((str(folder), first.setup.environment()["PYTHONPATH"])),
        }
    options = ("--max-cron-threads", "0", *options_of(world.sink))
    with running_host(first.setup, first.database, *options, workers=(), variables=variables) as host:
        wait_for(host, websockets=False)
        yield SimpleNamespace(host=host, client=Rpc(host), is_ahead=bool(library))


def test_the_clocks_of_hosts_may_differ(world, third):
    """A host is five minutes ahead: a mail is still one ticket, and a visitor still has one limit."""
    if not third.is_ahead:
        pytest.skip("libfaketime cannot be had here")
    path = make_form(world, "Clocks", 2)
    message = mail("clocks@quill.example")
    for client in (third.client, world.clients[0], third.client):
        client.message_process(message)
    assert states_of(world, message) == ["done", "duplicate", "duplicate"]
    first = world.hosts[0]
    codes = [Visitor(host.url + path, "clocks@visitor.example").send() for host in (third.host, first, third.host, first)]
    assert codes == [200, 200, 429, 429]
    assert not trouble(third.host.log)


def test_a_full_disk_of_one_host_loses_nothing(world, third):
    """No file of that host can be larger than a megabyte: the mail fails, is kept, and is done where there is space."""
    content = random.Random(1).randbytes(2_000_000)
    message = mail("full@quill.example", "Full disk")
    message.add_attachment(content, maintype="application", subtype="octet-stream", filename="plan.bin")
    resource.prlimit(third.host.process.pid, resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
    assert third.client.message_process(message) is False
    (row,) = rows_of(world, message)
    assert row["state"] == "failed"
    assert "File too large" in row["error"]
    run_job(world, message)
    assert states_of(world, message) == ["done"]
    (ticket,) = tickets_of(world, "full@quill.example")
    files = world.admin("ir.attachment", "search_read", [("name", "=", "plan.bin"), ("res_id", "=", ticket)], ["datas"])
    assert [base64.b64decode(file["datas"]) for file in files] == [content]


def test_the_other_host_goes_on_when_one_is_lost(world):
    world.hosts[1].kill()
    if world.has_proxy:
        web = WebClient(world.front, "agent")
        for _turn in range(6):
            assert web("/web/dataset/call_kw", model=TICKET, method="search_count", args=[[]], kwargs={})
    message = mail("alone@quill.example")
    assert world.clients[0].message_process(message)
    assert states_of(world, message) == ["done"]
    nothing_else_is_sent_to(world, "alone@quill.example", count=1)


def test_no_log_tells_of_an_error(world):
    for host in world.hosts:
        assert not trouble(host.log), host.log
