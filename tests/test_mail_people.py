"""Who wrote a mail, what robots may do, and who learns what: for each rule who is mailed, and who is not.

Mails go in as bytes by the gateway, as an ordinary user of it; the mail server says who got what.
"""

import re
import urllib.parse
import urllib.request
import xmlrpc.client
from http.cookiejar import CookieJar

import pytest
from mail_world import (
    AGENT,
    DOMAIN,
    EMPLOYEE,
    MODES,
    TICKET,
    agent_answers,
    answer,
    answered,
    html_of,
    mail,
    nothing_else_is_sent_to,
    numbers,
    receive,
    suggested,
    text_of,
    tickets_of,
)
from rpc import Rpc, WebClient

CARE = f"care@{DOMAIN}"
NO_REPLY = "noreply@shop.example"
TEAM = "helpdesk_lite.team"
REMARK = "Awkward, but please help."


@pytest.fixture
def world(mail_world):
    return mail_world


@pytest.fixture
def team(world):
    """A public team of this test only: its id and its address."""
    return make_team(world)


def make_team(world, **values):
    name = f"desk{next(numbers)}"
    values = {"name": name.title(), "alias_name": name, "privacy_visibility": "public", **values}
    return world.admin(TEAM, "create", values), f"{name}@{DOMAIN}"


def make_contact(world, address, login=None):
    """A contact, or the contact of a portal user."""
    partner = world.admin("res.partner", "create", {"name": "Zoe Known", "email": address})
    if login:
        values = {
            "partner_id": partner,
            "login": login,
            "password": login,
            "group_ids": [(6, 0, [world.admin.ref("base.group_portal")])],
        }
        world.admin("res.users", "create", values, context={"no_reset_password": True})
    return partner


def follow(world, ticket, *partners):
    world.admin(TICKET, "message_subscribe", [ticket], list(partners))


def partner_of(world, login):
    return world.admin("res.users", "search_read", [("login", "=", login)], ["partner_id"])[0]["partner_id"][0]


def told(world, address, text):
    """The mails with a text that an address has got so far."""
    world.office("/web/dataset/call_kw", model="mail.mail", method="process_email_queue", args=[], kwargs={})
    return [message for message in world.sink.to(address) if text in html_of(message)]


def messages_of(world, ticket):
    return world.admin("mail.message", "search_read", [("model", "=", TICKET), ("res_id", "=", ticket)], order="id")


# WHO WROTE


@pytest.mark.parametrize("sender", [NO_REPLY, f"returns@{DOMAIN}"], ids=["no-reply", "our own address"])
def test_answers_go_to_whom_a_form_names(world, customer, sender):
    ticket = receive(world, mail(sender, name="Contact Form", Reply_To=f"Zoe Quill <{customer}>"))
    values = world.admin.read(TICKET, ticket, "partner_name", "partner_email")
    assert (values["partner_name"], values["partner_email"]) == ("Zoe Quill", customer)
    assert len(world.sink.wait_for(customer)) == 1
    nothing_else_is_sent_to(world, sender)


def test_a_person_stays_the_customer_whatever_reply_to_says(world, customer):
    ticket = receive(world, mail(customer, Reply_To=f"office.{customer}"))
    assert world.admin.read(TICKET, ticket, "partner_email") == customer
    world.sink.wait_for(customer)
    nothing_else_is_sent_to(world, f"office.{customer}")


@pytest.mark.parametrize("reply_to", [NO_REPLY, CARE], ids=["no-reply", "our own address"])
def test_nobody_is_named_by_an_address_that_nobody_reads(world, reply_to):
    sender = f"no-reply@shop{next(numbers)}.example"
    ticket = receive(world, mail(sender, Reply_To=reply_to))
    assert world.admin.read(TICKET, ticket, "partner_email") == sender
    for address in (sender, reply_to):
        nothing_else_is_sent_to(world, address)


@pytest.mark.parametrize("header", ["Reply_To", "Return_Path"])
def test_a_mail_without_a_sender(world, customer, header):
    ticket = receive(world, mail(None, **{header: f"<{customer}>"}))
    assert world.admin.read(TICKET, ticket, "partner_email") == customer
    assert len(world.sink.wait_for(customer)) == 1


def test_reply_to_makes_no_answer_of_an_employee(world, customer):
    """Mail servers check From; anybody can write a colleague's address into Reply-To."""
    known = make_contact(world, customer)
    first = mail(customer)
    ticket = receive(world, first)
    assert known in world.admin.read(TICKET, ticket, "message_partner_ids")
    world.sink.wait_for(customer)
    references = {"In_Reply_To": first["Message-ID"], "References": first["Message-ID"]}
    forged = mail(NO_REPLY, "Re: My lamp", body="Pay to this account.", Reply_To=AGENT, **references)
    kept = answered(world, forged, ticket)
    assert not kept["author_id"]
    assert "Pay to this account." in kept["body"]
    nothing_else_is_sent_to(world, customer, count=1)


def test_an_address_with_a_tag_reaches_its_team(world, customer):
    tagged = f"care+lamps@{DOMAIN}"
    ticket = receive(world, mail(customer, to=tagged, Cc=f"care+x@{DOMAIN}, boss.{customer}"))
    values = world.admin.read(TICKET, ticket, "team_id", "email_cc")
    assert values["team_id"][0] == world.care
    assert values["email_cc"] == f"boss.{customer}", "our own addresses are no copies"
    assert len(world.sink.wait_for(customer)) == 1
    agent_answers(world, ticket, without=[f"boss.{customer}"])
    world.sink.wait_for(customer, 2)
    nothing_else_is_sent_to(world, tagged)


def test_an_alias_with_that_very_name_comes_first(world, customer):
    other, address = make_team(world, alias_name=f"care+vip{next(numbers)}")
    address = world.admin.read(TEAM, other, "alias_email")
    ticket = receive(world, mail(customer, to=address))
    assert world.admin.read(TICKET, ticket, "team_id")[0] == other


@pytest.mark.parametrize("header", ["X-Original-To", "Envelope-To"])
def test_where_the_mail_server_delivered_it(world, customer, header):
    ticket = receive(world, mail(customer, to="undisclosed-recipients:;", **{header.replace("-", "_"): CARE}))
    assert world.admin.read(TICKET, ticket, "team_id")[0] == world.care
    with pytest.raises(xmlrpc.client.Fault, match="No possible route"):
        world.admin.message_process(
            mail(customer, to="undisclosed-recipients:;", **{header.replace("-", "_"): f"nobody@{DOMAIN}"})
        )


# FURTHER ADDRESSES


def test_a_renamed_alias_keeps_its_old_name(world, customer, team):
    team, former = team
    current = f"new{next(numbers)}@{DOMAIN}"
    world.admin(TEAM, "write", [team], {"alias_name": current.partition("@")[0]})
    assert world.admin.read(TEAM, team, "further_addresses") == former
    ticket = receive(world, mail(customer, to=f"{former}, {current}"))
    assert world.admin.read(TICKET, ticket, "team_id")[0] == team, "one ticket, whatever addresses it was sent to"
    acknowledgement = world.sink.wait_for(customer)[0]
    assert current in acknowledgement["Reply-To"]
    assert former not in str(acknowledgement)
    nothing_else_is_sent_to(world, former)
    # back again, and gone
    world.admin(TEAM, "write", [team], {"alias_name": former.partition("@")[0]})
    assert world.admin.read(TEAM, team, "further_addresses") == current
    world.admin(TEAM, "write", [team], {"further_addresses": ""})
    with pytest.raises(xmlrpc.client.Fault, match="No possible route"):
        world.admin.message_process(mail(customer, to=current))


def test_further_addresses_are_typed_on_the_team(world, customer, team):
    team, _address = team
    name = f"help{next(numbers)}"
    world.admin(TEAM, "write", [team], {"further_addresses": f"{name}, {name}.too@{DOMAIN}"})
    assert world.admin.read(TEAM, team, "further_addresses") == f"{name}.too@{DOMAIN}, {name}@{DOMAIN}"
    ticket = receive(world, mail(customer, to=f"{name}@{DOMAIN}"))
    assert world.admin.read(TICKET, ticket, "team_id")[0] == team
    with pytest.raises(xmlrpc.client.Fault, match="cannot be an address of the team"):
        world.admin(TEAM, "write", [team], {"further_addresses": "help@elsewhere.example"})
    with pytest.raises(xmlrpc.client.Fault, match="already linked"):
        world.admin(TEAM, "write", [world.care], {"further_addresses": name})
    with pytest.raises(xmlrpc.client.Fault, match="not allowed to modify"):
        world.agent(TEAM, "write", [team], {"further_addresses": ""})


def test_further_addresses_of_a_private_team_are_hidden_with_it(world, team):
    team, _address = team
    name = f"secret{next(numbers)}"
    world.admin(
        TEAM, "write", [team], {"further_addresses": name, "privacy_visibility": "private", "alias_contact": "followers"}
    )
    found = [("alias_name", "=", name)]
    assert world.admin("mail.alias", "search_read", found, ["alias_contact"])[0]["alias_contact"] == "followers"
    assert not world.agent("mail.alias", "search", found)
    world.admin(TEAM, "unlink", [team])
    assert not world.admin("mail.alias", "search", found)


# NUMBERS IN SUBJECTS


@pytest.mark.parametrize("form", ["Re: {}", "[{}]", "[ {} ] my lamp", "about #{}", "{}: my lamp"])
@pytest.mark.parametrize("case", ["upper", "lower"])
def test_a_number_finds_its_ticket_for_its_customer_only(world, customer, form, case):
    ticket = receive(world, mail(customer))
    subject = form.format(getattr(world.admin.read(TICKET, ticket, "number"), case)())
    assert "One more thing." in answered(world, mail(customer, subject, body="One more thing."), ticket)["body"]
    assert receive(world, mail(f"other.{customer}", subject)) != ticket


# FORWARDED BY AN AGENT


def forwarded(customer, to=CARE, sender=AGENT, name="Ada Agent"):
    """A mail that Gmail forwards, with a remark of whoever forwards it."""
    message = mail(sender, "Fwd: My lamp", to=to, name=name)
    message.set_content(
        f'<div dir="ltr">{REMARK}<br><div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---'
        f"------<br>From: <strong>Zoe Quill</strong> &lt;{customer}&gt;<br>Date: Mon, 2 Mar 2026<br>Subject: My lamp<br>"
        f"To: &lt;{sender}&gt;<br></div><br><div>The shade of {customer} is broken.</div></div></div>",
        subtype="html",
    )
    return message


def attached(customer, to=CARE):
    message = mail(AGENT, "Fwd: My lamp", to=to, name="Ada Agent", body=REMARK)
    message.add_attachment(mail(customer, body=f"The shade of {customer} is broken."))
    return message


@pytest.mark.parametrize("build", [forwarded, attached])
def test_the_author_of_a_forwarded_mail_is_the_customer(world, customer, build):
    login = f"portal{next(numbers)}"
    known = make_contact(world, customer, login)
    before = len(world.sink.to(AGENT))
    ticket = receive(world, build(customer))
    values = world.admin.read(
        TICKET,
        ticket,
        "name",
        "description",
        "partner_id",
        "partner_name",
        "partner_email",
        "forwarded_by_id",
        "message_partner_ids",
    )
    assert (values["name"], values["partner_name"], values["partner_email"]) == ("My lamp", "Zoe Quill", customer)
    assert values["forwarded_by_id"][1] == "Ada Agent"
    # nobody is acknowledged
    nothing_else_is_sent_to(world, customer)
    nothing_else_is_sent_to(world, AGENT, before)
    # what was forwarded proves nothing: the contact gains no sight of it
    assert not values["partner_id"]
    assert known not in values["message_partner_ids"]
    portal = Rpc(world.server, login)
    assert not portal(TICKET, "search", [("id", "=", ticket)])
    # what the agent says is a note
    assert f"The shade of {customer}" in values["description"]
    assert REMARK not in values["description"]
    note = next(message for message in messages_of(world, ticket) if REMARK in message["body"])
    assert note["is_internal"]
    assert note["author_id"][0] == partner_of(world, "agent")
    # until an agent answers them
    assert [recipient["email"] for recipient in suggested(world.web, ticket)] == [customer]
    agent_answers(world, ticket)
    reply = world.sink.wait_for(customer)[0]
    assert "A new shade is on its way." in text_of(reply)
    assert REMARK not in html_of(reply)
    assert portal.read(TICKET, ticket, "description") == values["description"]
    assert not portal("mail.message", "search", [("id", "=", note["id"])])
    nothing_else_is_sent_to(world, customer, count=1)


def test_a_team_may_tell_the_author_of_a_forwarded_mail(world, customer):
    _team, address = make_team(world, acknowledge_forwarded=True)
    before = len(world.sink.to(AGENT))
    ticket = receive(world, forwarded(customer, address))
    acknowledgement = world.sink.wait_for(customer)[0]
    assert world.admin.read(TICKET, ticket, "number") in acknowledgement["Subject"]
    assert "broken" not in html_of(acknowledgement)
    nothing_else_is_sent_to(world, AGENT, before)
    nothing_else_is_sent_to(world, customer, count=1)


@pytest.mark.parametrize(
    ("sender", "name"), [(EMPLOYEE, "Emil Employee"), ("ben@quill.example", "Ben")], ids=["employee", "stranger"]
)
def test_only_agents_hand_in_the_mails_of_others(world, customer, sender, name):
    ticket = receive(world, forwarded(customer, sender=sender, name=name))
    values = world.admin.read(TICKET, ticket, "partner_email", "forwarded_by_id", "description")
    assert (values["partner_email"], values["forwarded_by_id"]) == (sender, False)
    assert REMARK in values["description"]
    nothing_else_is_sent_to(world, customer)


@pytest.mark.parametrize("original", [f"returns@{DOMAIN}", AGENT, NO_REPLY], ids=["our address", "the agent", "no-reply"])
def test_forwarded_mails_of_nobody_are_the_agents(world, original):
    ticket = receive(world, forwarded(original))
    values = world.admin.read(TICKET, ticket, "partner_email", "forwarded_by_id")
    assert (values["partner_email"], values["forwarded_by_id"]) == (AGENT, False)


@pytest.mark.parametrize("mode", MODES)
def test_an_agents_answer_by_mail_client_reaches_the_author_of_a_forwarded_mail(world, customer, mode):
    ticket = receive(world, forwarded(customer, f"{mode}@{DOMAIN}"))
    text = f"Who takes {customer}?"
    follow(world, ticket, partner_of(world, "agent"))
    world.office(
        "/mail/message/post",
        thread_model=TICKET,
        thread_id=ticket,
        post_data={"body": text, "message_type": "comment", "subtype_xmlid": "mail.mt_comment"},
    )
    notification = next(message for message in reversed(world.sink.wait_for(AGENT)) if text in text_of(message))
    answered(world, answer(AGENT, notification, f"I do, {customer}.", name="Ada Agent"), ticket)
    reply = world.sink.wait_for(customer)[0]
    assert f"I do, {customer}." in text_of(reply)
    assert f"{mode}@{DOMAIN}" in reply["Reply-To"]
    nothing_else_is_sent_to(world, customer, count=1)
    assert not told(world, AGENT, "did not get your e-mail “Re: "), "the answer was sent"


# ROBOTS


@pytest.fixture
def conversation(world, customer):
    """A public ticket whose customer and a second one follow it, with the agent as assignee: id, their mail, the second one."""
    make_contact(world, customer)
    other = f"other.{customer}"
    first = mail(customer)
    ticket = receive(world, first)
    world.sink.wait_for(customer)
    follow(world, ticket, make_contact(world, other))
    world.agent(TICKET, "action_assign_to_me", [ticket])
    return ticket, first, other


def away(sender, first, text, **headers):
    references = {"In_Reply_To": first["Message-ID"], "References": first["Message-ID"]}
    return mail(sender, "Re: My lamp", body=text, **references, **headers)


@pytest.mark.parametrize(
    "sign", [{"Auto_Submitted": "auto-replied"}, {"Subject": "Automatic reply: My lamp"}], ids=["header", "subject"]
)
def test_the_absence_of_the_assignee_is_a_note(world, customer, conversation, sign):
    ticket, first, other = conversation
    kept = answered(world, away(AGENT, first, f"Skiing, {customer}.", name="Ada Agent", **sign), ticket)
    assert kept["is_internal"]
    assert kept["subtype_id"][0] == world.admin.ref("mail.mt_note")
    nothing_else_is_sent_to(world, customer, count=1)
    nothing_else_is_sent_to(world, other)
    assert not told(world, AGENT, "did not get your e-mail"), "programs are told nothing"


def test_the_absence_of_an_employee_that_answers_nothing_is_a_note(world, customer):
    """Outlook's has no references: it becomes a ticket of its own, which says nothing to customers who follow the team."""
    team, address = make_team(world)
    follower = make_contact(world, customer)
    world.admin(TEAM, "message_subscribe", [team], [follower])
    ticket = receive(world, mail(AGENT, "Abwesenheitsnotiz", to=address, name="Ada Agent", Auto_Submitted="auto-generated"))
    [note] = [message for message in messages_of(world, ticket) if message["message_type"] == "out_of_office"]
    assert note["is_internal"]
    nothing_else_is_sent_to(world, customer)
    assert not [copy for copy in told(world, AGENT, "We received your request") if address in copy["Reply-To"]]


def test_the_absence_of_an_employee_who_is_the_customer_is_a_note(world):
    ticket = receive(world, mail(EMPLOYEE, "My chair", name="Emil Employee"))
    first = mail(EMPLOYEE, "My chair again")
    first["In-Reply-To"] = next(message for message in messages_of(world, ticket) if message["message_type"] == "email")[
        "message_id"
    ]
    answered(world, first, ticket)
    kept = answered(world, away(EMPLOYEE, first, "Skiing.", name="Emil Employee", Auto_Submitted="auto-replied"), ticket)
    assert kept["is_internal"]


def test_the_absence_of_a_customer_is_told_to_colleagues_only(world, customer, conversation):
    ticket, first, other = conversation
    world.agent(TICKET, "action_close", [ticket])
    text = f"On holiday, {customer}."
    kept = answered(world, away(customer, first, text, Auto_Submitted="auto-replied"), ticket)
    assert kept["is_internal"]
    copies = told(world, AGENT, text)
    assert [copy["Auto-Submitted"] for copy in copies] == ["auto-replied"]
    assert world.admin.read(TICKET, ticket, "is_closed")
    nothing_else_is_sent_to(world, other)
    nothing_else_is_sent_to(world, customer, count=1)


@pytest.mark.parametrize(
    "header", [{"List_Unsubscribe": "<mailto:x@quill.example>"}, {"Precedence": "bulk"}, {"Return_Path": "<>"}]
)
def test_signs_of_a_list_do_not_keep_a_ticket_closed(world, customer, conversation, header):
    ticket, first, other = conversation
    world.agent(TICKET, "action_close", [ticket])
    text = f"It broke again, {customer}."
    kept = answered(world, away(customer, first, text, **header), ticket)
    assert not kept["is_internal"]
    assert not world.admin.read(TICKET, ticket, "is_closed")
    assert len(told(world, AGENT, text)) == len(told(world, other, text)) == 1


@pytest.mark.parametrize("sender", ["postmaster", "no-reply", "listserv"])
def test_mailboxes_that_nobody_reads_get_no_acknowledgement(world, sender):
    sender = f"{sender}@shop{next(numbers)}.example"
    ticket = receive(world, mail(sender))
    assert world.admin.read(TICKET, ticket, "partner_email") == sender
    nothing_else_is_sent_to(world, sender)


@pytest.mark.parametrize("list_id", ["care." + DOMAIN, "lamps.quill.example"], ids=["ours", "another"])
def test_a_mail_through_our_own_list_is_acknowledged(world, customer, list_id):
    receive(world, mail(customer, List_Id=f"<{list_id}>", Precedence="list"))
    nothing_else_is_sent_to(world, customer, count=int(DOMAIN in list_id))


# LOOPS


def drop(world, message):
    """Deliver a mail that makes no ticket: XML-RPC has no word for what standard Odoo returns then."""
    values = {"model": "mail.thread", "method": "message_process", "args": [False, bytes(message).decode()], "kwargs": {}}
    assert not world.office("/web/dataset/call_kw", **values)


def test_tickets_that_no_mail_made_do_not_count(world, customer):
    for _i in range(21):
        world.admin(TICKET, "create", {"name": "By phone", "team_id": world.care, "partner_email": customer})
    receive(world, mail(customer))


def test_a_sender_reaches_the_limit_of_a_team_and_nobody_else_does(world, customer):
    team, address = make_team(world, mail_limit=2)
    sender = f"busy.{customer}"
    for _i in range(2):
        receive(world, mail(sender, to=address))
    drop(world, mail(sender, to=address))
    assert len(tickets_of(world, sender)) == 2
    nothing_else_is_sent_to(world, sender, count=2)
    receive(world, mail(customer, to=address))  # its address is the end of the other
    receive(world, mail(sender))  # another team
    world.admin(TEAM, "write", [team], {"mail_limit": 3})
    receive(world, mail(sender, to=address))


def test_answers_have_the_same_limit(world, customer):
    _team, address = make_team(world, mail_limit=2)
    first = mail(customer, to=address)
    ticket = receive(world, first)
    answered(world, away(customer, first, "One.", To=address), ticket)
    drop(world, away(customer, first, "Two.", To=address))
    bodies = " ".join(message["body"] for message in messages_of(world, ticket))
    assert "One." in bodies
    assert "Two." not in bodies


# NAMES


def strangers_name(message):
    """Whether a mail is signed by the gateway's user, or by the one of the fetch job."""
    return re.search(r"OdooBot|Administrator|Mitchell", f"{message['From']} {message['Reply-To']} {html_of(message)}")


def test_the_acknowledgement_is_the_teams(world, customer):
    receive(world, mail(customer))
    acknowledgement = world.sink.wait_for(customer)[0]
    assert acknowledgement["Reply-To"] == f"Care <{CARE}>" or acknowledgement["Reply-To"] == f'"Care" <{CARE}>'
    assert acknowledgement["From"].addresses[0].display_name == "Care"
    assert not strangers_name(acknowledgement)


def test_a_job_fetches_and_the_acknowledgement_is_the_teams(world, customer):
    code = f"model.message_process(None, {bytes(mail(customer))!r})"
    values = {
        "name": "Fetch",
        "model_id": world.admin("ir.model", "search", [("model", "=", "mail.thread")])[0],
        "state": "code",
        "code": code,
        "user_id": 1,
    }
    job = world.admin("ir.cron", "create", {**values, "interval_number": 1, "interval_type": "months", "active": False})
    world.admin("ir.cron", "method_direct_trigger", [job])
    acknowledgement = world.sink.wait_for(customer)[0]
    assert acknowledgement["From"].addresses[0].display_name == "Care"
    assert acknowledgement["Reply-To"].addresses[0].display_name == "Care"
    assert not strangers_name(acknowledgement)


def test_the_acknowledgement_of_the_form_is_the_teams(world, customer):
    team, address = make_team(world, use_website_form=True)
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    url = f"{world.server.url}/helpdesk/{team}"
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', opener.open(url).read().decode())[1]
    fields = {"csrf_token": token, "name": "Zoe Quill", "email": customer, "subject": "My lamp", "description": "Broken"}
    opener.open(url, urllib.parse.urlencode(fields).encode())
    acknowledgement = world.sink.wait_for(customer)[0]
    name = world.admin.read(TEAM, team, "name")
    assert acknowledgement["From"].addresses[0].display_name == name
    assert (acknowledgement["Reply-To"].addresses[0].display_name, address in acknowledgement["Reply-To"]) == (name, True)
    assert not re.search("Public user", f"{acknowledgement} {html_of(acknowledgement)}")


def test_answers_are_the_agents_and_go_back_to_the_team(world, customer):
    ticket = receive(world, mail(customer))
    agent_answers(world, ticket)
    reply = world.sink.wait_for(customer, 2)[1]
    assert reply["From"].addresses[0].display_name == "Ada Agent"
    assert reply["Reply-To"].addresses[0].display_name == "Care"
    assert not strangers_name(reply)


def test_what_a_customer_writes_on_the_portal_goes_back_to_the_team(world, customer):
    login = f"portal{next(numbers)}"
    make_contact(world, customer, login)
    ticket = receive(world, mail(customer))
    world.agent(TICKET, "action_assign_to_me", [ticket])
    text = f"Any news for {customer}?"
    WebClient(world.server, login)(
        "/mail/message/post",
        thread_model=TICKET,
        thread_id=ticket,
        post_data={"body": text, "message_type": "comment", "subtype_xmlid": "mail.mt_comment"},
    )
    [copy] = told(world, AGENT, text)
    assert copy["Reply-To"].addresses[0].display_name == "Care"
    assert not strangers_name(copy)


# NOBODY WAS MAILED


UNSENT = "did not get your e-mail"


def test_an_agent_is_told_that_an_answer_went_nowhere(world, customer):
    first = mail(customer, to=f"company@{DOMAIN}")
    ticket = receive(world, first)
    world.sink.wait_for(customer)
    subject = f"Re: Lamp of {customer}"
    references = {"In_Reply_To": first["Message-ID"], "References": first["Message-ID"]}
    world.admin.message_process(mail(AGENT, subject, to=f"company@{DOMAIN}", name="Ada Agent", **references))
    [note] = told(world, AGENT, f"{UNSENT} “{subject}”")
    assert note["Auto-Submitted"] == "auto-generated"
    assert not strangers_name(note)
    assert any(
        UNSENT in message["body"] and message["subtype_id"][0] == world.admin.ref("mail.mt_note")
        for message in messages_of(world, ticket)
    )
    nothing_else_is_sent_to(world, customer, count=1)


def test_an_agent_who_wrote_to_the_customer_too_is_told_nothing(world, customer):
    first = mail(customer)
    ticket = receive(world, first)
    references = {"In_Reply_To": first["Message-ID"], "References": first["Message-ID"]}
    subject = f"Re: Lamp of {customer}"
    answered(world, mail(AGENT, subject, to=f"{customer}, {CARE}", name="Ada Agent", **references), ticket)
    assert not told(world, AGENT, f"{UNSENT} “{subject}”")
    nothing_else_is_sent_to(world, customer, count=1)


def test_an_employee_without_access_learns_only_that_it_went_nowhere(world, customer):
    first = mail(customer, f"Salary of {customer}", to=f"private@{DOMAIN}")
    ticket = receive(world, first)
    references = {"In_Reply_To": first["Message-ID"], "References": first["Message-ID"]}
    subject = f"Found it, {customer}"
    world.admin.message_process(mail(EMPLOYEE, subject, to=f"private@{DOMAIN}", name="Emil Employee", **references))
    [note] = told(world, EMPLOYEE, f"{UNSENT} “{subject}”")
    number = world.admin.read(TICKET, ticket, "number")
    assert not re.search(f"{number}|Salary|{TICKET}", f"{note} {html_of(note)}"), "nothing about the ticket"
    nothing_else_is_sent_to(world, customer, count=1)


def test_forged_answers_are_mailed_to_no_customer_who_follows(world, customer, conversation):
    ticket, first, other = conversation
    answered(world, away(AGENT, first, "Pay to this account.", name="Ada Agent"), ticket)
    nothing_else_is_sent_to(world, customer, count=1)
    nothing_else_is_sent_to(world, other)
