"""What an e-mail address says about itself."""

import re

# the local part, or a word in it: "noreply", "do-not-reply", "shop-noreply", "noreply+42", in eight languages
NO_REPLY = re.compile(
    r"""(?:^|[-_.+])(?:
        (?:no|not|do[-_.]?not|dont|never)[-_.]?(?:reply|answer|respond)
      | no[-_.]?(?:responder|respondas|contestar) | n[aã]o[-_.]?respond[ae]r? | naoresponda
      | (?:nicht|keine?)[-_.]?(?:antwort(?:en)?) | ne[-_.]?pas[-_.]?repondre | non[-_.]?rispondere
      | niet[-_.]?(?:beantwoorden|antwoorden) | nie[-_.]?odpowiada[jc]
    )(?:$|[-_.+\d])""",
    re.VERBOSE,
)
# mailboxes of mail servers (RFC 5321, RFC 2142), which nobody reads as a customer
SERVERS = re.compile(r"^(?:mailer-daemon|mail-daemon|mdaemon|postmaster|bounces?|nobody|listserv|majordomo)(?:$|[-_.+])")


def is_no_reply(address):
    """Whether nobody reads what is sent to an address, by its local part.

    :param str address: a normalized address
    :return: bool

    >>> [is_no_reply(f"{name}@a.example") for name in ("noreply", "Do-Not-Reply", "shop-noreply", "no_reply+42", "postmaster")]
    [True, True, True, True, True]
    >>> [is_no_reply(f"{name}@a.example") for name in ("replyto", "noa.reply", "zoe", "nobodyknows", "bouncer")]
    [False, False, False, False, False]
    """
    name = (address or "").partition("@")[0].lower()
    return bool(NO_REPLY.search(name) or SERVERS.search(name))


def without_tag(address):
    """The address that a sub-address belongs to (RFC 5233).

    :param str address: a normalized address
    :return: str, or None when it has no tag

    >>> without_tag("support+lamps@shop.example")
    'support@shop.example'
    >>> without_tag("support@shop.example"), without_tag("+lamps@shop.example"), without_tag("support+lamps")
    (None, None, None)
    """
    name, at, domain = (address or "").rpartition("@")
    base, plus, _tag = name.partition("+")
    return f"{base}@{domain}" if at and plus and base else None
