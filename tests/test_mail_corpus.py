"""Mails as people, programs and attackers write them: what the reader makes of each, and what Odoo stores.

``tests/data/mails/NAME.eml`` are minimal mails, written for this project; ``expected.csv`` beside them says what each
is: subject, sender, text, files with the SHA-256 of their bytes, and why the original is attached. The hostile ones are
made by ``hostile_mails.py``.
"""

import base64
import csv
import email
import email.policy
import hashlib
import re
import sys
import time
from collections import defaultdict

import hostile_mails
import lxml.html
import pytest

from devtools.state import ROOT

sys.path.insert(0, str(ROOT / "helpdesk_lite/tools"))
import mail_reader

MAILS = ROOT / "tests/data/mails"
with open(MAILS / "expected.csv", encoding="utf-8", newline="") as file:
    EXPECTED = {row["mail"]: row for row in csv.DictReader(file)}
ORIGINAL = "original.eml"
TICKET = "helpdesk_lite.ticket"
# a mail of these takes less than two seconds, and minutes where time grows with the square of something
PATIENCE = 30
# Odoo takes them for failed deliveries of its own mails, which make no tickets
BOUNCES = ("report", "report-without-boundary")

ACTIVE_ELEMENTS = {"script", "iframe", "frame", "object", "embed", "applet", "form", "base", "meta", "link", "style"}
ACTIVE_LINK = re.compile(r"\s*(javascript|vbscript|data\s*:\s*text)", re.IGNORECASE)
STYLES = re.compile(r"expression|javascript|behavior|position\s*:|@import", re.IGNORECASE)


def words(html):
    """The text of HTML, with one blank for each gap."""
    spaced = re.sub(r"(?i)(<br[^>]*>|</p>|</div>|</pre>|</tr>)", r"\1 ", html or "")
    return " ".join(lxml.html.fromstring(f"<div>{spaced}</div>").text_content().split())


def names_and_digests(files):
    return sorted((name, hashlib.sha256(content).hexdigest()) for name, content in files if name != ORIGINAL)


def expected_files(row):
    pairs = (entry.rsplit(":", 1) for entry in row["files"].split())
    return sorted((name.replace("%20", " "), digest) for name, digest in pairs)


def active_content(html):
    """What of HTML could run, load or send something."""
    found = []
    for element in lxml.html.fromstring(f"<div>{html or ''}</div>").iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag.rpartition(":")[2] in ACTIVE_ELEMENTS:
            found.append(element.tag)
        for name, value in element.items():
            plain = re.sub(r"[\x00-\x20]", "", value)
            if name.startswith("on") or name in ("formaction", "srcdoc", "ping") or ACTIVE_LINK.match(plain):
                found.append(f"{name}={value}")
            if name == "style" and STYLES.search(value):
                found.append(f"{name}={value}")
    return found


# ------------------------------------------------------------
# THE READER
# ------------------------------------------------------------


def test_corpus_and_table_belong_together():
    assert {path.stem for path in MAILS.glob("*.eml")} == set(EXPECTED)
    assert len(EXPECTED) >= 150
    assert len(hostile_mails.MAILS) + len(hostile_mails.STRAY) >= 60


@pytest.mark.parametrize("name", EXPECTED)
def test_reader(name):
    raw, row = (MAILS / f"{name}.eml").read_bytes(), EXPECTED[name]
    prepared = mail_reader.prepare(raw)
    message = email.message_from_bytes(prepared, policy=email.policy.SMTP)
    reading = mail_reader.find(message)
    assert str(message["Subject"] or "") == row["subject"]
    assert str(message["From"]) == row["sender"]
    assert words(reading.html) == row["text"]
    assert names_and_digests((file.name, file.content) for file in reading.files) == expected_files(row)
    assert " ".join(sorted(reading.doubts)) == row["doubts"]
    originals = [file.content for file in reading.files if file.name == ORIGINAL]
    assert originals == ([raw] if row["doubts"] else [])
    assert "\ufffd" not in reading.html + str(message["Subject"]) + str(message["From"])


@pytest.mark.parametrize("name", [*hostile_mails.MAILS, *hostile_mails.STRAY])
def test_reader_of_hostile_mails(name):
    raw = hostile_mails.STRAY[name] if name in hostile_mails.STRAY else hostile_mails.read(name)
    begun = time.monotonic()
    prepared = mail_reader.prepare(raw)
    message = email.message_from_bytes(prepared, policy=email.policy.SMTP)
    for field in set(message.keys()):
        assert all("\n" not in str(value) and "\0" not in str(value) for value in message.get_all(field))
    assert time.monotonic() - begun < PATIENCE
    reading = mail_reader.find(message)
    assert len(list(message.walk())) <= 110
    assert len(reading.files) <= 103
    assert len(reading.html) <= 6_000_000
    assert len(prepared) < 3_000_000
    assert reading.html or reading.files or not raw.partition(b"\r\n\r\n")[2].strip(b"\0\r\n \xff\xfe"), (
        "neither a text nor a file"
    )


def test_prepared_mail_that_was_not_kept_is_refused():
    """Its text and files went with it, and an empty ticket would be worse than an error."""
    message = email.message_from_bytes(bytes(mail_reader.prepare(b"Subject: x\n\nx")), policy=email.policy.SMTP)
    with pytest.raises(LookupError):
        mail_reader.find(message)
    forged = email.message_from_bytes(b"X-Helpdesk-Lite-Reading: 1\n\nx", policy=email.policy.SMTP)
    assert mail_reader.find(forged) is None


def test_winmail_is_kept_without_the_library(monkeypatch):
    raw = (MAILS / "winmail.eml").read_bytes()
    assert [file.name for file in mail_reader.read(raw).files] == ["offer.txt", "b.bin"]
    monkeypatch.setattr(mail_reader.winmail, "tnefparse", None)
    (file,) = mail_reader.read(raw).files
    assert (file.name, mail_reader.winmail.is_winmail(file.content)) == ("winmail.dat", True)


def test_mail_in_the_mail_can_be_read_too():
    """For an agent who forwards a mail as a file: its sender is the customer, and its text is the ticket's."""
    raw = (MAILS / "outer-words-and-inner-mail.eml").read_bytes()
    prepared = mail_reader.prepare(raw)
    message = email.message_from_bytes(prepared, policy=email.policy.SMTP)
    (inner,) = [part.get_payload()[0] for part in message.walk() if part.get_content_type() == "message/rfc822"]
    assert str(inner["Subject"]) == "Angebot 5/6"
    assert words(mail_reader.find(inner).html) == "inner page"


def test_parts_and_levels_are_limited():
    for mail, files in ((hostile_mails.parts(3000), 0), (hostile_mails.nested(1200), 0), (hostile_mails.parts(101), 0)):
        reading = mail_reader.read(mail)
        assert "limit" in reading.doubts
        assert [file.content for file in reading.files][files:] == [mail]
        assert len(list(reading.structure.root.walk())) <= 101
    for mail in (hostile_mails.parts(100), hostile_mails.nested(30)):
        assert not mail_reader.read(mail).doubts


def test_people_are_limited():
    """Python's parser takes a time that grows with the square of the length of a name; 5 s for 30,000 short ones."""
    for name, longest in (("names-without-address", 10_000), ("5000-addresses", 50_000), ("many-lists", 150_000)):
        raw = hostile_mails.read(name)
        prepared = mail_reader.prepare(raw)
        assert len(prepared) < longest
        assert prepared.reading.doubts == {"people"}
        assert prepared.reading.files[-1].content == raw
    for people in (b"a" * 200 + b" <a@b.example>", b", ".join(b"a%d@b.example" % number for number in range(1000))):
        assert not mail_reader.prepare(b"Cc: " + people + b"\r\n\r\nHi").reading.doubts
    # of an address that is cut within, the rest would be somebody else's
    prepared = mail_reader.prepare(b"Cc: a@b.example," + b" " * 63_978 + b"boss@c.example.org, d@e.example\r\n\r\nHi")
    assert (b"a@b.example" in prepared, b"boss" in prepared) == (True, False)
    assert prepared.reading.doubts == {"people"}


@pytest.mark.parametrize(
    "make",
    [
        lambda count: hostile_mails.TEXT + b"> word word\r\n\r\n" * count,
        lambda count: hostile_mails.PAGE + b"<div><div class='gmail_extra'>x</div>" + b"<p>word</p>" * count,
        lambda count: hostile_mails.PAGE + b"<p title='" + b"<" * count + b"'>x",
        lambda count: hostile_mails.PAGE + b"<table>" + b"<tr><td>x</td></tr>" * count + b"</table>",
    ],
)
def test_no_element_has_many_children_or_markup_in_attributes(make):
    """Odoo's sanitizer looks for quotations in a time that grows with the square of both."""
    page = lxml.html.fromstring(f"<div>{mail_reader.read(make(9000)).html}</div>")
    assert max(len(element) for element in page.iter()) <= 500
    assert max(value.count("<") for element in page.iter() for value in [*element.attrib.values(), ""]) <= 5
    text = max((element.text or "").count("\n") for element in page.iter())
    assert text <= 200


# ------------------------------------------------------------
# WHAT ODOO STORES
# ------------------------------------------------------------


@pytest.fixture(scope="module")
def stored(mail_world):
    """All mails, delivered as by the gateway script: a dict by name of the tickets that Odoo stored for each."""
    admin = mail_world.admin
    # thousands of mails of one sender are a loop otherwise
    admin("ir.config_parameter", "set_param", "mail.gateway.loop.threshold", "100000")
    stage = admin("helpdesk_lite.stage", "create", {"name": "No acknowledgement"})
    team = admin("helpdesk_lite.team", "create", {"name": "Corpus", "alias_name": "corpus", "stage_ids": [(6, 0, [stage])]})
    begun, slow, names_of = time.monotonic(), {}, {}
    for name in [*EXPECTED, *hostile_mails.MAILS]:
        raw = (MAILS / f"{name}.eml").read_bytes() if name in EXPECTED else hostile_mails.read(name)
        ticket = admin.message_process(raw)
        begun, slow[name] = time.monotonic(), time.monotonic() - begun
        names_of[ticket] = name
    tickets = admin(
        TICKET,
        "search_read",
        [("team_id", "=", team)],
        ["name", "partner_name", "partner_email", "description"],
        context={"active_test": False},
    )
    ids = [ticket["id"] for ticket in tickets]
    domain = [("model", "=", TICKET), ("res_id", "in", ids)]
    messages = admin(
        "mail.message", "search_read", domain, ["res_id", "body", "message_type", "is_internal", "attachment_ids", "subject"]
    )
    attachments = admin("ir.attachment", "search_read", [("res_model", "=", TICKET), ("res_id", "in", ids)], ["name"])
    names = {attachment["id"]: attachment["name"] for attachment in attachments}
    datas = {}
    for start in range(0, len(names), 200):
        for attachment in admin("ir.attachment", "read", list(names)[start : start + 200], ["datas"]):
            datas[attachment["id"]] = base64.b64decode(attachment["datas"] or b"")
    found = defaultdict(list)
    for ticket in tickets:
        own = [message for message in messages if message["res_id"] == ticket["id"]]
        mails = [message for message in own if message["message_type"] in ("email", "out_of_office")]
        ticket["mails"] = mails
        ticket["notes"] = [
            (words(message["body"]), [(names[file], datas[file]) for file in message["attachment_ids"]])
            for message in own
            if message["message_type"] == "notification" and message["is_internal"]
        ]
        ticket["files"] = [(names[file], datas[file]) for message in mails for file in message["attachment_ids"]]
        found[names_of.get(ticket["id"])].append(ticket)
    return found, slow


@pytest.mark.parametrize("name", EXPECTED)
def test_stored(stored, name):
    found, _slow = stored
    if name in BOUNCES:
        assert not found[name]
        return
    (ticket,), row = found[name], EXPECTED[name]
    (message,) = ticket["mails"]
    assert ticket["name"] == (row["subject"] or "No Subject")
    who, _blank, address = row["sender"].rpartition(" ")
    assert (ticket["partner_name"], ticket["partner_email"]) == (who.strip('"'), address.strip("<>"))
    assert words(message["body"]) == row["text"]
    assert words(ticket["description"]) == row["text"]
    assert names_and_digests(ticket["files"]) == expected_files(row)
    raw = (MAILS / f"{name}.eml").read_bytes()
    notes = [files for note, files in ticket["notes"] if "The original is attached" in note]
    assert notes == ([[(ORIGINAL, raw)]] if row["doubts"] else [])
    assert ORIGINAL not in dict(ticket["files"])
    assert not active_content(message["body"]) and not active_content(ticket["description"])
    if name.startswith("cid-") and "not-shown" not in name:
        assert "/web/image/" in message["body"]
        assert "/web/image/" in ticket["description"]


@pytest.mark.parametrize("name", hostile_mails.MAILS)
def test_stored_hostile_mails(stored, name):
    found, slow = stored
    (ticket,) = found[name]
    assert len(ticket["mails"]) == 1
    for html in (ticket["description"], ticket["mails"][0]["body"]):
        assert not active_content(html)
    for file, _content in ticket["files"]:
        assert file and not re.search(r"[/\\\x00-\x1f\u200b\u202e]", file) and file.strip(". ") and len(file) <= 100
    assert slow[name] < PATIENCE


@pytest.mark.parametrize("name", ["names-without-address", "5000-addresses"])
def test_people_who_are_left_out_are_in_the_original(stored, name):
    found, _slow = stored
    (ticket,) = found[name]
    notes = [files for note, files in ticket["notes"] if "It is from or to more people" in note]
    assert notes == [[(ORIGINAL, hostile_mails.read(name))]]


@pytest.mark.parametrize("language", ["en", "es", "de", "fr", "it", "pt", "nl", "pl"])
@pytest.mark.parametrize("kind", ["plain", "html"])
def test_history_is_folded(stored, language, kind):
    """All old words are marked for folding, in the chatter and in the portal, and none of the new ones."""
    found, _slow = stored
    (ticket,) = found[f"quote-{kind}-{language}"]
    page = lxml.html.fromstring(f"<div>{ticket['mails'][0]['body']}</div>")
    for quote in page.xpath("//*[@data-o-mail-quote]"):
        if quote.getparent() is not None:
            quote.drop_tree()
    assert page.text_content().split() == ["MY", "ANSWER"]


@pytest.mark.parametrize("name", ["quote-forward-only", "quote-none"])
def test_nothing_else_is_folded(stored, name):
    found, _slow = stored
    (ticket,) = found[name]
    assert "data-o-mail-quote" not in ticket["mails"][0]["body"]
