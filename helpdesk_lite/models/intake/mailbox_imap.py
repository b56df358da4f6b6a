import logging
import re
from imaplib import IMAP4

from .mailbox import Mailbox

_logger = logging.getLogger(__name__)

SIZES_AT_ONCE = 50  # as many as the fetch job takes in one run
UID = re.compile(rb"\bUID (\d+)")
SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")


class ImapMailbox(Mailbox):
    r"""The unread mails of an inbox, which stay unread until they are ours.

    ``BODY.PEEK[]`` does not set ``\Seen`` as standard Odoo's fetch does, which takes it back in a second
    command and loses the mail when the process ends in between. Mails are named by UID: their numbers may change,
    and mails may vanish, while others use the mailbox.
    """

    def check_unread_messages(self):
        """List the unread mails.

        :return: int, their number
        :raise imaplib.IMAP4.error: when the server refuses
        """
        self._demand(self.connection.select())
        _name, (validity,) = self.connection.response("UIDVALIDITY")
        # a UID is only good for one incarnation of the mailbox
        self.prefix = f"{(validity or b'0').decode()}:"
        uids = (self._demand(self.connection.uid("SEARCH", None, "UNSEEN"))[0] or b"").split()
        self.ledger.forget_all_but(map(self._key, uids))
        self.parked = self.ledger.parked()
        self.unread = [uid for uid in uids if not self.ledger.is_too_big(self.parked.get(self._key(uid), 0))]
        return len(self.unread)

    def retrieve_unread_messages(self):
        """Fetch mail by mail.

        :return: iterator of pairs: UID, :class:`FetchedMail`
        """
        for start in range(0, len(self.unread), SIZES_AT_ONCE):
            batch = self.unread[start : start + SIZES_AT_ONCE]
            sizes = self._sizes(batch)
            for uid in batch:
                # a mail without a size was expunged in the meantime
                if uid not in sizes:
                    continue
                if self.ledger.is_too_big(sizes[uid]):
                    header = self._fetch(uid, "BODY.PEEK[HEADER]")
                    if header is not None:
                        self.ledger.park(self._key(uid), header, sizes[uid])
                else:
                    source = self._fetch(uid, "BODY.PEEK[]")
                    if source is not None:
                        if self._key(uid) in self.parked:
                            self.ledger.unpark(self._key(uid))
                        yield self.hand_over(uid, source)

    def acknowledge(self, number):
        self._demand(self.connection.uid("STORE", number, "+FLAGS.SILENT", r"(\Seen)"))

    def disconnect(self):
        """Log out, without the CLOSE of standard Odoo, which expunges what others have marked as deleted."""
        self.connection.logout()

    def _key(self, uid):
        return self.prefix + uid.decode()

    def _sizes(self, uids):
        """:return: dict of UID to the size in bytes, of the mails that are still there"""
        kind, lines = self.connection.uid("FETCH", b",".join(uids).decode(), "(RFC822.SIZE)")
        if kind != "OK" and len(uids) > 1:
            # one of them is in the way: find it
            return {uid: size for one in uids for uid, size in self._sizes([one]).items()}
        found = [(UID.search(line), SIZE.search(line)) for line in lines if isinstance(line, bytes)]
        return {uid[1]: int(size[1]) for uid, size in found if uid and size}

    def _fetch(self, uid, what):
        """:return: bytes, or None when the server does not hand the mail out, because it was expunged for example"""
        kind, items = self.connection.uid("FETCH", uid, f"({what})")
        if kind != "OK":
            _logger.warning("The mail server does not hand out the mail with UID %s: %s", uid.decode(), items)
            return None
        # in between there may be news of other mails, but those have no literal
        return next((item[1] for item in items if isinstance(item, tuple)), None)

    def _demand(self, answer):
        """The data of an answer that must be OK."""
        kind, data = answer
        if kind != "OK":
            raise IMAP4.error(b" ".join(data).decode(errors="replace"))
        return data
