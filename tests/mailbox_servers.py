"""Real IMAP and POP servers of one account each, by Twisted's implementation of the protocols.

Twisted has no storage: the mails are in memory here, where a test delivers, expunges and looks at them. It
can also act before each command of a client, and so end the client between any two commands.
"""

import threading
from contextlib import contextmanager
from functools import cache
from io import BytesIO

from twisted.cred.error import UnauthorizedLogin
from twisted.internet import defer, protocol, reactor, ssl
from twisted.mail import imap4, pop3
from zope.interface import implementer

from devtools.patience import PATIENCE

PASSWORD = "secret"
ALL_SEEN = {"rfc822", "rfc822text"}


@implementer(imap4.IMessage, imap4.IMessageFile)
class Message:
    """A mail in a mailbox: its ``source`` as bytes, and how often it was ``fetched``.

    ``seen`` and ``marked`` (for deletion, by IMAP) are its flags; ``gone`` says that it was expunged.
    """

    def __init__(self, uid, source):
        self.uid, self.source = uid, source
        self.seen = self.marked = self.gone = False
        self.fetched = 0
        self.listed_size = len(source)

    # for Twisted

    def getUID(self):
        return self.uid

    def getFlags(self):
        return [flag for flag, on in (("\\Seen", self.seen), ("\\Deleted", self.marked)) if on]

    def getInternalDate(self):
        return "Mon, 02 Mar 2026 10:00:00 +0000"

    def getHeaders(self, negate, *names):
        head = self.source.partition(b"\r\n\r\n")[0].decode("latin-1")
        return {
            name.lower(): value
            for name, _colon, value in (line.partition(": ") for line in head.replace("\r\n ", " ").split("\r\n"))
        }

    def getBodyFile(self):
        return BytesIO(self.source.partition(b"\r\n\r\n")[2])

    def getSize(self):
        return self.listed_size

    def isMultipart(self):
        return False

    def open(self):
        self.fetched += 1
        return BytesIO(self.source)


class Account:
    """A mailbox on a server, with its ``port``, ``messages`` (those that are there) and ``commands`` (all so far).

    :param before: function of a command (str), called before it is executed; when it returns False, the connection
        is closed instead
    :param has_uidl: whether the server knows this command of POP, which is optional
    """

    def __init__(self, kind):
        self.kind = kind
        self.messages, self.commands = [], []
        self.before = None
        self.has_uidl = True
        self.lock = threading.RLock()
        self.last_uid = 0
        self.port = None

    def deliver(self, *sources):
        """Put mails into the mailbox, and return the last :class:`Message`."""
        with self.lock:
            for source in sources:
                self.last_uid += 1
                self.messages.append(Message(self.last_uid, source))
            return self.messages[-1]

    def expunge(self, message):
        with self.lock:
            message.gone = True
            self.messages.remove(message)

    def unread(self):
        """The mails that a fetch job would still take."""
        return [message for message in self.messages if not message.seen]

    def allows(self, command):
        self.commands.append(command)
        return self.before is None or self.before(command) is not False


@implementer(imap4.IMailbox)
class ImapView:
    """What one IMAP session sees: numbers stay while others expunge."""

    def __init__(self, account):
        self.account = account
        with account.lock:
            self.view = list(account.messages)

    def getUIDValidity(self):
        return 7

    def getUIDNext(self):
        return self.account.last_uid + 1

    def getUID(self, number):
        return self.view[number - 1].uid

    def getMessageCount(self):
        return len(self.view)

    def getRecentCount(self):
        return 0

    def getUnseenCount(self):
        return sum(not message.seen for message in self.view)

    def isWriteable(self):
        return True

    def getFlags(self):
        return ["\\Seen", "\\Deleted"]

    def getHierarchicalDelimiter(self):
        return "/"

    def requestStatus(self, names):
        return imap4.statusRequestHelper(self, names)

    def addListener(self, listener):
        pass

    def removeListener(self, listener):
        pass

    def destroy(self):
        raise NotImplementedError

    def addMessage(self, message, flags=(), date=None):
        raise NotImplementedError

    def close(self):
        self.expunge()

    def expunge(self):
        for message in self.view:
            if message.marked and not message.gone:
                self.account.expunge(message)
        return []

    def chosen(self, messages, uid):
        if not messages.last:
            messages.last = (self.view[-1].uid if uid else len(self.view)) if self.view else 0
        return [
            (number, message)
            for number, message in enumerate(self.view, 1)
            if (message.uid if uid else number) in messages and not message.gone
        ]

    def fetch(self, messages, uid):
        return self.chosen(messages, uid)

    def store(self, messages, flags, mode, uid):
        chosen = self.chosen(messages, uid)
        for _number, message in chosen:
            for flag, name in (("\\Seen", "seen"), ("\\Deleted", "marked")):
                if flag in flags or not mode:
                    setattr(message, name, mode >= 0 and flag in flags)
        return {number: message.getFlags() for number, message in chosen}


class Token:
    """The authentication of Gmail and Outlook."""

    def getChallenge(self):
        return b""

    def setResponse(self, response):
        self.response = response

    def moreChallenges(self):
        return False


class ImapSession(imap4.IMAP4Server):
    def __init__(self, account):
        super().__init__(chal={b"XOAUTH2": Token})
        self.box = account
        self.portal = self

    def lineReceived(self, line):
        if self.parseState == "command" and not self.box.allows(line.decode("latin-1").partition(" ")[2]):
            self.transport.abortConnection()
            return
        super().lineReceived(line)

    def authenticateLogin(self, user, passwd):
        if passwd != PASSWORD.encode():
            raise UnauthorizedLogin
        return imap4.IAccount, self, lambda: None

    def login(self, token, _mind, _interface):
        if b"Bearer " not in token.response:
            return defer.fail(UnauthorizedLogin())
        self.box.commands.append(token.response.decode())
        return defer.succeed((imap4.IAccount, self, lambda: None))

    def select(self, name, rw=True):
        return ImapView(self.box)

    def do_FETCH(self, tag, messages, query, uid=0):
        if any(part.type in ALL_SEEN or (part.type == "body" and not part.peek) for part in query):
            for _number, message in self.mbox.chosen(messages, uid):
                message.seen = True
        super().do_FETCH(tag, messages, query, uid)

    select_FETCH = (do_FETCH, imap4.IMAP4Server.arg_seqset, imap4.IMAP4Server.arg_fetchatt)


@implementer(pop3.IMailbox)
class PopView:
    """What one POP session sees: it deletes at its orderly end only."""

    def __init__(self, account):
        self.account = account
        with account.lock:
            self.view = list(account.messages)
        self.deleted = set()

    def listMessages(self, index=None):
        sizes = [0 if number in self.deleted else message.listed_size for number, message in enumerate(self.view)]
        if index is None:
            return sizes
        if index in self.deleted:
            raise ValueError
        return sizes[index]

    def getMessage(self, index):
        message = self.view[index]
        if message.gone:
            raise ValueError
        message.fetched += 1
        # Twisted ends the lines
        return BytesIO(message.source.replace(b"\r\n", b"\n"))

    def getUidl(self, index):
        return b"uid%d" % self.view[index].uid

    def deleteMessage(self, index):
        self.deleted.add(index)

    def undeleteMessages(self):
        self.deleted.clear()

    def sync(self):
        for index in self.deleted:
            if not self.view[index].gone:
                self.account.expunge(self.view[index])


class PopSession(pop3.POP3):
    def __init__(self, account):
        self.box = account

    def lineReceived(self, line):
        if not self.box.allows(line.decode("latin-1")):
            self.transport.abortConnection()
            return
        super().lineReceived(line)

    def do_UIDL(self, i=None):
        if self.box.has_uidl:
            super().do_UIDL(i)
        else:
            self.failResponse(b"no such command")

    def authenticateUserPASS(self, user, password):
        if password != PASSWORD.encode():
            raise UnauthorizedLogin
        return pop3.IMailbox, PopView(self.box), lambda: None


@cache
def start_reactor():
    """Twisted has one event loop in a process, and cannot start it twice."""
    threading.Thread(target=reactor.run, kwargs={"installSignalHandlers": False}, daemon=True).start()


def in_reactor(function, *arguments):
    """Call a function in the thread of the event loop, and return its result."""
    start_reactor()
    done, result = threading.Event(), []

    def call():
        deferred = defer.maybeDeferred(function, *arguments)
        deferred.addBoth(lambda value: (result.append(value), done.set()))

    reactor.callFromThread(call)
    assert done.wait(PATIENCE), "Twisted's event loop does not run"
    return result[0]


@contextmanager
def mailbox(kind, certificate=None):
    """Serve an :class:`Account` by ``imap`` or ``pop``.

    :param certificate: a pair of files, key and certificate, for a connection by TLS
    """
    account = Account(kind)
    factory = protocol.ServerFactory()
    session = {"imap": ImapSession, "pop": PopSession}[kind]
    factory.buildProtocol = lambda _address: attach(session(account), factory)
    if certificate:
        listening = in_reactor(
            lambda: reactor.listenSSL(0, factory, ssl.DefaultOpenSSLContextFactory(*certificate), interface="127.0.0.1")
        )
    else:
        listening = in_reactor(lambda: reactor.listenTCP(0, factory, interface="127.0.0.1"))
    account.port = listening.getHost().port
    try:
        yield account
    finally:
        in_reactor(listening.stopListening)


def attach(session, factory):
    session.factory = factory
    return session
