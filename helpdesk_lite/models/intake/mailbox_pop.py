import logging
from poplib import error_proto

from .mailbox import Mailbox

_logger = logging.getLogger(__name__)


class PopMailbox(Mailbox):
    """All mails of a POP mailbox, each of which is fetched once and deleted when it is ours.

    A POP server deletes at QUIT, and not at all when the connection is lost before. So the UIDs of mails that are
    ours are remembered before they are deleted, and after a lost connection the next session deletes them without
    fetching them again. They are forgotten as soon as the server has deleted them, because some servers use UIDs again.
    """

    deleted = ()

    def check_unread_messages(self):
        """List the mails, and delete those that are ours since an earlier run.

        :return: int, the number of mails to fetch
        :raise poplib.error_proto: when the server refuses
        """
        self.sizes = {int(number): int(size) for number, size in map(bytes.split, self.connection.list()[1])}
        self.uids = self._uids()
        self.deleted = []
        self.ledger.forget_all_but(self.uids.values())
        taken, self.parked = self.ledger.taken(), self.ledger.parked()
        self.unread = []
        for number, size in sorted(self.sizes.items()):
            uid = self.uids.get(number)
            # another size is another mail
            if uid in taken and taken[uid] == size:
                self.acknowledge(number)
            elif not self.ledger.is_too_big(self.parked.get(uid, 0)):
                self.unread.append(number)
        return len(self.unread)

    def retrieve_unread_messages(self):
        """Fetch mail by mail.

        :return: iterator of pairs: number of the mail, :class:`FetchedMail`
        """
        for number in self.unread:
            uid, size = self.uids.get(number), self.sizes[number]
            if self.ledger.is_too_big(size):
                header = self._read(f"TOP {number} 0")
                if header is not None:
                    self.ledger.park(uid, header, size)
            else:
                source = self._read(f"RETR {number}")
                if source is not None:
                    if uid in self.parked:
                        self.ledger.unpark(uid)
                    yield self.hand_over(number, source, uid, size)

    def acknowledge(self, number):
        try:
            self.connection.dele(number)
            self.deleted.append(self.uids.get(number))
        except error_proto as error:
            self._raise_unless_answer(error)

    def disconnect(self):
        """End the session, with which the server deletes what is ours."""
        try:
            self.connection.quit()
        except error_proto:
            # the UIDs are remembered, so the next session deletes the rest
            _logger.warning("The mail server did not end the session in order", exc_info=True)
        else:
            self.ledger.forget(filter(None, self.deleted))

    def _uids(self):
        """:return: dict of number to UID; empty when the server has none"""
        try:
            lines = self.connection.uidl()[1]
        except error_proto as error:
            self._raise_unless_answer(error)
            return {}
        return {int(number): uid.decode(errors="replace") for number, uid in (line.split(None, 1) for line in lines)}

    def _read(self, command):
        """Execute a command that answers with a mail.

        The lines are read here because ``poplib`` gives up the session at a line of more than 64 KB, so that one
        such mail would stop its mailbox for ever.

        :return: bytes as on the server, or None when it does not hand the mail out
        """
        try:
            self.connection._shortcmd(command)
        except error_proto as error:
            self._raise_unless_answer(error)
            return None
        source = bytearray()
        while (line := self.connection.file.readline()) not in (b".\r\n", b".\n"):
            if not line:
                raise error_proto("-ERR EOF")
            source += line.removeprefix(b".")
        return bytes(source)

    def _raise_unless_answer(self, error):
        """Go on after an answer of the server, which poplib passes on as bytes, but not after the end of the connection."""
        if not error.args or not isinstance(error.args[0], bytes):
            raise error
        _logger.warning("The mail server refuses a command: %s", error)
