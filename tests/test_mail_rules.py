"""Who wrote a mail, and whether it was a program: the tables of ``helpdesk_lite/tools``, without Odoo."""

import importlib.util
import random
import sys
from importlib import import_module
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parent.parent / "helpdesk_lite/tools"
NAME, ZOE = "Zoë Quill", "zoe@quill.example"
WORDS = "The shade is broken."
REMARK = "Could somebody look at this awkward customer?"


@pytest.fixture(scope="module")
def tools():
    """A function that imports a module of the addon's tools without Odoo."""
    spec = importlib.util.spec_from_file_location("mail_tools", TOOLS / "__init__.py", submodule_search_locations=[str(TOOLS)])
    sys.modules[spec.name] = package = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(package)
    yield lambda name: import_module(f"mail_tools.{name}")
    for name in [name for name in sys.modules if name.split(".")[0] == spec.name]:
        del sys.modules[name]


# FORWARDED MAILS, as the mail programs write them

# language: from, date, to and subject of each program, and the line of Thunderbird and Apple Mail
LANGUAGES = {
    "en": ("From", "Sent", "To", "Subject", "Forwarded Message", "Begin forwarded message:", "FW:"),
    "es": ("De", "Enviado el", "Para", "Asunto", "Mensaje reenviado", "Inicio del mensaje reenviado:", "RV:"),
    "de": ("Von", "Gesendet", "An", "Betreff", "Weitergeleitete Nachricht", "Anfang der weitergeleiteten Nachricht:", "WG:"),
    "fr": ("De", "Envoyé", "À", "Objet", "Message transféré", "Début du message réexpédié :", "TR:"),
    "it": ("Da", "Inviato", "A", "Oggetto", "Messaggio Inoltrato", "Inizio messaggio inoltrato:", "I:"),
    "pt": ("De", "Enviado", "Para", "Assunto", "Mensagem encaminhada", "Início da mensagem encaminhada:", "ENC:"),
    "nl": ("Van", "Verzonden", "Aan", "Onderwerp", "Doorgestuurd bericht", "Begin doorgestuurd bericht:", "Doorst:"),
    "pl": ("Od", "Wysłano", "Do", "Temat", "Przekazana wiadomość", "Początek przekazywanej wiadomości:", "PD:"),
}
COLON = {"fr": " :"}


def outlook(language):
    sender, sent, to, subject, *_lines, prefix = LANGUAGES[language]
    colon = COLON.get(language, ":")
    body = f"""<div class="WordSection1"><p class="MsoNormal">{REMARK}<o:p></o:p></p><p class="MsoNormal">&nbsp;</p>
        <div><div style="border:none;border-top:solid #E1E1E1 1.0pt"><p class="MsoNormal"><b><span>{sender}{colon}</span></b>
        <span> {NAME} &lt;{ZOE}&gt; <br><b>{sent}{colon}</b> Montag, 2. März 2026 10:00<br><b>{to}{colon}</b> Ada
        &lt;ada@company.example&gt;<br><b>{subject}{colon}</b> My lamp<o:p></o:p></span></p></div></div>
        <p class="MsoNormal">{WORDS}</p></div>"""
    return f"{prefix} My lamp", body


def outlook_on_the_web(language):
    sender, sent, to, subject, *_lines, prefix = LANGUAGES[language]
    colon = COLON.get(language, ":")
    body = f"""<div>{REMARK}</div><hr style="width:98%"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri">
        <b>{sender}{colon}</b> {NAME} &lt;{ZOE}&gt;<br><b>{sent}{colon}</b> Monday<br><b>{to}{colon}</b> ada@company.example
        &lt;ada@company.example&gt;<br><b>{subject}{colon}</b> My lamp</font><div>&nbsp;</div></div><div>{WORDS}</div>"""
    return f"{prefix} My lamp", body


def gmail(language):
    sender, _sent, to, subject, *_lines = LANGUAGES[language]
    colon = COLON.get(language, ":")
    body = f"""<div dir="ltr">{REMARK}<br><br><div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message
        ---------<br>{sender}{colon} <strong class="gmail_sendername" dir="auto">{NAME}</strong> <span dir="auto">&lt;<a
        href="mailto:{ZOE}">{ZOE}</a>&gt;</span><br>Date: Mon, 2 Mar 2026<br>{subject}{colon} My lamp<br>{to}{colon} &lt;<a
        href="mailto:ada@company.example">ada@company.example</a>&gt;<br></div><br><div>{WORDS}</div></div></div>"""
    return "Fwd: My lamp", body


def thunderbird(language):
    sender, _sent, to, subject, line, *_more = LANGUAGES[language]
    colon = COLON.get(language, ":")
    rows = ((subject, "My lamp"), ("Date", "Mon, 2 Mar 2026"), (sender, f"{NAME} &lt;{ZOE}&gt;"), (to, "ada@company.example"))
    rows = "".join(f"<tr><th>{name}{colon} </th><td>{value}</td></tr>" for name, value in rows)
    body = f"""<p>{REMARK}</p><div class="moz-forward-container"><br><br>-------- {line} --------
        <table class="moz-email-headers-table"><tbody>{rows}</tbody></table><br><p>{WORDS}</p></div>"""
    return "Fwd: My lamp", body


def thunderbird_plain(language):
    sender, _sent, to, subject, line, *_more = LANGUAGES[language]
    colon = COLON.get(language, ":")
    text = f"""{REMARK}

-------- {line} --------
{subject}{colon} \tMy lamp
Date: \tMon, 2 Mar 2026
{sender}{colon} \t{NAME} &lt;{ZOE}&gt;
{to}{colon} \tada@company.example


{WORDS}
"""
    return "Fwd: My lamp", f"<pre>{text}</pre>"


def apple(language):
    sender, _sent, to, subject, _line, line, _prefix = LANGUAGES[language]
    colon = COLON.get(language, ":")
    body = f"""<div>{REMARK}</div><div><br><blockquote type="cite"><div>{line}</div><br><div><b>{sender}{colon} </b><span>
        {NAME} &lt;<a href="mailto:{ZOE}">{ZOE}</a>&gt;<br></span></div><div><b>{subject}{colon} </b><span>My lamp
        <br></span></div><div><b>Date{colon} </b><span>2. March 2026<br></span></div><div><b>{to}{colon} </b>
        <span>ada@company.example<br></span></div><br><div><div>{WORDS}</div></div></blockquote></div>"""
    return "Fwd: My lamp", body


HEADER = {"From": f"{NAME} &lt;{ZOE}&gt;", "Sent": "Monday", "To": "ada@company.example", "Subject": "My lamp"}
PROGRAMS = (outlook, outlook_on_the_web, gmail, thunderbird, thunderbird_plain, apple)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_the_author_of_a_forwarded_mail_is_found(tools, program, language):
    original = tools("mail_forwards").find_inline(*program(language))
    assert original
    assert original[:3] == (NAME, ZOE, "My lamp")
    assert WORDS in original.body
    assert REMARK not in original.body, "what the agent says is for colleagues"


@pytest.mark.parametrize("line", ["-----Original Message-----", "-----Message d'origine-----", "_" * 32, ""])
@pytest.mark.parametrize("colon", [":", " :", "\xa0:"])
@pytest.mark.parametrize("remark", [f"{REMARK}\n\n", ""])
def test_old_outlook_puts_a_line_and_blanks_around_the_header(tools, line, colon, remark):
    text = "".join(f"{name}{colon} {value}\n" for name, value in HEADER.items())
    original = tools("mail_forwards").find_inline("FW: My lamp", f"<pre>{remark}{line}\n{text}\n{WORDS}</pre>")
    assert original[:3] == (NAME, ZOE, "My lamp")
    assert REMARK not in original.body


def test_what_a_forwarded_mail_forwards_in_turn_is_not_believed(tools):
    """Its sender wrote that, and would write to the team in somebody else's name."""
    inner = "".join(f"{name}: {value}\n" for name, value in (HEADER | {"From": "Boss &lt;boss@bank.example&gt;"}).items())
    outer = "".join(f"{name}: {value}\n" for name, value in HEADER.items())
    line = "---------- Forwarded message ---------\n"
    original = tools("mail_forwards").find_inline("Fwd: My lamp", f"<pre>{REMARK}\n{line}{outer}\n{line}{inner}\n{WORDS}</pre>")
    assert original[:3] == (NAME, ZOE, "My lamp")


@pytest.mark.parametrize("subject", ["Re: My lamp", "AW: WG: My lamp", "My lamp", "SV: My lamp", "odp: My lamp"])
def test_an_answer_that_quotes_is_not_forwarded(tools, subject):
    assert not tools("mail_forwards").find_inline(subject, outlook("en")[1])


@pytest.mark.parametrize(
    "body",
    [
        "",
        "Forwarded",
        f"<p>From: {ZOE}</p>",  # one line is no header
        f"<p>I wrote from: {ZOE}</p><p>Subject: lamps</p>",
        "<p>From: Zoe Quill</p><p>Sent: Monday</p><p>To: Ada</p><p>Subject: lamps</p>",  # Exchange: no address
        # the first mail in the chain has no address, and a deeper one is somebody else's
        "<p>From: Ben</p><p>Sent: Monday</p><p>Subject: lamps</p><p>Yes</p>"
        f"<p>From: {ZOE}</p><p>Sent: Monday</p><p>Subject: x</p>",
        "<table><tr><td>" * 300 + "From: @",
    ],
)
def test_what_does_not_say_who_wrote_it_is_not_forwarded(tools, body):
    assert not tools("mail_forwards").find_inline("FW: lamps", body)


@pytest.mark.parametrize(
    ("subject", "body", "count", "found"),
    [
        ("Fwd: My lamp", "", 1, True),
        ("WG: Meine Lampe", REMARK, 1, True),
        ("About a customer", "<p>&nbsp;</p>", 1, True),
        ("My lamp", REMARK, 1, True),
        ("Is this phishing?", "They want my password.", 1, False),
        ("Re: My lamp", "", 1, False),
        ("Fwd: My lamp", "", 2, False),
        ("Fwd: My lamp", "", 0, False),
    ],
    ids=["forwarded", "with a remark", "nothing else", "its subject", "about a mail", "an answer", "several", "none"],
)
def test_a_mail_forwarded_as_a_file_is_found(tools, subject, body, count, found):
    inner = f"From: {NAME} <{ZOE}>\nSubject: =?utf-8?q?My?=\n =?utf-8?q?_lamp?=\n\n{WORDS}".encode()
    assert tools("mail_forwards").find_attached(subject, body, [inner] * count) == (inner if found else None)


def test_no_page_is_too_broken(tools):
    pieces = (
        *(
            "<div>",
            "</div>",
            "<br>",
            "<table>",
            "<td>",
            "<pre>",
            "</pre>",
            "<body>",
            "<html>",
            "<script>",
            "<style>",
            "<!--",
            "-->",
        ),
        *("<?x?>", "<![CDATA[", "&#0;", "\0", "\n", "From: ", f"&lt;{ZOE}&gt;", "Sent: x", "Subject: y", "To: z", "@", "é"),
    )
    chosen = random.Random(12)
    for _i in range(3000):
        body = "".join(chosen.choice(pieces) for _piece in range(30))
        original = tools("mail_forwards").find_inline("FW: x", f"<p>{REMARK}</p>{body}")
        assert not original or REMARK not in original.body


def test_forwarded_mails_take_linear_time(tools):
    """Ten times the text takes no hundred times the steps: counted as lines that are read."""
    forwards = tools("mail_forwards")
    body = "<div>a: b@c</div>" * 20_000 + gmail("en")[1]
    assert len(forwards._read_lines(forwards._parse(body))) == forwards.MOST_LINES


# ROBOTS


def judge(tools, headers=(), subject="My lamp", sender=ZOE, own=()):
    return tools("mail_robots").judge(headers, subject, sender, lambda addresses: bool(addresses & set(own)))


@pytest.mark.parametrize(
    "header",
    [
        ("Auto-Submitted", "auto-replied"),
        ("Auto-Submitted", "auto-generated; owner-email=x"),
        ("auto-submitted", "Auto-Notified"),
        ("Precedence", "auto_reply"),
        ("X-Precedence", "auto-reply"),
        ("Preference", "auto_reply"),
        ("X-Autoreply", "yes"),
        ("X-Auto-Reply-From", ZOE),
        ("X-Autorespond", "I am away"),
        ("X-Autogenerated", "Reply"),
        ("X-FC-MachineGenerated", "true"),
        ("X-POST-MessageClass", "9; Autoresponder"),
        ("Delivered-To", "Autoresponder"),
        ("X-MS-Exchange-Generated-Message-Source", "Mailbox Rules Agent"),
    ],
    ids=" ".join,
)
def test_signs_of_automatic_answers(tools, header):
    assert judge(tools, [header])[:2] == (True, True)


@pytest.mark.parametrize(
    "headers",
    [
        [("Auto-Submitted", "no")],
        [("Auto-Submitted", "No; reason=person")],
        [("Return-Path", f"<{ZOE}>")],
        [("Precedence", "first-class")],
        [("X-Autoreply", " ")],
        [("Delivered-To", "autoresponder-fans@quill.example")],
        [("Content-Type", "multipart/report; report-type=delivery-status")],
    ],
    ids=lambda headers: ": ".join(headers[0]),
)
def test_no_signs_of_automatic_answers(tools, headers):
    assert judge(tools, headers) == (False, False, "")


def test_a_report_without_a_return_path_is_automatic(tools):
    report = ("Content-Type", "multipart/report; report-type=disposition-notification")
    assert judge(tools, [("Return-Path", " <> "), report])[:2] == (True, True)
    assert judge(tools, [("Return-Path", f"<{ZOE}>"), report])[:2] == (False, False)


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: My lamp",
        "Out of Office",
        "Out of Office AutoReply: My lamp",
        "Automatische Antwort: Meine Lampe",
        "Abwesenheitsnotiz",
        "Respuesta automática: Mi lámpara",
        "Fuera de la oficina",
        "Réponse automatique : Ma lampe",
        "Absence du bureau",
        "Risposta automatica: La lampada",
        "Fuori ufficio",
        "Resposta automática: A lâmpada",
        "Ausente do escritório",
        "Automatisch antwoord: Mijn lamp",
        "Afwezigheidsbericht",
        "Odpowiedź automatyczna: Lampa",
        "Autoodpowiedź",
    ],
)
def test_subjects_of_automatic_answers(tools, subject):
    assert judge(tools, subject=subject)[:2] == (True, True)
    assert judge(tools, subject=f"Re: {subject}")[:2] == (False, False), "a person answers it"


@pytest.mark.parametrize("subject", ["Out of office chairs", "Automatic reply does not work", "Fuori uffici", "", None])
def test_subjects_of_people(tools, subject):
    assert not judge(tools, subject=subject).automatic


@pytest.mark.parametrize(
    "headers",
    [
        [("List-Id", "Lamps <lamps.quill.example>")],
        [("List-Unsubscribe", "<mailto:leave@quill.example>")],
        [("Precedence", "bulk")],
        [("Precedence", "list")],
        [("Return-Path", "<>")],
        [("X-Auto-Response-Suppress", "OOF, AutoReply")],
    ],
    ids=lambda headers: ": ".join(headers[0]),
)
def test_lists_are_quiet_and_not_automatic(tools, headers):
    assert judge(tools, headers)[:2] == (False, True)


@pytest.mark.parametrize(
    "headers",
    [
        [("List-Id", "Support <support.company.example>")],
        [("List-Post", "<https://lists.example/support>, <mailto:support@company.example>"), ("Precedence", "list")],
        [("Mailing-list", "list support@company.example; contact owner@company.example")],
    ],
    ids=lambda headers: headers[0][0],
)
def test_our_own_list_is_not_quiet(tools, headers):
    assert judge(tools, headers, own=["support@company.example"])[:2] == (False, False)
    assert judge(tools, headers, own=["other@company.example"])[:2] == (False, True)


@pytest.mark.parametrize(
    "sender", ["noreply@a.example", "postmaster@a.example", "MAILER-DAEMON@a.example", "no-responder@a.example"]
)
def test_nobody_reads_what_these_senders_get(tools, sender):
    assert judge(tools, sender=sender)[:2] == (False, True)


# NUMBERS


@pytest.mark.parametrize(
    ("subject", "number"),
    [
        ("Re: [T00500] My lamp", "T00500"),
        ("[t00500]", "t00500"),
        ("[ T00500 ] again", "T00500"),
        ("[#T00500]", "T00500"),
        ("about #T00500.", "T00500"),
        ("# T00500", "T00500"),
        ("My lamp T00500", "T00500"),
        ("t00500: my lamp", "t00500"),
        ("[Help Desk 00500]", "Help Desk 00500"),
        ("Help  00500", "Help 00500"),
        ("[2026/T/00500] x", "2026/T/00500"),
        ("T2-00500", "T2-00500"),
    ],
)
def test_numbers_as_people_type_them(tools, subject, number):
    assert number in tools("ticket_numbers").find_numbers(subject)


@pytest.mark.parametrize("subject", ["", None, "My lamp", "[lamps]", "2026", "3 lamps", "#", "on 2026-03-02"])
def test_no_numbers(tools, subject):
    assert tools("ticket_numbers").find_numbers(subject) == []


def test_numbers_are_few(tools):
    assert len(tools("ticket_numbers").find_numbers(" ".join(f"T{number:05}" for number in range(100)))) == 10
