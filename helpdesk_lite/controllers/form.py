import logging
import re

from markupsafe import Markup
from odoo import http
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.http import request
from odoo.tools import email_normalize, formataddr, plaintext2html
from odoo.tools.misc import get_lang
from werkzeug.exceptions import BadRequest

from ..tools.addresses import get_form_routes
from ..tools.file_names import clean_file_name
from ..tools.ids import is_id
from ..tools.visitors import find_visitor, get_peer
from .freshness import is_settled, note_writing

_logger = logging.getLogger(__name__)

MAX_LENGTHS = {"name": 100, "email": 254, "subject": 200, "description": 50_000}
MAX_FILES = 10
MAX_FILE_SIZE = 10 * 1024**2
MAX_TOTAL_SIZE = 25 * 1024**2
# this field is invisible to people, so only programs fill it in
HONEYPOT = "confirm_subject"
# one bare address with a domain, not "Name <address>" nor a list as in mail headers
EMAIL = re.compile(r"[^\s@<>\"',;:()\[\]\\]+@[^\s@<>\"',;:()\[\]\\.]+(\.[^\s@<>\"',;:()\[\]\\.]+)+")
SESSION_KEY = "helpdesk_lite_sent_ticket"
# key of the request's environment: how long its message has to wait, 0 when it was counted
WAIT = "helpdesk_lite.wait"


def format_size(size, decimal_point="."):
    """Format a file size for people.

    :param size: in bytes, int
    :param decimal_point: of the user's language
    :return: str

    >>> format_size(10 * 1024**2), format_size(2560), format_size(2560, ",")
    ('10 MB', '2.5 kB', '2,5 kB')
    """
    text = f"{size / 1024**2:.3g} MB" if size >= 1024**2 else f"{size / 1024:.3g} kB"
    return text.replace(".", decimal_point)


def _list_form_pages(env, _rule, query):
    """List the page for the website's map of pages, once although it has two addresses; called by Odoo."""
    address = env["ir.http"]._get_helpdesk_lite_form()
    if not query or query.lower() in address:
        yield {"loc": address}


class TicketForm(http.Controller):
    """The public form, through which every visitor can write to a team.

    Visitors have no access rights. The controller builds the values of their tickets field by field,
    and trusts their identity only when they are logged in.
    """

    @http.route(
        get_form_routes(), type="http", auth="public", methods=["GET"], website=True, sitemap=_list_form_pages, readonly=True
    )
    def form_teams(self, **_kwargs):
        """Show the teams that have a form."""
        # sudo: names and descriptions of teams with a form are published
        teams = (
            request.env["helpdesk_lite.team"]
            .sudo()
            .search(Domain("use_website_form", "=", True) & Domain("company_id", "=", request.env.company.id))
        )
        return request.render("helpdesk_lite.form_teams", {"teams": teams})

    @http.route(
        get_form_routes("/<string:team_slug>"),
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
        readonly=True,
    )
    def form_page(self, team_slug, **_kwargs):
        """Show the form of a team."""
        return self._render_form(self._get_team(team_slug))

    @http.route(
        get_form_routes("/<string:team_slug>"),
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
        sitemap=False,
        max_content_length=MAX_TOTAL_SIZE + 10 * 1024**2,
    )
    def form_submit(self, team_slug, **post):
        """Create a ticket from the visitor's message, or show what they have to correct."""
        team = self._get_team(team_slug)
        values = {**self._read_values(post), "type": team._read_form_type(post.get("type"))}
        files = [file for file in request.httprequest.files.getlist("files") if file.filename]
        error = self._find_error(values, post) or self._find_file_error(files)
        if error:
            return self._render_form(team, values, error, status=400)
        if wait := self._count(values):
            _logger.info("Helpdesk form of team %s: a message is refused, as its sender has sent too many", team.id)
            response = self._render_form(
                team,
                values,
                request.env._("You have sent many messages in a short time. Please try again in an hour."),
                status=429,
            )
            # in seconds; the sentence is for people, who need no exact time
            response.headers["Retry-After"] = str(wait)
            return response
        try:
            with request.env.cr.savepoint():
                ticket = self._create_ticket(team, values, files)
        except UserError as error:
            _logger.warning("Helpdesk form of team %s: %s", team.id, error)
            return self._render_form(
                team,
                values,
                request.env._("We cannot take messages for this team right now. Please try again later."),
                status=400,
            )
        note_writing()
        # in the session, so that visitors cannot read the numbers of other people's tickets
        request.session[SESSION_KEY] = {"id": ticket.id, "number": ticket.number, "team_id": team.id}
        return request.redirect(f"{request.env['ir.http']._get_helpdesk_lite_form()}/thanks", code=303)

    @http.route(
        get_form_routes("/thanks"),
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
        sitemap=False,
        readonly=is_settled,
    )
    def form_thanks(self, **_kwargs):
        """Show the number of the ticket that the visitor has just created."""
        sent = request.session.get(SESSION_KEY)
        if not sent:
            return request.redirect(request.env["ir.http"]._get_helpdesk_lite_form())
        # sudo: only the published URL of the team's form is shown
        team = request.env["helpdesk_lite.team"].sudo().browse(sent["team_id"]).exists()
        ticket = request.env["helpdesk_lite.ticket"].browse(sent["id"]).exists()
        visible = ticket and not request.env.user._is_public() and ticket.has_access("read")
        return request.render(
            "helpdesk_lite.form_thanks",
            {
                "number_text": request.env._(
                    "The number of your ticket is %s.",
                    Markup('<strong class="o_helpdesk_lite_number">%s</strong>') % sent["number"],
                ),
                "team": team,
                "ticket_url": ticket.access_url if visible else False,
            },
        )

    def _count(self, values):
        """Count a message, once also when Odoo tries the request again after a serialization failure.

        :param dict values: from ``_read_values``
        :return: int, 0 when the message is accepted, or else the seconds until one is accepted again
        """
        # the environment of the server is all that stays when Odoo tries again; the count is committed by then
        environ = request.httprequest.environ
        if WAIT not in environ:
            addresses, peer = self._get_addresses(values)
            # sudo: visitors cannot read these rows; they learn only whether they have reached the limit
            environ[WAIT] = request.env["helpdesk_lite.form.visit"].sudo()._count(addresses, peer)
        return environ[WAIT]

    # ------------------------------------------------------------
    # READING
    # ------------------------------------------------------------

    def _get_team(self, team_slug):
        """The team of a URL.

        :param str team_slug: from the URL
        :return: record of ``helpdesk_lite.team``, sudoed
        :raise BadRequest: when the URL contains a null character
        :raise NotFound: when there is no such team, or it has no form
        """
        if "\0" in team_slug:
            # after "not found", Odoo would search for a page with that URL, which raises an error
            raise BadRequest
        team_id = request.env["ir.http"]._unslug(team_slug)[1]
        if not is_id(team_id):
            raise request.not_found()
        # sudo: the domain excludes teams without a published form
        team = (
            request.env["helpdesk_lite.team"].sudo().search(Domain("id", "=", team_id) & Domain("use_website_form", "=", True))
        )
        if not team:
            raise request.not_found()
        return team

    def _read_values(self, post):
        """Read the visitor's input, without characters that cannot be stored.

        :param dict post: parameters of the request
        :return: dict of str; for users who are logged in, with their own name and e-mail address
        """
        values = {}
        for fname in MAX_LENGTHS:
            value = post.get(fname)
            # one character too many shows that a value is too long; the rest would be processed and sent back
            value = value.replace("\r\n", "\n")[: MAX_LENGTHS[fname] + 1] if isinstance(value, str) else ""
            kept = "\n\t" if fname == "description" else ""
            values[fname] = "".join(
                char if char.isprintable() or char in kept else ("" if char == "\0" else " ") for char in value
            ).strip()
        return {**values, **self._get_identity()}

    def _get_identity(self):
        """The name and e-mail address of the user who is logged in.

        :return: dict of str; empty for a visitor
        """
        user = request.env.user
        if user._is_public():
            return {}
        # no sudo needed: in a request, the user's own record is sudoed
        return {"name": user.name, "email": user.email or ""}

    def _find_error(self, values, post):
        """Check the input.

        :param dict values: from ``_read_values``
        :param dict post: parameters of the request
        :return: one sentence about the first error, or None
        """
        _ = request.env._
        visitor = request.env.user._is_public()
        if post.get(HONEYPOT):
            return _("Please leave the field “Do not fill in this field” empty and send your message again.")
        if visitor and not values["name"]:
            return _("Please tell us your name.")
        if visitor and not values["email"]:
            return _("Please tell us your e-mail address, so that we can answer you.")
        if visitor and not EMAIL.fullmatch(values["email"]):
            return _("We cannot send an answer to the e-mail address “%s”. Please check it.", values["email"])
        if not values["subject"]:
            return _("Please give your message a subject.")
        if not values["description"]:
            return _("Please write a message.")
        for fname, length in MAX_LENGTHS.items():
            if len(values[fname]) > length and (visitor or fname in ("subject", "description")):
                return {
                    "name": _("Your name is too long. Please use at most %s characters.", length),
                    "email": _("Your e-mail address is too long. Please use at most %s characters.", length),
                    "subject": _("The subject is too long. Please use at most %s characters.", length),
                    "description": _("The message is too long. Please use at most %s characters.", length),
                }[fname]
        return None

    def _find_file_error(self, files):
        """Check the number and the sizes of the files.

        :param list files: uploads of the request
        :return: one sentence about the first error, or None
        """
        _ = request.env._
        if len(files) > MAX_FILES:
            return _("You can send at most %s files. Please choose your files again.", MAX_FILES)
        max_size, total = self._get_max_file_size(), 0
        for file in files:
            # the stream's end is its real size; headers of the request cannot be trusted
            size = file.stream.seek(0, 2)
            file.stream.seek(0)
            total += size
            if size > max_size:
                return _(
                    "The file “%(name)s” is larger than %(size)s. Please choose your files again.",
                    name=clean_file_name(file.filename),
                    size=self._format_size(max_size),
                )
        if total > MAX_TOTAL_SIZE:
            return _(
                "Your files are larger than %s together. Please choose your files again.", self._format_size(MAX_TOTAL_SIZE)
            )
        return None

    def _get_max_file_size(self):
        # sudo: the upload limit of the database is no secret
        limit = request.env["ir.config_parameter"].sudo().get_param("web.max_file_upload_size", "")
        return min(MAX_FILE_SIZE, int(limit)) if limit.strip().isdecimal() else MAX_FILE_SIZE

    def _get_addresses(self, values):
        """The keys under which messages are counted against floods: the visitor's network and e-mail address.

        :param dict values: from ``_read_values``
        :return: tuple (list of str, name of the peer or None when the visitor is known)
        """
        if not request.env.user._is_public():
            # users are counted by id, because offices share a network address and e-mail addresses can be invented
            return [f"user {request.env.uid}"], None
        email = email_normalize(values["email"]) or values["email"]
        environ = request.httprequest.environ
        visitor = find_visitor(environ)
        return ([visitor, email], None) if visitor else ([email], get_peer(environ))

    # ------------------------------------------------------------
    # CREATING
    # ------------------------------------------------------------

    def _create_ticket(self, team, values, files):
        """Create the ticket, and post the customer's message and files on it.

        :param team: record of ``helpdesk_lite.team``, sudoed
        :param dict values: from ``_read_values``, checked
        :param list files: uploads of the request
        :return: record of ``helpdesk_lite.ticket``, sudoed
        """
        partner = self._get_customer(team, values["email"])
        body = plaintext2html(values["description"])
        # the message below replaces the note about the creation
        Ticket = (
            request.env["helpdesk_lite.ticket"]
            .sudo()  # sudo: visitors cannot create tickets; the team was looked up and the values were checked
            .with_company(team.company_id)
            .with_context(mail_create_nosubscribe=request.env.user.share, mail_create_nolog=True)
        )
        ticket = Ticket.create(
            {
                "name": values["subject"],
                "description": body,
                "team_id": team.id,
                "type_id": values["type"].id,
                "user_id": False,
                **(
                    {"partner_id": partner.id}
                    if partner
                    else {
                        "partner_name": values["name"],
                        "partner_email": email_normalize(values["email"]) or values["email"],
                        "partner_lang": request.env.lang,
                    }
                ),
            }
        )
        ticket.message_post(
            body=body,
            # authors are not notified of their own message, and neither are people whose address a visitor used
            author_id=partner.id,
            email_from=None if partner else formataddr((values["name"], ticket.partner_email)),
            message_type="comment",
            subtype_id=ticket._creation_subtype().id,
            attachments=[(file.filename, file.read()) for file in files],  # the model cleans the names
        )
        return ticket

    def _get_customer(self, team, email):
        """The customer of a ticket: the user's own contact, or else the contact with that address.

        A visitor may enter another person's address. As with e-mail, this person becomes the customer
        and gets the acknowledgement, and the visitor can see nothing. An employee never becomes the
        customer of a visitor's ticket.

        :param team: record of ``helpdesk_lite.team``, sudoed
        :param str email: address from the form
        :return: record of ``res.partner``, which may be empty
        """
        user = request.env.user
        if not user._is_public():
            return user.partner_id
        # sudo: the visitor does not learn whether the contact exists
        partners = (
            request.env["res.partner"]
            .sudo()
            .search(
                Domain("email_normalized", "=", email_normalize(email))
                & Domain("company_id", "in", [False, team.company_id.id])
            )
        )
        partners = partners.filtered(lambda partner: not partner._has_unverified_email())
        return partners.filtered("partner_share")[:1] if all(partners.mapped("partner_share")) else partners.browse()

    # ------------------------------------------------------------
    # SHOWING
    # ------------------------------------------------------------

    def _render_form(self, team, values=None, error=None, status=200):
        identity = self._get_identity()
        response = request.render(
            "helpdesk_lite.form_page",
            {
                "team": team,
                "values": values or {},
                "types": team._get_form_types(),
                "identity": identity,
                "error": error,
                "max_lengths": MAX_LENGTHS,
                "texts": self._get_texts(identity),
                "max_files": MAX_FILES,
                "max_file_size": self._get_max_file_size(),
                "max_total_size": MAX_TOTAL_SIZE,
                "honeypot": HONEYPOT,
            },
        )
        response.status_code = status
        return response

    def _get_texts(self, identity):
        """The sentences with values, which in a template would be split into untranslatable fragments.

        :param dict identity: from ``_get_identity``
        :return: dict of str
        """
        _ = request.env._
        size, together = self._format_size(self._get_max_file_size()), self._format_size(MAX_TOTAL_SIZE)
        who = Markup("<strong>%s</strong>") % identity.get("name")
        if identity.get("email"):
            who += f" ({identity['email']})"
        return {
            "identity": _("You write as %s.", who),
            "limits": _(
                "At most %(count)s files of %(size)s each, %(total)s together.", count=MAX_FILES, size=size, total=together
            ),
            "too_many": _("You can send at most %s files.", MAX_FILES),
            "too_large": _("A file can have at most %s.", size),
            "too_large_together": _("Your files can have at most %s together.", together),
        }

    def _format_size(self, size):
        return format_size(size, get_lang(request.env).decimal_point)
