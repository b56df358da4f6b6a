import logging
from datetime import timedelta

from markupsafe import Markup
from odoo import api, fields, models
from odoo.tools import SQL, email_normalize, formataddr
from psycopg2 import IntegrityError

from .rating_request import FACES

_logger = logging.getLogger(__name__)

# a ticket that was not asked about for so long, as nothing was running, is not asked about at all
LATEST = timedelta(days=7)
# Odoo's pictures
FACE_URL = "/rating/static/src/img/rating_%s.png"


class TicketQuestion(models.Model):
    """Asks the customers of closed tickets how satisfied they are, once, later, and not too often.

    Whom to ask is found when it is due and noted nowhere before: a ticket that was reopened, merged or converted meanwhile is
    just not found, and closing a ticket costs nothing.
    """

    _inherit = "helpdesk_lite.ticket"

    @api.model
    def _get_fixed_links(self):
        return {
            **super()._get_fixed_links(),
            "helpdesk_lite.rating.request.ticket_id": "what was asked about that very ticket, by a link that ends with it",
        }

    # ------------------------------------------------------------
    # WHICH
    # ------------------------------------------------------------

    @api.model
    def _get_rating_condition(self, team):
        """The condition that the customer of a ticket is to be asked now.

        A ticket on which no agent wrote to the customer has nothing to be rated; merged and converted tickets are archived.

        :param team: record of ``helpdesk_lite.team``, sudoed
        :return: SQL condition on ``ticket``
        """
        due = fields.Datetime.now() - timedelta(hours=team.rating_delay_hours)
        return SQL(
            """ (ticket.team_id = %(team)s AND ticket.is_closed AND ticket.active AND ticket.last_agent_date IS NOT NULL
                AND ticket.close_date >= %(since)s AND ticket.close_date <= %(due)s
                AND NOT EXISTS (SELECT FROM helpdesk_lite_rating_request request WHERE request.ticket_id = ticket.id))
            """,
            team=team.id,
            since=max(due - LATEST, team.rating_since or due),
            due=due,
        )

    @api.model
    def _cron_ask_for_ratings(self):
        """Ask in all teams. What fails in one team does not concern the others."""
        for team in self.env["helpdesk_lite.team"].search([("use_rating", "=", True)]):
            if not self._act_in_batches(team, self._get_rating_condition, "_ask_for_ratings"):
                return

    # ------------------------------------------------------------
    # ASKING
    # ------------------------------------------------------------

    def _ask_for_ratings(self, team):
        """Ask the customers of these tickets, or note why one is not asked.

        :param team: record of ``helpdesk_lite.team``, sudoed
        """
        Request = self.env["helpdesk_lite.rating.request"]
        failure = None
        for ticket in self:
            partner, email = ticket._get_rating_recipient()
            values = {"ticket_id": ticket.id, "team_id": team.id, "partner_id": partner.id, "email": email}
            if not email:
                Request.create({**values, "state": "skipped", "reason": "address"})
            elif ticket._was_handled_by(partner):
                Request.create({**values, "state": "skipped", "reason": "agent"})
            elif Request._was_asked(email, team.rating_pause_days):
                Request.create({**values, "state": "skipped", "reason": "pause"})
            else:
                error = ticket._attempt(lambda ticket=ticket, values=values: ticket._ask_for_rating(team, values))
                # otherwise the customer has just answered on the portal
                if error and not isinstance(error, IntegrityError):
                    # not noted, so that it is asked when the template is corrected within some days
                    _logger.warning("Rating template of team %s failed for ticket %s: %s", team.id, ticket.id, error)
                    failure = failure or ticket
        if failure:
            template = team.rating_template_id
            failure._alert_of_template(
                template,
                lambda ticket: ticket.env._(
                    "Customers of “%s” are not asked for a rating until the template is corrected or another is chosen.",
                    ticket.team_id.name,
                ),
            )

    def _get_rating_recipient(self):
        """Who is asked: the customer, and nobody in copy.

        :return: record of ``res.partner``, which may be empty, and str, a normalized address or False
        """
        recipients = self._message_get_default_recipients()[self.id]
        partner = self.env["res.partner"].browse(recipients["partner_ids"][:1])
        return partner, partner.email_normalized if partner else email_normalize(recipients["email_to"] or "")

    def _ask_for_rating(self, team, values):
        """Send the question, with a link of its own.

        It is no message of the ticket, as who reads the ticket could answer by its link.

        :param team: record of ``helpdesk_lite.team``, sudoed
        :param dict values: of the new request
        """
        Request = self.env["helpdesk_lite.rating.request"]
        content = self._render_stage_mail(team.rating_template_id)
        ticket = self.with_context(lang=content["lang"])
        token = Request._make_token()
        Request.create(
            {**values, "state": "asked", "token_hash": Request._hash_token(token), "asked_on": fields.Datetime.now()}
        )
        self.env["mail.mail"].create(
            {
                "subject": content["subject"],
                "body_html": ticket._get_rating_mail_body(content["body"], f"{self.get_base_url()}/helpdesk/rate/{token}"),
                "author_id": self.company_id.partner_id.id,
                "email_from": content["email_from"] or ticket._get_team_sender(),
                "reply_to": content["reply_to"] or self._notify_get_reply_to()[self.id],
                "email_to": formataddr((self.env["res.partner"].browse(values["partner_id"]).name or "", values["email"])),
                # an answer by mail lands on the ticket
                "references": self._get_last_public_reference(),
                "headers": repr({"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "OOF, AutoReply"}),
                "auto_delete": True,
            }
        )
        self._message_log(
            author_id=self.env.ref("base.partner_root").id, body=self.env._("The customer was asked how satisfied they are.")
        )
        self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()

    def _get_rating_mail_body(self, text, url):
        """The question in the layout of our mails, with the faces below it.

        :param text: Markup, from the template
        :param str url: of the page
        :return: Markup
        """
        faces = self.env["ir.qweb"]._render(
            "helpdesk_lite.rating_mail_faces", {"url": url, "faces": self._get_rating_faces(), "base_url": self.get_base_url()}
        )
        return self.env["mail.render.mixin"]._render_encapsulate(
            "mail.mail_notification_light",
            text + Markup(faces),
            add_context={
                "model_description": self.env["ir.model"]._get(self._name).display_name,
                # not the subject, which may come from an unknown sender
                "record_name": self.number,
                "company": self.company_id,
                "lang": self.env.lang,
            },
        )

    @api.model
    def _get_rating_faces(self):
        """:return: list of dict: ``rate``, ``name`` and ``image`` of each face"""
        _ = self.env._
        names = {5: _("Happy"), 3: _("Neutral"), 1: _("Unhappy")}
        return [{"rate": rate, "name": names[rate], "image": FACE_URL % rate} for rate in FACES]

    def _get_last_public_reference(self):
        """:return: str, the Message-ID of the last message that the customer knows of, or False"""
        # sudo: only the reference is used, of messages that customers may read
        message = (
            self.env["mail.message"]
            .sudo()
            .search(
                [
                    ("model", "=", self._name),
                    ("res_id", "=", self.id),
                    ("is_internal", "=", False),
                    ("message_type", "not in", ("notification", "user_notification")),
                ],
                order="id desc",
                limit=1,
            )
        )
        return message.message_id
