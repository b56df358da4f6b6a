from functools import lru_cache

from markupsafe import Markup
from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.sql import column_exists, create_column

from ...tools.search_keys import KEY_TICKETS, search_keys
from ...tools.similarity import Evidence, common_words, overlap, percent, profile
from ...tools.text import MOST_CHARACTERS, surfaces, words_of

COMPARED = 60  # candidates of one ticket that are compared by their letters
SAME_CUSTOMER_CANDIDATES = 40
UNEXPLAINED = 3  # a word that weighs less than this fraction (1/3) of the first is not named
SECONDS_PER_DAY = 86_400


class TicketSimilarity(models.Model):
    """How similar tickets are, and which are worth comparing.

    ``tools/similarity.py`` computes the similarity; this class provides its input. Candidates come
    from an index of the words of tickets, and from the other tickets of the customer.
    """

    _inherit = "helpdesk_lite.ticket"

    merge_words = fields.Text(
        compute="_compute_merge_words",
        store=True,
        # so that Odoo takes what ``create`` gives; nobody can write it
        readonly=False,
        copy=False,
        groups=fields.NO_ACCESS,
        export_string_translation=False,
    )

    # the pending list is short, because every search reads all of it
    _merge_words_index = models.Index(
        "USING gin (string_to_array(merge_words, ' ')) WITH (fastupdate = on, gin_pending_list_limit = 256)"
    )
    _merge_email_index = models.Index("(lower(partner_email))")

    def _auto_init(self):
        # the daily job fills the column of existing tickets, in batches
        if not column_exists(self.env.cr, self._table, "merge_words"):
            create_column(self.env.cr, self._table, "merge_words", "text")
        return super()._auto_init()

    @api.depends("name", "description")
    def _compute_merge_words(self):
        for ticket in self:
            ticket.merge_words = words_of(ticket.name, ticket.description)

    @api.model
    def _prepare_create_values(self, vals_list):
        """Store the words together with the ticket: an ``UPDATE`` after it would renew all indexes.

        It is not for a precomputed field, which Odoo would read with the rights of the user.
        """
        prepared = super()._prepare_create_values(vals_list)
        text = self._fields["description"]
        for vals in prepared:
            description = vals.get("description") or ""
            # mails and forms come as Markup; what clients send is still to be sanitized, which takes long for a long text
            if not isinstance(description, Markup) and len(description) <= MOST_CHARACTERS:
                description = text.convert_to_cache(description, self) if description else Markup()
            if vals.get("name") and isinstance(description, Markup | None):
                vals["merge_words"] = words_of(vals["name"], description)
        return prepared

    # ------------------------------------------------------------
    # SIMILARITY
    # ------------------------------------------------------------

    def _merge_similarity(self, others):
        """How likely it is that other tickets are the same request as this one.

        :param others: records of ``helpdesk_lite.ticket``
        :return: dict of ticket id to tuple (percent as float 0..100, the words that matched)
        """
        percents = self._merge_percents(others)
        weights, _count = self.env["helpdesk_lite.merge.vocabulary"]._get_weights()
        # sudo: a user who can read or group the tickets may know how similar they are
        own_sudo = self.sudo()
        own_words = own_sudo._get_merge_words()
        written = surfaces(own_sudo.name, own_sudo.description)
        found = {}
        for other_sudo in others.sudo():  # sudo: see above
            matched = common_words(own_words, other_sudo._get_merge_words(), weights)
            telling = [word for word in matched if weights.of(word) * UNEXPLAINED >= weights.of(matched[0])]
            found[other_sudo.id] = percents[other_sudo.id], ", ".join(written.get(word, word) for word in telling)
        return found

    def _merge_percents(self, others):
        """The percentages of ``_merge_similarity`` alone.

        :param others: records of ``helpdesk_lite.ticket``
        :return: dict of ticket id to percent as float 0..100
        """
        self.ensure_one()
        weights, _count = self.env["helpdesk_lite.merge.vocabulary"]._get_weights()
        # sudo: a user who can read or group the tickets may know how similar they are
        own_sudo, others_sudo = self.sudo(), others.sudo()
        (own_sudo | others_sudo).fetch(["merge_words", "partner_id", "partner_email", "team_id", "opened_on"])
        if own_sudo.partner_id and others_sudo.partner_id:
            # of all at once, and with what the form shows of the customer
            (own_sudo | others_sudo).partner_id.mapped("commercial_partner_id")
        own = profile(own_sudo._get_merge_words(), weights)
        return {
            other.id: round(
                percent(overlap(own, profile(other._get_merge_words(), weights)), own_sudo._merge_evidence(other)), 1
            )
            for other in others_sudo
        }

    def _get_merge_words(self):
        """The stored words, or computed ones as long as the job has not reached the ticket."""
        return words_of(self.name, self.description) if self.merge_words is False else self.merge_words

    def _merge_evidence(self, other):
        """What is known about two tickets apart from their texts, see ``similarity.Evidence``."""
        same_customer = None
        if self.partner_id and other.partner_id:
            same_customer = self.partner_id.commercial_partner_id == other.partner_id.commercial_partner_id
        if self.partner_email and other.partner_email and not same_customer:
            same_customer = self.partner_email.strip().lower() == other.partner_email.strip().lower()
        days = abs((self.opened_on - other.opened_on).total_seconds()) / SECONDS_PER_DAY
        return Evidence(same_customer, self.team_id == other.team_id, days)

    # ------------------------------------------------------------
    # CANDIDATES
    # ------------------------------------------------------------

    def _merge_find_candidates(self, condition=None, most=COMPARED):
        """Other tickets that are worth comparing, from the indexes of words and of customers.

        It takes three statements for any number of tickets. Access is not checked.

        :param SQL condition: on a candidate ``ticket`` for the ticket ``own``
        :param int most: how many candidates for each ticket, at most
        :return: dict of ticket id to list of candidates' ids, the most promising first
        """
        self.flush_model()
        weights, count = self.env["helpdesk_lite.merge.vocabulary"]._get_weights()
        own_words = {ticket.id: ticket._get_merge_words() for ticket in self.sudo()}  # sudo: the index covers all tickets
        keys = [(ticket_id, key) for ticket_id, words in own_words.items() for key in search_keys(words, weights, count)]
        condition = condition or SQL("TRUE")
        # Without OFFSET, PostgreSQL may scan the whole table, expecting to reach the limit early.
        rows = self.env.execute_query(
            SQL(
                """SELECT own.id, found.id, found.merge_words
                 FROM unnest(%(ids)s::int[], %(keys)s::text[]) AS key(ticket_id, words)
                 JOIN helpdesk_lite_ticket own ON own.id = key.ticket_id
                CROSS JOIN LATERAL (
                      SELECT ticket.id, ticket.merge_words
                        FROM (SELECT * FROM helpdesk_lite_ticket
                               WHERE string_to_array(merge_words, ' ') @> string_to_array(key.words, ' ')
                              OFFSET 0) ticket
                       WHERE ticket.id <> own.id AND ticket.active AND %(condition)s
                       LIMIT %(limit)s) found
                UNION ALL
               SELECT own.id, found.id, found.merge_words
                 FROM helpdesk_lite_ticket own
                CROSS JOIN LATERAL (
                      SELECT ticket.id, ticket.merge_words
                        FROM (SELECT * FROM helpdesk_lite_ticket WHERE partner_id = own.partner_id
                               UNION ALL
                              SELECT * FROM helpdesk_lite_ticket
                               WHERE lower(partner_email) = lower(nullif(own.partner_email, ''))) ticket
                       WHERE ticket.id <> own.id AND ticket.active AND %(condition)s
                       ORDER BY ticket.id DESC
                       LIMIT %(customer_limit)s) found
                WHERE own.id = ANY(%(all_ids)s)""",
                ids=[ticket_id for ticket_id, _key in keys],
                keys=[key for _ticket_id, key in keys],
                all_ids=self.ids,
                condition=condition,
                limit=KEY_TICKETS,
                customer_limit=SAME_CUSTOMER_CANDIDATES,
            )
        )
        heavy = lru_cache(maxsize=None)(weights.of)
        sets = {ticket_id: {word: heavy(word) for word in words.split()} for ticket_id, words in own_words.items()}
        scores = {ticket_id: {} for ticket_id in own_words}
        for ticket_id, candidate_id, words in rows:
            if candidate_id in scores[ticket_id]:
                continue
            own, theirs = sets[ticket_id], (words or "").split()
            common = sum(own[word] for word in theirs if word in own)
            scores[ticket_id][candidate_id] = common / (len(theirs) + 1) ** 0.4
        return {
            ticket_id: sorted(found, key=lambda candidate_id: (-found[candidate_id], -candidate_id))[:most]
            for ticket_id, found in scores.items()
        }

    # ------------------------------------------------------------
    # INDEX
    # ------------------------------------------------------------

    @api.model
    def _merge_index_batch(self, after_id, size=1000):
        """Compute the words of tickets that are older than this addon.

        :param int after_id: only tickets with greater ids
        :param int size: how many at most
        :return: id of the last ticket of the batch, 0 when none was left
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT id, name, left(description, %s) FROM helpdesk_lite_ticket
                WHERE id > %s AND merge_words IS NULL ORDER BY id LIMIT %s""",
                MOST_CHARACTERS,
                after_id,
                size,
            )
        )
        # without the ORM: it must not look as if somebody had changed the tickets
        if rows:
            self.env.cr.execute_values(
                """UPDATE helpdesk_lite_ticket ticket SET merge_words = found.words
                     FROM (VALUES %s) AS found(id, words) WHERE ticket.id = found.id""",
                [(ticket_id, words_of(name, description)) for ticket_id, name, description in rows],
                page_size=len(rows),
            )
        self.invalidate_model(["merge_words"], flush=False)
        return rows[-1][0] if rows else 0
