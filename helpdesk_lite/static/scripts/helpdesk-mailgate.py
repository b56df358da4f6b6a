#!/usr/bin/env python3
"""Deliver a mail from standard input to Helpdesk Lite, byte for byte.

For the pipe of a mail server, an alias or a delivery program:

    helpdesk-mailgate.py --url https://odoo.example.com --database mycompany --key-file /etc/helpdesk-mailgate.key

The key is an API key (Preferences, Security, API Keys) of a user in the group "Mail Gateway", which lets it deliver mails
and nothing else. It is read from a file or from the environment, never from the command line, where every user of the
machine could read it.

Exit codes, as in sysexits.h: 0 when Odoo has the mail. 75 when it does not, and the mail must be tried again. 67 when Odoo
knows no address of the mail; it is kept under Incoming Mail all the same. 64 is a wrong command line, 66 an empty mail.

With --spool a mail that gets 75 is kept in a folder as well, and --flush sends what is there, oldest first. A mail that
arrives twice, from the spool and from a mail server that tried again, becomes one message.
"""

import argparse
import base64
import contextlib
import fcntl
import hashlib
import http.client
import json
import os
import ssl
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

EX_OK = 0
EX_USAGE = 64
EX_NOINPUT = 66
EX_NOUSER = 67
EX_TEMPFAIL = 75

METHOD = "/json/2/helpdesk_lite.mail/deliver"
MEANINGS = {
    401: "it does not accept the API key",
    403: "the user of the API key is not in the group Mail Gateway",
    404: "there is no such database, or Helpdesk Lite is not installed in it",
    413: "the mail is larger than it accepts",
}


class TryAgain(Exception):
    """The server does not have the mail. ``for_all`` when others would fail as well."""

    def __init__(self, reason, for_all=True):
        super().__init__(reason)
        self.for_all = for_all


class Parser(argparse.ArgumentParser):
    def error(self, message):
        self.exit(EX_USAGE, f"{self.prog}: {message} (--help lists the options)\n")


def options_of(arguments):
    env = os.environ.get
    parser = Parser(
        prog="helpdesk-mailgate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--url", default=env("HELPDESK_URL", "http://localhost:8069"), help="of Odoo, default HELPDESK_URL")
    parser.add_argument("--database", default=env("HELPDESK_DATABASE"), help="default HELPDESK_DATABASE")
    parser.add_argument(
        "--key-file",
        type=Path,
        default=env("HELPDESK_KEY_FILE"),
        help="file with the API key, default HELPDESK_KEY_FILE; without one, the key itself is taken from HELPDESK_KEY",
    )
    parser.add_argument("--spool", type=Path, metavar="DIR", help="folder for mails that cannot be delivered now")
    parser.add_argument("--flush", action="store_true", help="deliver the mails in --spool instead of standard input")
    parser.add_argument("--timeout", type=float, default=120, metavar="SECONDS", help="to wait for Odoo, default 120")
    options = parser.parse_args(arguments)
    if options.flush and not options.spool:
        parser.error("--flush needs --spool DIR, the folder to empty")
    if not options.url.startswith(("http://", "https://")):
        parser.error(f"--url must begin with http:// or https://, not {options.url!r}")
    if not options.flush and sys.stdin.isatty():
        parser.error("a mail is expected on standard input")
    return options


def api_key(options):
    if not options.key_file:
        key = os.environ.get("HELPDESK_KEY", "")
    else:
        try:
            key = Path(options.key_file).read_text(encoding="ascii")
        except (OSError, ValueError) as error:
            raise TryAgain(f"the file with the API key cannot be read: {error}") from None
    if not key.strip() or not key.isascii():
        raise TryAgain("there is no API key: give --key-file, or set HELPDESK_KEY")
    return key.strip()


def deliver(source, options):
    """Send one mail.

    :param bytes source: the mail
    :return: False when the server knows no address of the mail
    :raise TryAgain: when the server did not take it
    """
    headers = {"Content-Type": "application/json", "Authorization": f"bearer {api_key(options)}"}
    if options.database:
        headers["X-Odoo-Database"] = options.database
    # a mail is bytes in any character set, and JSON has none
    body = json.dumps({"source": base64.b64encode(source).decode("ascii")}).encode("ascii")
    request = urllib.request.Request(options.url.rstrip("/") + METHOD, body, headers)
    try:
        with urllib.request.urlopen(request, timeout=options.timeout) as response:
            # a page of a proxy or of another website is no confirmation
            return json.load(response) is not False
    except urllib.error.HTTPError as error:
        with error:
            meaning = MEANINGS.get(error.code, "it reports an error")
        raise TryAgain(
            f"{options.url} answers {error.code}: {meaning}", for_all=error.code in (401, 403, 404, 502, 503, 504)
        ) from None
    except (OSError, http.client.HTTPException, ssl.SSLError) as error:
        raise TryAgain(f"{options.url} does not answer: {getattr(error, 'reason', None) or error}") from None
    except ValueError:
        raise TryAgain(f"{options.url} does not answer as Odoo does: check the URL") from None


def store(source, folder):
    """Write a mail to the spool so that it survives a crash, once however often it is tried.

    :raise OSError: when that is not possible
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = hashlib.sha256(source).hexdigest()
    with locked(folder):
        if any(folder.glob(f"*-{digest}.eml")):
            return
        name = f"{time.time_ns():020d}-{digest}.eml"
        part = folder / f"{name}.part"
        with part.open("wb") as file:
            file.write(source)
            file.flush()
            os.fsync(file.fileno())
        part.rename(folder / name)
        sync(folder)


@contextlib.contextmanager
def locked(folder, name=".lock"):
    """Hold a lock in the folder, which ends with this process at the latest."""
    with (folder / name).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def sync(folder):
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def flush(options):
    """Deliver what is in the spool, oldest first. A second flush waits for the first.

    :raise TryAgain: when something stays there
    """
    left = None
    if not options.spool.is_dir():
        return
    with locked(options.spool, ".flush"):
        for path in sorted(options.spool.glob("*.eml")):
            try:
                deliver(path.read_bytes(), options)
            except TryAgain as error:
                left = error
                if error.for_all:
                    break
            else:
                path.unlink()
        sync(options.spool)
    if left:
        raise left


def receive(options):
    """Deliver the mail on standard input, or put it into the spool.

    :raise TryAgain: when the server does not have it
    """
    source = sys.stdin.buffer.read()
    if not source.strip():
        sys.stderr.write("helpdesk-mailgate: the mail on standard input is empty\n")
        return EX_NOINPUT
    try:
        if not deliver(source, options):
            sys.stderr.write("helpdesk-mailgate: Odoo knows no address of this mail\n")
            return EX_NOUSER
    except TryAgain as error:
        if not options.spool:
            raise
        try:
            store(source, options.spool)
        except OSError as trouble:
            raise TryAgain(f"{error}; and the spool cannot be written: {trouble}") from None
        raise TryAgain(f"{error}; the mail is in {options.spool}") from None
    return EX_OK


def main(arguments=None):
    options = options_of(arguments)
    try:
        if options.flush:
            flush(options)
            return EX_OK
        return receive(options)
    except TryAgain as error:
        sys.stderr.write(f"helpdesk-mailgate: {error}\n")
    except Exception as error:
        # whatever it is, the mail must not be returned to its sender
        sys.stderr.write(f"helpdesk-mailgate: {type(error).__name__}: {error}\n")
    return EX_TEMPFAIL


if __name__ == "__main__":
    sys.exit(main())
