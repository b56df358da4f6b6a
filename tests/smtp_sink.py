"""A mail server that accepts and stores every mail."""

import asyncio
import threading
from contextlib import contextmanager
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller

from devtools.patience import PATIENCE
from devtools.server import free_port


class Sink:
    """The mails in the order of arrival, as ``email.message.EmailMessage``.

    The server listens on the local ``port``. Each mail has ``envelope_to``, the list of its actual
    recipients, which may differ from the header To.
    """

    def __init__(self):
        self.port = free_port()
        self.mails = []
        self._arrived = threading.Condition()
        self._released = {}

    async def handle_DATA(self, server, session, envelope):
        mail = message_from_bytes(envelope.content, policy=policy.default)
        mail.envelope_to = list(envelope.rcpt_tos)
        with self._arrived:
            self.mails.append(mail)
            self._arrived.notify_all()
            released = [self._released.pop(address, None) for address in envelope.rcpt_tos]
        for event in filter(None, released):
            await asyncio.to_thread(event.wait, PATIENCE)
        return "250 kept"

    @contextmanager
    def holding(self, address):
        """Keep whoever hands over the next mail to an address waiting until the end."""
        event = self._released[address] = threading.Event()
        try:
            yield
        finally:
            event.set()

    def to(self, address):
        """The mails that an address has received so far."""
        with self._arrived:
            return [mail for mail in self.mails if address in mail.envelope_to]

    def wait_for(self, address, count=1):
        """Wait until an address has received ``count`` mails, and return them.

        :raise AssertionError: when they do not arrive in time
        """
        with self._arrived:
            came = self._arrived.wait_for(
                lambda: sum(address in mail.envelope_to for mail in self.mails) >= count, timeout=PATIENCE
            )
            seen = [(mail.envelope_to, mail["Subject"]) for mail in self.mails]
        assert came, f"{count} mails to {address} were expected, these came: {seen}"
        return self.to(address)


@contextmanager
def smtp_sink():
    """Start a :class:`Sink`."""
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port, data_size_limit=50 * 2**20)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()
