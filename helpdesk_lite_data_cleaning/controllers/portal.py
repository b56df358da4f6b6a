from odoo import http
from odoo.addons.helpdesk_lite.controllers.portal import MODEL, TicketPortal, is_page_settled
from odoo.addons.helpdesk_lite.tools.ids import is_id
from odoo.addons.portal.utils import validate_thread_with_hash_pid
from odoo.exceptions import AccessError, MissingError
from odoo.fields import Domain
from odoo.http import request


def is_master_settled(controller, rule, args):
    """Whether the page of a ticket can be read from a replica: that of a merged one may make the link to its master."""
    if not is_page_settled(controller, rule, args):
        return False
    if not request.env.cr.readonly or not is_id(args["ticket_id"]):
        return True
    request.env.cr.execute("SELECT merge_target_id IS NULL FROM helpdesk_lite_ticket WHERE id = %s", [args["ticket_id"]])
    found = request.env.cr.fetchone()
    return not found or found[0]


class MergedTicketPortal(TicketPortal):
    """Old numbers and links lead to the ticket that absorbed theirs, for people who can see it.

    A joined ticket stays a page of its own, which shows the state and the dates of its master and nothing else of it.
    """

    def _helpdesk_lite_searchbar_filters(self):
        """A joined ticket is as open or closed as its master."""
        filters = super()._helpdesk_lite_searchbar_filters()
        Ticket = request.env[MODEL]
        joined = Ticket.search(Ticket._get_portal_domain() & Ticket._get_joined_domain())
        closed = joined.filtered(lambda ticket: ticket._merge_get_progress().is_closed)
        for key, tickets in (("open", joined - closed), ("closed", closed)) if joined else ():
            own = filters[key]["domain"] & Domain("id", "not in", joined.ids)
            filters[key]["domain"] = own | Domain("id", "in", tickets.ids)
        return filters

    def _get_helpdesk_lite_search_domain(self, search_in, search):
        domain = super()._get_helpdesk_lite_search_domain(search_in, search)
        if search_in not in ("number", "all"):
            return domain
        # by the method, because customers cannot search for the field; it finds only their own tickets
        return domain | request.env[MODEL]._search_merged_numbers("ilike", search)

    def _get_helpdesk_lite_master_url(self, ticket_id, access_token, pid, hash):
        """The address of the ticket that absorbed an old one.

        :return: str; None when the ticket was not absorbed, or the visitor cannot see the other one
        """
        try:
            ticket_sudo = self._document_check_access(MODEL, ticket_id, access_token)
        except (AccessError, MissingError):
            return None
        root = ticket_sudo._merge_get_absorber()
        if root == ticket_sudo:
            return None
        if root.with_user(request.env.user).has_access("read"):
            return root.access_url
        if not ticket_sudo._is_access_token(access_token) or not ticket_sudo._merge_opens_master(root):
            return None
        url = f"{root.access_url}?access_token={root._portal_ensure_token()}"
        if (
            str(pid).isdecimal()
            and isinstance(hash, str)
            and hash.isascii()
            and validate_thread_with_hash_pid(ticket_sudo, hash, int(pid))
        ):
            url += f"&pid={pid}&hash={root._sign_token(int(pid))}"
        return url

    @http.route(readonly=is_master_settled)
    def helpdesk_lite_ticket(self, ticket_id, access_token=None, pid=None, hash=None, **kwargs):
        """Show the ticket that absorbed an old one."""
        url = self._get_helpdesk_lite_master_url(ticket_id, access_token, pid, hash)
        if url:
            return request.redirect(url)
        return super().helpdesk_lite_ticket(ticket_id, access_token=access_token, pid=pid, hash=hash, **kwargs)

    @http.route()
    def helpdesk_lite_ticket_close(self, ticket_id, access_token=None, **kwargs):
        """An old ticket can no longer be closed: show what became of it."""
        # sudo: whether it was merged is looked at before access is checked
        ticket = request.env[MODEL].sudo().browse(ticket_id).exists() if 0 < ticket_id < 2**31 else None
        if ticket and ticket.merge_target_id:
            return self.helpdesk_lite_ticket(ticket_id, access_token=access_token)
        return super().helpdesk_lite_ticket_close(ticket_id, access_token=access_token, **kwargs)
