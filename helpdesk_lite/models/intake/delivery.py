from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from ...tools.mail_identity import MailIdentity

TICKET, TEAM = "helpdesk_lite.ticket", "helpdesk_lite.team"
OURS = (TICKET, TEAM)

# Odoo calls its hooks deep within message_process, with arguments that it makes itself, so nothing of ours can be passed
_current = ContextVar("helpdesk_lite_delivery", default=None)
# its fetch job names the mail server in the context, where every client can write, too
_fetching = ContextVar("helpdesk_lite_fetching", default=False)


class ForOthers(Exception):
    """The mail is for other models only, so that Odoo shall process it as if we were not there."""


@dataclass
class Known:
    """What is there already under the Message-ID of a mail, read after the lock was taken.

    ``state`` is that of the mail itself. ``mails`` are tuples (has the same content, its recipients, teams that it was routed
    to) of other incoming mails, ``messages`` tuples (model, id, subject, date) of messages, ``team_ids`` the teams with a
    ticket from it. ``blocks`` holds the companies that block the sender, and 0 if it is blocked for all.
    """

    state: str
    mails: list
    messages: list
    team_ids: set
    blocks: set

    def __bool__(self):
        return bool(self.mails or self.messages)

    @property
    def ticket_ids(self):
        return {res_id for model, res_id, _subject, _date in self.messages if model == TICKET}

    @property
    def served_team_ids(self):
        """The teams that got this mail, though its ticket may be in another team by now."""
        return self.team_ids.union(*(teams or () for _same, _recipients, teams in self.mails))

    @property
    def is_ours(self):
        return bool(self.mails) or any(model in OURS for model, *_more in self.messages)

    def is_same(self, identity):
        """Whether this is the mail that was received before, and not another one under its Message-ID."""
        if self.mails:
            return any(same for same, *_more in self.mails)
        # the mail itself is deleted by now, or came before this addon: what its message tells has to do
        subject = " ".join(identity.subject.split())
        return any(
            " ".join((known or "").split()) == subject and (identity.date is None or date == identity.date)
            for _model, _id, known, date in self.messages
        )

    def get_new_recipients(self, identity):
        """The addresses for which a copy of this mail comes for the first time, because another alias was in Bcc.

        :return: set of addresses, or None when it is not known for whom the first copy came
        """
        before = {address for same, recipients, _teams in self.mails if same for address in recipients.split()}
        return set(identity.envelope) - before if self.mails else None


@dataclass
class Delivery:
    """One attempt to process one incoming mail, and what came out of it.

    ``destination`` is a route (model, id, values) that a person chose, or None to find the routes.
    """

    message_id: str
    identity: MailIdentity
    known: Known
    destination: tuple | None = None
    # what the hooks find out
    state: str = "received"
    reason: str | None = None
    refusal: Exception | None = None
    # tickets and teams to which it is routed; tickets that it is about without being a message of them
    thread_ids: set = field(default_factory=set)
    team_ids: set = field(default_factory=set)
    ticket_ids: set = field(default_factory=set)
    is_parsed: bool = False
    # address to whether it is our own, as far as it was asked
    own_addresses: dict = field(default_factory=dict)
    # ids that searches found, see :meth:`remember`
    found: dict = field(default_factory=dict)
    # tickets that it has made, and that nobody else can see yet
    made_ids: set = field(default_factory=set)
    is_refused: bool = False
    is_archived: bool = False
    is_misconfigured: bool = False
    is_silent: bool = False
    # refusals by aliases of other models: arguments of ``_alias_bounce_incoming_email``
    others_refusals: list = field(default_factory=list)

    def park(self, reason):
        self.state, self.reason = "parked", reason

    def remember(self, model, search, *question):
        """Ask the database once what Odoo asks it several times of one mail.

        :param model: recordset to search with, as superuser
        :param search: function without arguments that finds ids
        :param question: what is searched; compared by its text
        :return: records of the model
        """
        key = (model._name, model.env.cr, model.env.context.get("active_test"), repr(question))
        if key not in self.found:
            self.found[key] = tuple(search())
        return model.browse(self.found[key])

    def forget(self):
        """Ask again, because something was changed that the answers may depend on."""
        self.own_addresses.clear()
        self.found.clear()


def get_fetching_server(context):
    """The mail server from which this thread fetches.

    :param dict context: of the environment that processes a mail
    :return: int, id of ``fetchmail.server``, or None for a mail that comes in another way
    """
    return context.get("default_fetchmail_server_id") if _fetching.get() else None


@contextmanager
def fetching():
    """Make it known that the mails of this thread come from the fetch job."""
    token = _fetching.set(True)
    try:
        yield
    finally:
        _fetching.reset(token)


def current_delivery():
    """:return: the :class:`Delivery` that this thread works on, or None"""
    return _current.get()


def forget_answers():
    """Ask the database again what this thread's delivery asked it before."""
    if delivery := current_delivery():
        delivery.forget()


@contextmanager
def working_on(delivery):
    """Make a delivery known to the hooks; None for what has nothing to do with it.

    :param delivery: :class:`Delivery` or None
    """
    token = _current.set(delivery)
    try:
        yield delivery
    finally:
        _current.reset(token)
