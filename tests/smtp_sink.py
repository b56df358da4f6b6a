"""A mail server that takes every mail and keeps it."""

import threading
from contextlib import contextmanager
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller

from devtools.patience import PATIENCE
from devtools.server import free_port


class Sink:
    """Mails in the order of their arrival, as ``email.message.EmailMessage``.

    ``port`` is where it listens on this machine. Each mail knows whom it was for in ``envelope_to``
    (a list), which is what counts: the header To is only what it says.
    """

    def __init__(self):
        self.port = free_port()
        self.mails = []
        self._arrived = threading.Condition()

    async def handle_DATA(self, server, session, envelope):
        mail = message_from_bytes(envelope.content, policy=policy.default)
        mail.envelope_to = list(envelope.rcpt_tos)
        with self._arrived:
            self.mails.append(mail)
            self._arrived.notify_all()
        return "250 kept"

    def to(self, address):
        """The mails that were sent to an address so far."""
        with self._arrived:
            return [mail for mail in self.mails if address in mail.envelope_to]

    def wait_for(self, address, count=1):
        """The mails to an address, as soon as there are ``count`` of them.

        :raise AssertionError: when they do not come
        """
        with self._arrived:
            came = self._arrived.wait_for(
                lambda: sum(address in mail.envelope_to for mail in self.mails) >= count, timeout=PATIENCE)
            seen = [(mail.envelope_to, mail["Subject"]) for mail in self.mails]
        assert came, f"{count} mails to {address} were expected, these came: {seen}"
        return self.to(address)


@contextmanager
def smtp_sink():
    """A :class:`Sink` that listens."""
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port, data_size_limit=50 * 2**20)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()
