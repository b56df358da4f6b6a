import json
import logging
import random
import time
import traceback
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256

import psycopg2
from odoo import fields, models
from odoo.exceptions import ConcurrencyError
from odoo.modules import module
from odoo.tools import SQL

from ...tools.mail_identity import make_message_id
from ..short_cursor import is_pooled, short_cursor
from .delivery import TEAM, TICKET, Delivery, ForOthers, Known, working_on

_logger = logging.getLogger(__name__)

ATTEMPTS = 5
# another transaction was faster, or a connection was lost: with a new transaction it may go well
TRANSIENT = (
    psycopg2.OperationalError,
    psycopg2.InterfaceError,
    psycopg2.errors.UniqueViolation,
    psycopg2.errors.InFailedSqlTransaction,
    ConcurrencyError,
)
LONGEST_ERROR = 4000


def lock_key(message_id):
    """The key of the advisory lock for all deliveries of a mail.

    :param str message_id: of the mail
    :return: int of 64 bits
    """
    return int.from_bytes(sha256(f"helpdesk_lite.mail {message_id}".encode()).digest()[:8], signed=True)


@contextmanager
def processing_cursor(env):
    """The transaction in which a mail is processed: none of the request's locks, and a snapshot of its own.

    :param odoo.api.Environment env: environment of the database
    :return: context manager of a cursor, committed at the end
    """
    if not env.registry.ready or module.current_test:
        with env.cr.savepoint():
            yield env.cr
        return
    with env.registry.cursor() as cr:
        yield cr


class MailProcess(models.Model):
    """Processes a stored mail exactly once.

    The first transaction holds a lock on the Message-ID and reads what is there already; it sees what others committed while
    it waited. Within it, a second transaction creates the ticket or the message and marks the mail *done*. The lock ends with
    the first transaction, also when the process or its connection is killed. Should only that connection be lost, or should
    one transaction have to do (see ``_try``), the unique index on mails that are *done* stops the second of two deliveries.
    """

    _inherit = "helpdesk_lite.mail"

    def _deliver(self, thread, raw, identity, options, destination=None):
        """Process this mail, and store what became of it. An error ends here.

        :param thread: recordset on which ``message_process`` was called, with its user and context
        :param bytes raw: the mail
        :param MailIdentity identity: of the mail
        :param dict options: keyword arguments of ``message_process``
        :param tuple destination: a route (model, id, values) that a person chose, or None to find the routes
        :return: tuple (:class:`Delivery` or None after an error, what Odoo's ``message_process`` returned or False)
        :raise ForOthers: when the mail is for other models only
        """
        self.ensure_one()
        begun = []
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._try(thread, raw, identity, options, destination, begun)
            except ForOthers:
                raise
            except Exception as error:
                self.env.registry.reset_changes()
                if not isinstance(error, TRANSIENT) or attempt == ATTEMPTS:
                    self._fail(error, identity, begun[0] if begun else None)
                    return None, False
                _logger.info("Mail %s: attempt %s of %s failed: %s", identity.message_id, attempt, ATTEMPTS, error)
                time.sleep(random.uniform(0, 0.1 * 2**attempt))
        raise AssertionError("unreachable")

    def _try(self, thread, raw, identity, options, destination, begun):
        """Process this mail once, between taking the lock and releasing it.

        With a pooler there is one transaction for both, because who holds a connection must not wait for another one. Nor
        does it wait for the lock: it saw nothing of what others store meanwhile.
        """
        if is_pooled(self.env):
            with processing_cursor(self.env) as cr:
                delivery = self._begin(cr, identity, destination, begun, wait=False)
                result = self._carry_out(cr, delivery, thread, raw, options)
            self.env.registry.signal_changes()
            return delivery, result
        with short_cursor(self.env) as lock:
            delivery = self._begin(lock, identity, destination, begun)
            if delivery.state != "received":
                return delivery, False
            with processing_cursor(self.env) as cr:
                result = self._carry_out(cr, delivery, thread, raw, options)
            self.env.registry.signal_changes()
        return delivery, result

    def _begin(self, lock, identity, destination, begun, *, wait=True):
        """Take the lock of this mail, and decide whether it is to be processed.

        :param lock: cursor of the transaction that holds the lock
        :param MailIdentity identity: of the mail
        :param tuple destination: as in ``_deliver``
        :param list begun: gets the delivery, which is of use after an error as well
        :param bool wait: False to give up when somebody else has the lock
        :return: :class:`Delivery`; one that is not *received* is settled
        :raise ConcurrencyError: when somebody else has the lock
        """
        known = self._lock_and_look(lock, identity, wait)
        delivery = self._decide(known, identity, destination)
        begun[:] = [delivery]
        if delivery.state != "received":
            if delivery.state != known.state:
                self._settle(lock, delivery)
            _log_unprocessed(delivery)
        return delivery

    def _carry_out(self, cr, delivery, thread, raw, options):
        """Do what the mail is for, and store that it is done.

        :param cr: cursor of the transaction in which that happens
        :param Delivery delivery: of this mail
        :return: what Odoo's ``message_process`` returned, or False where there is nothing to do
        """
        if delivery.state != "received":
            return False
        with working_on(delivery):
            # the environments of the request know its transaction only
            own = thread.with_env(thread.env(cr=cr))
            # Odoo's jobs leave what they send to the hourly queue, but an answer goes out when it comes in
            own = own.with_context(mail_notify_force_send=True)
            result = own._message_process_kept(raw, options)
            own.env.flush_all()
            if delivery.state == "received":
                delivery.state = "done"
            elif delivery.state != "done":
                _log_unprocessed(delivery)
            self._settle(cr, delivery)
            if cr is not self.env.cr:
                # what is sent before the commit asks about the same addresses
                cr.flush()
        return result

    def _forget(self):
        """Delete a mail that is for other models, as standard Odoo keeps none either."""
        with short_cursor(self.env) as cr:
            cr.execute(SQL("DELETE FROM helpdesk_lite_mail WHERE id = %s", self.id))

    # ------------------------------------------------------------
    # WHAT IS THERE ALREADY
    # ------------------------------------------------------------

    def _lock_and_look(self, cr, identity, wait=True):
        """Wait for other deliveries of this mail, and read what they left.

        :param cr: cursor of the transaction that holds the lock, in which each statement has a snapshot of its own
        :param MailIdentity identity: of the mail
        :param bool wait: False to give up when there is another delivery at work
        :return: :class:`Known`
        :raise ConcurrencyError: when there is, and ``wait`` is False
        """
        if cr is self.env.cr:
            self.env.flush_all()
        if wait:
            cr.execute(SQL("SELECT pg_advisory_xact_lock(%s)", lock_key(identity.message_id)))
        else:
            cr.execute(SQL("SELECT pg_try_advisory_xact_lock(%s)", lock_key(identity.message_id)))
            if not cr.fetchone()[0]:
                raise ConcurrencyError("The mail is being processed by somebody else")
        cr.execute(
            SQL(
                """ SELECT (SELECT state FROM helpdesk_lite_mail WHERE id = %(id)s),
                       (SELECT json_agg(json_build_array(fingerprint = %(fingerprint)s, recipients, served))
                          FROM helpdesk_lite_mail
                         WHERE message_id = %(message_id)s AND id != %(id)s
                           AND state IN ('done', 'duplicate', 'parked', 'discarded')
                           -- of a mail that is too big there is only the header
                           AND reason IS DISTINCT FROM 'too_big'),
                       (SELECT json_agg(json_build_array(model, res_id, subject, date)) FROM mail_message
                         WHERE message_id = %(message_id)s),
                       (SELECT array_agg(team_id) FROM helpdesk_lite_ticket WHERE message_id = %(message_id)s),
                       (SELECT array_agg(COALESCE(company_id, 0)) FROM helpdesk_lite_mail_block
                         WHERE active AND name = ANY(%(names)s))
                """,
                id=self.id,
                fingerprint=identity.fingerprint,
                message_id=identity.message_id,
                names=self.env["helpdesk_lite.mail.block"]._get_names(identity.email_from),
            )
        )
        state, mails, messages, teams, blocks = cr.fetchone()
        return Known(
            state=state,
            mails=mails or [],
            messages=[(*rest, date and datetime.fromisoformat(date)) for *rest, date in messages or []],
            team_ids=set(teams or ()),
            blocks=set(blocks or ()),
        )

    def _decide(self, known, identity, destination):
        """Whether a mail has to be processed, is there already, or needs a person.

        :param Known known: what is there already
        :param MailIdentity identity: of the mail
        :param tuple destination: a route that a person chose, or None
        :return: :class:`Delivery` in state ``received`` when it has to be processed
        """
        delivery = Delivery(identity.message_id, identity, known, destination)
        if destination:
            if known:
                # the Message-ID belongs to another mail
                delivery.message_id = make_message_id(identity.digest, self.id)
        elif known.state in ("done", "duplicate"):
            # by the job, while this delivery waited for the lock
            delivery.state = known.state
        elif not known.is_ours:
            # nothing is there, or messages of other models: the routes decide
            pass
        elif not known.is_same(identity):
            delivery.park("known_id")
        elif not known.get_new_recipients(identity):
            delivery.state = "duplicate"
        return delivery

    # ------------------------------------------------------------
    # WHAT BECAME OF IT
    # ------------------------------------------------------------

    def _settle(self, cr, delivery):
        """Store the result of a delivery, and link the tickets that the mail reached.

        :param cr: cursor of the transaction in which the mail was processed
        :param Delivery delivery: of this mail
        """
        is_new = delivery.message_id != delivery.identity.message_id
        before = [] if is_new or delivery.state == "duplicate" else list(delivery.known.ticket_ids)
        cr.execute(
            SQL(
                """ WITH reached AS (
                        SELECT id, company_id FROM helpdesk_lite_ticket WHERE id IN (
                            SELECT unnest(%(tickets)s::int[])
                             UNION SELECT res_id FROM mail_message
                             WHERE message_id = %(message_id)s AND model = %(model)s AND res_id != ALL(%(before)s::int[]))),
                    settled AS (
                        UPDATE helpdesk_lite_mail
                           SET state = %(state)s, reason = %(reason)s, error = NULL, next_try = NULL, write_date = %(now)s,
                               message_id = %(message_id)s, served = %(served)s,
                               company_id = COALESCE((SELECT company_id FROM reached ORDER BY id LIMIT 1), %(company)s)
                         WHERE id = %(id)s
                     RETURNING id)
                    INSERT INTO helpdesk_lite_mail_helpdesk_lite_ticket_rel (helpdesk_lite_mail_id, helpdesk_lite_ticket_id)
                    SELECT settled.id, reached.id FROM settled, reached
                        ON CONFLICT DO NOTHING
                """,
                id=self.id,
                tickets=list(delivery.ticket_ids),
                before=before,
                message_id=delivery.message_id,
                model=TICKET,
                state=delivery.state,
                reason=delivery.reason,
                served=json.dumps(sorted(delivery.team_ids) if delivery.state == "done" else []),
                now=fields.Datetime.now(),
                company=self._get_company_sql(delivery.identity, delivery),
            )
        )

    def _fail(self, error, identity, delivery):
        """Store that a mail could not be processed; the job tries again.

        :param Exception error: what happened
        :param MailIdentity identity: of the mail
        :param delivery: :class:`Delivery`, or None when it did not begin
        """
        _logger.warning("Mail %s could not be processed and is kept", identity.message_id, exc_info=error)
        text = "".join(traceback.format_exception(error)).replace("\0", "")[-LONGEST_ERROR:]
        try:
            with short_cursor(self.env) as cr:
                cr.execute(
                    SQL(
                        """ UPDATE helpdesk_lite_mail
                           SET state = 'failed', reason = NULL, error = %s, write_date = %s, company_id = %s
                         WHERE id = %s AND state != 'done'
                        """,
                        text.encode("utf-8", "replace").decode(),
                        fields.Datetime.now(),
                        self._get_company_sql(identity, delivery),
                        self.id,
                    )
                )
        except psycopg2.Error:
            # the mail is kept as received, and the job takes it up when the database is there again
            _logger.warning("Mail %s: the error could not be stored", identity.message_id, exc_info=True)

    def _get_company_sql(self, identity, delivery):
        """The company of the addressed team, or of the ticket that is answered, where no ticket was reached.

        :param MailIdentity identity: of the mail
        :param delivery: :class:`Delivery` or None
        :return: SQL
        """
        return SQL(
            """ COALESCE((SELECT company_id FROM helpdesk_lite_team WHERE id = ANY(%s::int[]) ORDER BY id LIMIT 1),
                     (SELECT company_id FROM helpdesk_lite_ticket WHERE id = ANY(%s::int[]) ORDER BY id LIMIT 1),
                     -- an answer to the catchall address, of which nothing but its references tells to whom it is
                     (SELECT ticket.company_id FROM mail_message message
                        JOIN helpdesk_lite_ticket ticket ON ticket.id = message.res_id
                       WHERE message.model = %s AND message.message_id = ANY(%s) ORDER BY message.id DESC LIMIT 1),
                     (SELECT team.company_id FROM mail_alias alias
                        JOIN ir_model model ON model.id = alias.alias_parent_model_id AND model.model = %s
                        JOIN helpdesk_lite_team team ON team.id = alias.alias_parent_thread_id
                       WHERE alias.alias_full_name = ANY(%s) ORDER BY alias.id LIMIT 1))
            """,
            list(delivery.team_ids) if delivery else [],
            list(delivery.thread_ids) if delivery else [],
            TICKET,
            [identity.message_id, *identity.references],
            TEAM,
            list(identity.recipients),
        )


def _log_unprocessed(delivery):
    """Tell administrators of the server why no ticket or message was made of a mail."""
    _logger.info("Mail %s is not processed (%s)", delivery.identity.message_id, delivery.reason or delivery.state)
