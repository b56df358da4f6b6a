"""Whether our own mail server found that a mail comes from where its From says: ``Authentication-Results``, RFC 8601.

Anybody can write such a field into a mail. What counts is the topmost one only, and only with the name of our mail server: a
server adds its fields above what it received, so that no sender gets there. The server must add one to every mail, and remove
those of its own name that come in, as section 5 of the RFC demands.
"""

import re

FIELD = "authentication-results"
# what a longer field says is not read
LONGEST = 16_000
NAME = re.compile(r"[^\s;()\"]+")
METHOD = re.compile(r"([a-z][a-z0-9-]*)\s*(?:/\s*\d+\s*)?=\s*([a-z]+)(?![^\s])", re.IGNORECASE)
PROPERTY = re.compile(r"(?:^|\s)([a-z]+)\.([a-z0-9_-]+)\s*=\s*([^\s]+)", re.IGNORECASE)


def is_authentic(headers, address, server):
    """Whether our mail server confirms the domain of a mail's sender.

    DMARC decides where there is a policy. Without one, a valid DKIM signature or SPF counts, if it is of exactly the domain
    in From: without the list of public suffixes nobody can tell whether two different domains belong together.

    :param headers: iterable of (name, value) in the order of the mail, first line first
    :param str address: the normalized address in From
    :param str server: the name by which our mail server calls itself (authserv-id); nothing is confirmed if it is empty
    :return: bool

    >>> def ask(*fields, address="ada@company.example"):
    ...     return is_authentic([("From", "Ada <ada@company.example>"), *fields], address, "mx.company.example")
    >>> ask(("Authentication-Results", "mx.company.example; dmarc=pass (p=reject) header.from=company.example"))
    True
    >>> ask(("Authentication-Results", "mx.evil.example; dmarc=pass header.from=company.example"))
    False
    >>> ask(
    ...     ("Authentication-Results", "mx.company.example; dmarc=fail header.from=company.example"),
    ...     ("Authentication-Results", "mx.company.example; dmarc=pass header.from=company.example"),
    ... )
    False
    >>> ask(("Authentication-Results", "mx.company.example 1; dkim=pass header.d=company.example header.s=a"))
    True
    >>> ask(("Authentication-Results", "mx.company.example; dkim=pass header.d=other.example"))
    False
    >>> ask(("Authentication-Results", "mx.company.example; spf=pass smtp.mailfrom=bounce@company.example"))
    True
    >>> ask(("Authentication-Results", 'mx.company.example; dkim=fail reason="; dmarc=pass" (; dmarc=pass'))
    False
    >>> ask(("Authentication-Results", "mx.company.example; dmarc=pass"), ("From", "Eve <eve@evil.example>"))
    False
    """
    headers = list(headers)
    domain = get_domain(address or "")
    if not server or not domain or sum(name.lower() == "from" for name, _value in headers) != 1:
        return False
    value = next((value for name, value in headers if name.lower() == FIELD), None)
    name, results = read(value) if value is not None else (None, [])
    if not name or name.lower() != server.strip().lower():
        return False
    by_method = {}
    for method, result, properties in results:
        by_method.setdefault(method, []).append((result, properties))
    dmarc = [(result, properties) for result, properties in by_method.get("dmarc", ()) if result != "none"]
    if dmarc:
        return all(
            result == "pass" and get_domain(properties.get("header.from", domain)) == domain for result, properties in dmarc
        )
    return any(
        result == "pass" and get_domain(properties.get(name, "")) == domain
        for method, name in (("dkim", "header.d"), ("spf", "smtp.mailfrom"))
        for result, properties in by_method.get(method, ())
    )


def read(value):
    """Take a field apart.

    :param value: of the field
    :return: tuple (name of the server, list of (method, result, dict of properties)); the name is None if it is malformed

    >>> read("mx.a.example 1; spf=Pass (sender; dmarc=pass) smtp.mailfrom=\\r\\n b@a.example; dkim = none")
    ('mx.a.example', [('spf', 'pass', {'smtp.mailfrom': 'b@a.example'}), ('dkim', 'none', {})])
    >>> read('"mx.a.example"; spf=pass smtp.mailfrom="x; dmarc=pass header.from=a.example"@b.example')
    ('mx.a.example', [('spf', 'pass', {'smtp.mailfrom': '?@b.example'})])
    >>> read("mx.a.example; none"), read("mx.a.example; dmarc=passed"), read("mx (; dkim=pass")
    (('mx.a.example', []), ('mx.a.example', [('dmarc', 'passed', {})]), (None, []))
    >>> read(""), read("(" * 20000)
    ((None, []), (None, []))
    """
    text, quoted = _simplify(str(value))
    if text is None:
        return None, []
    first, *rest = text.split(";")
    found = NAME.search(first)
    name = found and found.group()
    if name and name.startswith("\0"):
        name = quoted[0]
    results = []
    for part in map(str.strip, rest):
        if method := METHOD.match(part):
            properties = {
                f"{kind}.{key}".lower(): word.replace("\0", "?") for kind, key, word in PROPERTY.findall(part[method.end() :])
            }
            results.append((method.group(1).lower(), method.group(2).lower(), properties))
    return name, results


def _simplify(value):
    """Take out comments, and put a NUL in the place of each quoted text, which a sender may have chosen.

    :return: tuple (text, list of the quoted texts); the text is None when a comment or a quoted text has no end
    """
    if len(value) > LONGEST or "\0" in value:
        return None, []
    kept, quoted, depth, quote, escaped = [], [], 0, None, False
    for char in value:
        if escaped:
            escaped = False
            if quote is not None:
                quote.append(char)
        elif char == "\\" and (depth or quote is not None):
            escaped = True
        elif quote is not None:
            if char == '"':
                quoted.append("".join(quote))
                kept.append("\0")
                quote = None
            else:
                quote.append(char)
        elif char == "(":
            depth += 1
            kept.append(" ")
        elif depth:
            depth -= char == ")"
        elif char == '"':
            quote = []
        else:
            kept.append(char)
    if depth or quote is not None:
        return None, []
    return re.sub(r"=\s+", "=", "".join(kept)), quoted


def get_domain(address):
    """The domain of an address, or a domain itself, in the form of DNS: both spellings of an international one are equal.

    >>> get_domain("zoe@B\xfccher.example"), get_domain("xn--bcher-kva.example."), get_domain("zoe@"), get_domain("a" * 70)
    ('xn--bcher-kva.example', 'xn--bcher-kva.example', '', '')
    """
    try:
        return address.rpartition("@")[2].strip().rstrip(".").encode("idna").decode().lower()
    except UnicodeError:
        return ""
