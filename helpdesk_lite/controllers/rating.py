from odoo import http
from odoo.addons.rating.controllers.main import Rating
from odoo.exceptions import AccessError, MissingError
from odoo.http import request
from odoo.tools import get_lang
from werkzeug.exceptions import BadRequest

from ..models.guards.attached_mixin import OURS
from ..models.ratings.rating_request import FACES, MAX_COMMENT
from ..tools.ids import is_id
from ..tools.ticket_numbers import clean_number
from .portal import TicketPortal

# a comment that is too long is sent back to be shortened; what is far longer is not even read
MAX_BODY = 4 * 1024**2  # bytes
# what is no letter and has a meaning: joiners of emoji and of letters of some languages, and a hyphen
KEPT = "\n\t\u200c\u200d\u00ad"
# the questions that this browser has answered
SESSION_KEY = "helpdesk_lite_rated"
# the address has the token, which no other site and no search engine may learn
HEADERS = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow", "Cache-Control": "no-store"}


class RatingAnswers:
    """What both doors of the page share: how an answer is read, whether it is a person's, and how the page is shown.

    Mail scanners open every link, run the page in a browser without a person, and send its forms. So opening the page
    changes nothing, and an answer counts only with a proof, which a script gets when somebody touches the page; without a
    script, people type the number of their ticket, which is in our mails and not on the page. The page shows nothing of the
    ticket.
    """

    def _speak_to_customer(self, ticket):
        """Use the customer's language, which need not be that of the browser or of the website."""
        request.update_context(lang=get_lang(request.env, ticket._get_customer_lang()).code)

    def _read_rating(self, rate):
        return int(rate) if rate in {str(face) for face in FACES} else None

    def _read_rating_comment(self, post):
        """:return: str without characters that cannot be stored, at most one longer than allowed"""
        comment = post.get("comment")
        comment = comment.replace("\r\n", "\n")[: MAX_COMMENT + 1] if isinstance(comment, str) else ""
        return "".join(char if char.isprintable() or char in KEPT else " " for char in comment).strip()

    def _is_ticket_number(self, question, number):
        """Whether somebody who has our mail typed this."""
        return isinstance(number, str) and clean_number(number.strip()).lower() == question.ticket_id.number.lower()

    # ------------------------------------------------------------
    # ANSWERING
    # ------------------------------------------------------------

    def _answer_rating(self, question, url, post, is_person):
        """Store an answer, or say what is missing.

        :param question: record of ``helpdesk_lite.rating.request``, sudoed
        :param str url: of the page
        :param dict post: parameters of the request
        :param bool is_person: whether somebody has logged in to answer
        :return: response
        """
        _ = request.env._
        values = {
            "rate": self._read_rating(post.get("rate")),
            "comment": self._read_rating_comment(post),
            "agreed": post.get("agreed") == "1",
        }
        if values["rate"] is None:
            return self._render_rating(question.ticket_id, url, values, error=_("Please choose one of the faces."), status=400)
        if len(values["comment"]) > MAX_COMMENT:
            error = _("Your comment is too long. Please use at most %s characters.", MAX_COMMENT)
            return self._render_rating(question.ticket_id, url, values, error=error, status=400)
        if not (is_person or question._is_proof(post.get("proof")) or self._is_ticket_number(question, post.get("number"))):
            number = post.get("number")
            error = _("This is not the number of the ticket.") if isinstance(number, str) and number.strip() else None
            return self._render_rating(question.ticket_id, url, values, error=error, ask_number=True)
        rated = request.session.get(SESSION_KEY) or []
        own = question.id in rated or (is_person and question.rating_id.partner_id == request.env.user.partner_id)
        if question._answer(values["rate"], values["comment"], values["agreed"], own=own):
            request.session[SESSION_KEY] = [*(other for other in rated if other != question.id), question.id][-100:]
            return self._render_rating(question.ticket_id, url, values, done=True)
        return self._render_rating(question.ticket_id, url, values, done=True, too_late=True)

    def _render_rating(self, ticket, url, values, status=200, **more):
        """:param ticket: record of ``helpdesk_lite.ticket``, sudoed"""
        response = request.render(
            "helpdesk_lite.rating_page",
            {
                "url": url,
                "faces": request.env["helpdesk_lite.ticket"]._get_rating_faces(),
                "company": ticket.company_id,
                "can_publish": ticket.team_id._are_ratings_public(),
                # customers who have logged in need no proof
                "touch": f"{url}/touch" if url.startswith("/helpdesk/") else None,
                "max_comment": MAX_COMMENT,
                "values": values,
                **more,
            },
        )
        response.status_code = status
        response.headers.update(HEADERS)
        return response


class RatingPage(RatingAnswers, http.Controller):
    """The page behind the link of a mail that asks, and the page of what a team publishes."""

    @http.route("/helpdesk/rate/<string:token>", type="http", auth="public", methods=["GET"], website=True, sitemap=False)
    def rating_page(self, token, rate=None, **_kwargs):
        """Show the faces and a field for a comment; change nothing."""
        question = self._find_question(token)
        return self._render_rating(question.ticket_id, f"/helpdesk/rate/{token}", {"rate": self._read_rating(rate)})

    @http.route(
        "/helpdesk/rate/<string:token>",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
        sitemap=False,
        max_content_length=MAX_BODY,
    )
    def rating_submit(self, token, **post):
        """Store the answer of a person; ask for the number of the ticket when it may be a program's."""
        question = self._find_question(token)
        return self._answer_rating(question, f"/helpdesk/rate/{token}", post, is_person=False)

    @http.route(
        "/helpdesk/rate/<string:token>/touch", type="http", auth="public", methods=["POST"], website=True, sitemap=False
    )
    def rating_touch(self, token, **_kwargs):
        """Give a proof to the script of a page that somebody has touched."""
        return request.make_response(
            self._find_question(token)._make_proof(), [("Content-Type", "text/plain"), *HEADERS.items()]
        )

    @http.route(
        "/helpdesk/<string:team_slug>/ratings", type="http", auth="public", methods=["GET"], website=True, sitemap=False
    )
    def rating_published(self, team_slug, **_kwargs):
        """Show the ratings that a team publishes."""
        if "\0" in team_slug:
            raise BadRequest
        team_id = request.env["ir.http"]._unslug(team_slug)[1]
        if not is_id(team_id):
            raise request.not_found()
        # sudo: only teams that publish their ratings are shown, and of these only what is published
        team = request.env["helpdesk_lite.team"].sudo().browse(team_id).exists()
        if not team or not team._are_ratings_public():
            raise request.not_found()
        return request.render(
            "helpdesk_lite.rating_published",
            {
                "team": team,
                "published": team._get_published_ratings(),
                "faces": request.env["helpdesk_lite.ticket"]._get_rating_faces(),
            },
        )

    def _find_question(self, token):
        """The question that a link leads to.

        :param str token: from the URL
        :return: record of ``helpdesk_lite.rating.request``, sudoed
        :raise BadRequest: when the URL contains a null character
        :raise NotFound: when the link was forged, or has ended
        """
        if "\0" in token:
            raise BadRequest
        # sudo: the token is the permission to answer this one question
        question = request.env["helpdesk_lite.rating.request"].sudo()._find_by_token(token)
        if not question:
            raise request.not_found(request.env._("This link has expired, or was not copied completely."))
        self._speak_to_customer(question.ticket_id)
        return question


class TicketPortalRating(RatingAnswers, TicketPortal):
    """The same page for customers who are logged in, with or without a mail that asks."""

    @http.route("/my/helpdesk-tickets/<int:ticket_id>/rate", type="http", auth="user", methods=["GET"], website=True)
    def helpdesk_lite_ticket_rate(self, ticket_id, rate=None, **_kwargs):
        """Show the faces; change nothing."""
        ticket_sudo = self._get_helpdesk_lite_rated_ticket(ticket_id)
        if not ticket_sudo:
            return request.redirect("/my")
        said = ticket_sudo._get_portal_rating(request.env.user) or {}
        values = {"rate": self._read_rating(rate) or said.get("rate"), "comment": said.get("comment")}
        return self._render_rating(ticket_sudo, f"/my/helpdesk-tickets/{ticket_id}/rate", values)

    @http.route(
        "/my/helpdesk-tickets/<int:ticket_id>/rate",
        type="http",
        auth="user",
        methods=["POST"],
        website=True,
        max_content_length=MAX_BODY,
    )
    def helpdesk_lite_ticket_rate_submit(self, ticket_id, **post):
        """Store the answer of the ticket's customer."""
        ticket_sudo = self._get_helpdesk_lite_rated_ticket(ticket_id)
        # sudo: nobody has access to requests; whether the user may rate this ticket was just checked
        question = ticket_sudo and request.env["helpdesk_lite.rating.request"].sudo()._find_by_ticket(ticket_sudo)
        if not question:
            return request.redirect("/my")
        response = self._answer_rating(question, f"/my/helpdesk-tickets/{ticket_id}/rate", post, is_person=True)
        if question.state == "portal":
            # nothing was stored, and the customer can still be asked
            question.unlink()
        return response

    def _get_helpdesk_lite_rated_ticket(self, ticket_id):
        """:return: record of ``helpdesk_lite.ticket``, sudoed, or None when the user cannot rate it"""
        try:
            ticket_sudo = self._document_check_access("helpdesk_lite.ticket", ticket_id)
        except (AccessError, MissingError):
            return None
        if not ticket_sudo._can_rate_from_portal(request.env.user):
            return None
        self._speak_to_customer(ticket_sudo)
        return ticket_sudo


class StandardRating(Rating):
    """Odoo's own pages for ratings, which do not tell people from programs, know no tickets."""

    def _get_rating_and_record(self, token):
        rating_sudo, record_sudo = super()._get_rating_and_record(token)
        if rating_sudo.res_model in OURS:
            raise request.not_found()
        return rating_sudo, record_sudo
