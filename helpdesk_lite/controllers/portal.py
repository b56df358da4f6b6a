from odoo import http
from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager
from odoo.exceptions import AccessError, MissingError
from odoo.fields import Domain
from odoo.http import request

from ..tools.addresses import PORTAL
from ..tools.ids import is_id
from ..tools.ticket_numbers import clean_number
from .freshness import is_settled, note_writing

MODEL = "helpdesk_lite.ticket"
HISTORY = "helpdesk_lite_tickets_history"
# Odoo calls one method of a name, and shows one variable of a name on a page, whichever addon they are of
COUNTER = "helpdesk_lite_ticket_count"
PAGE = "helpdesk_lite_ticket"


def is_page_settled(controller, rule, args):
    """Whether the page of a ticket can be read from a replica: its files have an address only with an access link, which
    the page makes where there is none.
    """
    if not is_settled(controller, rule, args):
        return False
    if not request.env.cr.readonly or not is_id(args["ticket_id"]):
        # without a replica there is no choice
        return True
    request.env.cr.execute("SELECT access_token IS NOT NULL FROM helpdesk_lite_ticket WHERE id = %s", [args["ticket_id"]])
    found = request.env.cr.fetchone()
    return not found or found[0]


class TicketPortal(CustomerPortal):
    """The list of the tickets that a customer follows, and the page of a ticket.

    Access depends on the user's own record rules or on an access link
    (``Ticket._is_access_token``). Invalid parameters are ignored.
    """

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if COUNTER in counters:
            Ticket = request.env[MODEL]
            values[COUNTER] = Ticket.search_count(Ticket._get_portal_domain()) if Ticket.has_access("read") else 0
        return values

    def _document_check_access(self, model_name, document_id, access_token=None):
        if model_name != MODEL:
            return super()._document_check_access(model_name, document_id, access_token=access_token)
        if not is_id(document_id):
            raise MissingError(request.env._("This document does not exist."))
        # sudo: tokens must be compared before access to the ticket is checked
        ticket = request.env[MODEL].sudo().browse(document_id).exists()
        token = ticket.access_token if ticket and ticket._is_access_token(access_token) else None
        return super()._document_check_access(model_name, document_id, access_token=token)

    # ------------------------------------------------------------
    # LIST
    # ------------------------------------------------------------

    def _helpdesk_lite_searchbar_filters(self):
        _ = request.env._
        return {
            "all": {"label": _("All"), "domain": Domain.TRUE},
            "open": {"label": _("Open"), "domain": Domain("is_closed", "=", False)},
            "closed": {"label": _("Closed"), "domain": Domain("is_closed", "=", True)},
        }

    def _helpdesk_lite_searchbar_sortings(self):
        _ = request.env._
        return {
            "date": {"label": _("Newest"), "order": "opened_on desc, id desc"},
            "update": {"label": _("Last Stage Update"), "order": "date_last_stage_update desc, id desc"},
            "name": {"label": _("Subject"), "order": "name, id desc"},
            "number": {"label": _("Number"), "order": "number desc, id desc"},
            "stage": {"label": _("Stage"), "order": "stage_id, id desc"},
        }

    def _helpdesk_lite_searchbar_groupby(self):
        _ = request.env._
        return {
            "none": {"label": _("None")},
            "stage_id": {"label": _("Stage"), "order": "stage_id"},
            "team_id": {"label": _("Team"), "order": "team_id"},
        }

    def _helpdesk_lite_searchbar_inputs(self):
        _ = request.env._
        return {
            "all": {"input": "all", "label": _("Search in All")},
            "number": {"input": "number", "label": _("Search in Number")},
            "name": {"input": "name", "label": _("Search in Subject")},
            "messages": {"input": "messages", "label": _("Search in Messages")},
        }

    def _get_helpdesk_lite_search_domain(self, search_in, search):
        number, name = request.env[MODEL]._match_number(clean_number(search)), Domain("name", "ilike", search)
        if search_in == "messages":
            # with the user's own rights, so that the search does not reveal internal notes
            messages = request.env["mail.message"].search(
                request.env["mail.message"]._get_search_domain_share()
                & Domain("model", "=", MODEL)
                & Domain("body", "ilike", search)
                & Domain("res_id", "in", request.env[MODEL].search(request.env[MODEL]._get_portal_domain()).ids)
            )
            return Domain("id", "in", messages.mapped("res_id")) | Domain("description", "ilike", search)
        return {"number": number, "name": name}.get(search_in, number | name)

    @http.route([PORTAL, f"{PORTAL}/page/<int:page>"], type="http", auth="user", website=True, readonly=is_settled)
    def helpdesk_lite_tickets(self, page=1, sortby=None, filterby=None, groupby=None, search=None, search_in=None, **_kwargs):
        """Show the tickets that the user follows."""
        Ticket = request.env[MODEL]
        if not Ticket.has_access("read"):
            return request.redirect("/my")
        filters, sortings = self._helpdesk_lite_searchbar_filters(), self._helpdesk_lite_searchbar_sortings()
        groupings, inputs = self._helpdesk_lite_searchbar_groupby(), self._helpdesk_lite_searchbar_inputs()
        filterby = filterby if filterby in filters else "all"
        sortby = sortby if sortby in sortings else "date"
        groupby = groupby if groupby in groupings else "none"
        search_in = search_in if search_in in inputs else "all"
        search = "".join(char for char in search or "" if char.isprintable()).strip()
        page = int(page) if str(page).isdecimal() else 1

        domain = Ticket._get_portal_domain() & filters[filterby]["domain"]
        if search:
            domain &= self._get_helpdesk_lite_search_domain(search_in, search)
        pager = portal_pager(
            url=PORTAL,
            page=page,
            step=self._items_per_page,
            total=Ticket.search_count(domain),
            url_args={"sortby": sortby, "filterby": filterby, "groupby": groupby, "search": search, "search_in": search_in},
        )
        order = sortings[sortby]["order"]
        if groupby != "none":
            order = f"{groupings[groupby]['order']}, {order}"
        tickets = Ticket.search(domain, order=order, limit=self._items_per_page, offset=max(0, pager["offset"]))
        request.session[HISTORY] = tickets.ids[:100]
        # sudo: the names of stages and teams are shown to customers, who cannot read these models
        groups = tickets.sudo().grouped(groupby).values() if groupby != "none" else [tickets.sudo()]
        return request.render(
            "helpdesk_lite.portal_my_tickets",
            {
                **self._prepare_portal_layout_values(),
                "page_name": PAGE,
                "default_url": PORTAL,
                "pager": pager,
                "ticket_groups": [group for group in groups if group],
                "searchbar_filters": filters,
                "filterby": filterby,
                "searchbar_sortings": sortings,
                "sortby": sortby,
                "searchbar_groupby": groupings,
                "groupby": groupby,
                "searchbar_inputs": inputs,
                "search_in": search_in,
                "search": search,
            },
        )

    # ------------------------------------------------------------
    # PAGE
    # ------------------------------------------------------------

    @http.route(f"{PORTAL}/<int:ticket_id>", type="http", auth="public", website=True, readonly=is_page_settled)
    def helpdesk_lite_ticket(self, ticket_id, access_token=None, pid=None, hash=None, **_kwargs):
        """Show a ticket to a follower or to a visitor with its access link."""
        try:
            ticket_sudo = self._document_check_access(MODEL, ticket_id, access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        by_link = ticket_sudo._is_access_token(access_token)
        return request.render(
            "helpdesk_lite.portal_ticket_page",
            {
                **self._prepare_portal_layout_values(),
                **self._get_helpdesk_lite_pager(ticket_sudo),
                "page_name": PAGE,
                PAGE: ticket_sudo,
                "object": ticket_sudo,
                "attachments": ticket_sudo._get_portal_attachments(),
                "promises": ticket_sudo._get_customer_promises(),
                "can_close": ticket_sudo._can_close_from_portal(),
                # for the chatter
                "token": access_token if by_link else None,
                "pid": pid if by_link and str(pid).isdecimal() else None,
                "hash": hash if by_link else None,
            },
        )

    def _get_helpdesk_lite_pager(self, ticket):
        """The links to the previous and the next ticket in the list that the user saw last.

        They contain no tokens, because the user may have lost access to tickets in the list.

        :param ticket: record of ``helpdesk_lite.ticket``
        :return: dict with ``prev_record`` and ``next_record``; empty if the ticket is not in the list
        """
        ids = request.session.get(HISTORY, [])
        if ticket.id not in ids:
            return {}
        position = ids.index(ticket.id)
        before, after = ids[max(0, position - 1) : position], ids[position + 1 : position + 2]
        return {
            "prev_record": f"{PORTAL}/{before[0]}" if before else False,
            "next_record": f"{PORTAL}/{after[0]}" if after else False,
        }

    @http.route(f"{PORTAL}/<int:ticket_id>/close", type="http", auth="public", methods=["POST"], website=True)
    def helpdesk_lite_ticket_close(self, ticket_id, access_token=None, **_kwargs):
        """Close a ticket for its customer, if the team allows it."""
        try:
            ticket_sudo = self._document_check_access(MODEL, ticket_id, access_token)
        except (AccessError, MissingError):
            return request.redirect("/my")
        if ticket_sudo._can_close_from_portal():
            # sudo: customers cannot write to tickets, and closing is the only change they can make. It is done
            # as their user, so that the history shows who closed the ticket.
            ticket_sudo.with_user(request.env.user).sudo()._close_from_portal()
            note_writing()
        token = access_token if ticket_sudo._is_access_token(access_token) else None
        return request.redirect(ticket_sudo.access_url + (f"?access_token={token}" if token else ""))
