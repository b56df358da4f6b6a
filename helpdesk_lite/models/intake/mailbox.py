"""What IMAP and POP mailboxes have in common. Plain Python: the database is behind the ledger."""

from .not_kept import NotKept


class FetchedMail(bytes):
    """The source of a mail from a mailbox.

    ``message_process`` says in ``kept``, once the mail is stored, that the server may mark it as read or delete it,
    and in ``refusal`` why not. ``uid`` is how the server calls it, where that has to be remembered, and ``listed_size``
    the size in bytes by which the server lists it.
    """

    kept = False
    refusal = uid = None
    listed_size = 0


class Mailbox:
    """A mailbox as Odoo's fetch job uses it, around a connection that has logged in.

    The job calls ``check_unread_messages``, ``retrieve_unread_messages``, then ``handled_message`` after each
    mail, also after one that failed, and ``disconnect``.

    :param connection: ``imaplib.IMAP4`` or ``poplib.POP3``; its other methods stay available
    :param ledger: what is known of this mailbox, see ``helpdesk_lite.mail.uid``
    """

    def __init__(self, connection, ledger):
        self.connection = connection
        self.ledger = ledger
        self.mail = FetchedMail()

    def __getattr__(self, name):
        return getattr(self.connection, name)

    def hand_over(self, number, source, uid=None, listed_size=0):
        """The pair that the fetch job expects of ``retrieve_unread_messages``."""
        self.mail = FetchedMail(source)
        self.mail.uid, self.mail.listed_size = uid, listed_size
        return number, self.mail

    def handled_message(self, number):
        """Mark the mail of the last step as done on the server.

        :raise NotKept: when we do not have it; the job then ends, and shows the reason on the server's form
        """
        if not self.mail.kept:
            raise self.mail.refusal or NotKept("This mail was not stored, so it stays on its server.")
        self.acknowledge(number)

    def acknowledge(self, number):
        raise NotImplementedError
