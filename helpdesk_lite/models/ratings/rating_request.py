import hashlib
import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL, email_normalize
from odoo.tools.misc import consteq, hmac

# the values of Odoo's three faces
FACES = (5, 3, 1)
LOW = 1
MAX_COMMENT = 5000  # characters
LINK_DAYS = 60
CHANGE_HOURS = 24
# seconds between the first touch of the page and the answer
YOUNGEST_PROOF, OLDEST_PROOF = 1, 3600


class RatingRequest(models.Model):
    """One question about a ticket: who was asked, by which link, and which answer came.

    There is one for each ticket, so that nobody is asked twice about it. The link belongs to one recipient, and only its hash
    is stored: nobody who reads the database or the ticket can answer for the customer. Nobody has access to the rows.
    """

    _name = "helpdesk_lite.rating.request"
    _description = "Helpdesk Rating Request"
    _order = "id desc"

    ticket_id = fields.Many2one("helpdesk_lite.ticket", required=True, readonly=True, ondelete="cascade")
    # the team that was rated; a ticket that moved on is not answered about any more
    team_id = fields.Many2one("helpdesk_lite.team", required=True, readonly=True, index=True, ondelete="cascade")
    state = fields.Selection(
        [("portal", "Not Asked by Email"), ("skipped", "Left Out"), ("asked", "Asked"), ("answered", "Answered")],
        required=True,
        readonly=True,
    )
    reason = fields.Selection(
        [
            ("address", "The customer has no e-mail address."),
            ("pause", "The customer was asked shortly before."),
            ("agent", "The customer works on the ticket."),
        ],
        readonly=True,
    )
    # recipient
    partner_id = fields.Many2one("res.partner", readonly=True, index="btree_not_null", ondelete="set null")
    email = fields.Char(readonly=True, help="Normalized.")
    token_hash = fields.Char(readonly=True, copy=False)
    asked_on = fields.Datetime(readonly=True)
    # answer
    answered_on = fields.Datetime(readonly=True, help="First answer; it can be changed for a day.")
    rating_id = fields.Many2one("rating.rating", readonly=True, index="btree_not_null", ondelete="set null")
    message_id = fields.Many2one("mail.message", readonly=True, index="btree_not_null", ondelete="set null")

    _ticket_unique = models.UniqueIndex("(ticket_id)")
    _token_unique = models.UniqueIndex("(token_hash)")
    _email_index = models.Index("(email, asked_on) WHERE asked_on IS NOT NULL")

    # ------------------------------------------------------------
    # ASKING
    # ------------------------------------------------------------

    @api.model
    def _make_token(self):
        """:return: str, 128 random bits that fit into a URL"""
        return secrets.token_urlsafe(16)

    @api.model
    def _hash_token(self, token):
        """:return: str, what is stored of a token; a plain hash is enough for so many random bits"""
        # a URL can contain what is no text
        return hashlib.sha256(token.encode(errors="backslashreplace")).hexdigest()

    @api.model
    def _was_asked(self, email, days):
        """Whether somebody was asked about any ticket in the last days.

        :param str email: normalized address
        :param int days: 0 for never
        :return: bool
        """
        since = fields.Datetime.now() - timedelta(days=days)
        return bool(days and self.search_count([("email", "=", email), ("asked_on", ">", since)], limit=1))

    # ------------------------------------------------------------
    # FINDING
    # ------------------------------------------------------------

    @api.model
    def _find_by_token(self, token):
        """The question that a link leads to, if it can still be answered.

        :param str token: from a URL
        :return: record, which may be empty
        """
        if not token or len(token) > 64:
            return self.browse()
        request = self.search([("token_hash", "=", self._hash_token(token))], limit=1)
        asked_since = fields.Datetime.now() - timedelta(days=LINK_DAYS)
        if not request or request.asked_on <= asked_since or not request._is_alive():
            return self.browse()
        ticket = request.ticket_id
        # the ticket became somebody else's
        former = (
            request.partner_id != ticket.partner_id
            if request.partner_id
            else request.email != email_normalize(ticket.partner_email or "")
        )
        if former:
            return self.browse()
        return request

    @api.model
    def _find_by_ticket(self, ticket):
        """The question about a ticket, made if its customer answers on the portal without having been asked.

        :param ticket: record of ``helpdesk_lite.ticket``
        :return: record, which may be empty when the ticket cannot be rated
        """
        self.flush_model()
        # of two requests at once, one inserts and the other finds the row, or is tried again by the server
        self.env.cr.execute(
            SQL(
                """ INSERT INTO helpdesk_lite_rating_request
                           (ticket_id, team_id, state, partner_id, create_uid, create_date, write_uid, write_date)
                    VALUES (%(ticket)s, %(team)s, 'portal', %(partner)s, %(user)s, %(now)s, %(user)s, %(now)s)
                        ON CONFLICT (ticket_id) DO NOTHING
                """,
                ticket=ticket.id,
                team=ticket.team_id.id,
                partner=ticket.partner_id.id or None,
                user=self.env.uid,
                now=fields.Datetime.now(),
            )
        )
        request = self.search([("ticket_id", "=", ticket.id)], limit=1)
        if not request.answered_on and request.partner_id != ticket.partner_id:
            # another customer was asked by mail, who shall not answer for this one
            request.write({"partner_id": ticket.partner_id.id, "email": False, "token_hash": False})
        return request if request._is_alive() else self.browse()

    def _is_alive(self):
        """Whether the ticket can be rated: not once it was archived, merged, converted or moved to another team."""
        ticket = self.ticket_id
        return bool(ticket.active and ticket.team_id == self.team_id and self.team_id.active and self.team_id.use_rating)

    # ------------------------------------------------------------
    # ANSWERING
    # ------------------------------------------------------------

    def _make_proof(self):
        """A signed moment, given to a page that somebody has touched.

        :return: str, to be sent with the answer
        """
        return self._sign_moment(int(fields.Datetime.now().timestamp()))

    def _sign_moment(self, moment):
        return f"{moment}.{hmac(self.env, 'helpdesk_lite.rating', (self.id, moment))}"

    def _is_proof(self, proof):
        """Whether the page was touched by somebody, long enough ago for them to have chosen, and not yesterday.

        :param str proof: what came with the answer
        :return: bool
        """
        moment = proof.partition(".")[0] if isinstance(proof, str) and proof.isascii() else ""
        if not (moment.isdecimal() and len(moment) < 12):
            return False
        age = int(fields.Datetime.now().timestamp()) - int(moment)
        return consteq(self._sign_moment(int(moment)), proof) and YOUNGEST_PROOF <= age <= OLDEST_PROOF

    def _can_change(self):
        """:return: bool, whether who has answered may still change the answer"""
        return bool(self.answered_on and self.answered_on > fields.Datetime.now() - timedelta(hours=CHANGE_HOURS))

    def _answer(self, rate, comment, agreed, own):
        """Store the answer of a person, unless somebody else has answered, or the time for changes is over.

        :param int rate: one of ``FACES``
        :param str comment: plain text
        :param bool agreed: whether the customer agrees that the comment is published
        :param bool own: whether who answers is known to have given the answer that is there
        :return: bool, whether it was stored
        """
        self.ensure_one()
        # Of many answers at once the first one is stored. The others wait here, and fail, as they began earlier; the server
        # tries them again, and they find the answer.
        self.env.cr.execute(SQL("SELECT id FROM helpdesk_lite_rating_request WHERE id = %s FOR NO KEY UPDATE", self.id))
        if self.answered_on and not (own and self._can_change()):
            return False
        comment = comment[:MAX_COMMENT]
        values = {
            "rating": rate,
            "feedback": comment,
            "consumed": True,
            "comment_agreed": bool(agreed and comment),
            # a manager has published another text
            "comment_published": False,
        }
        if self.rating_id:
            self.rating_id.write(values)
        else:
            ticket = self.ticket_id
            self.rating_id = self.env["rating.rating"].create(
                {
                    **values,
                    "res_model_id": self.env["ir.model"]._get_id(ticket._name),
                    "res_id": ticket.id,
                    "partner_id": self.partner_id.id,
                    "rated_partner_id": ticket.user_id.partner_id.id,
                    # Odoo's own page for ratings opens by this token
                    "access_token": False,
                }
            )
        self.write({"state": "answered", "answered_on": self.answered_on or fields.Datetime.now()})
        self.message_id = self.ticket_id._note_rating(self.rating_id, self.message_id)
        if rate <= LOW:
            self.ticket_id._follow_up_rating()
        return True
