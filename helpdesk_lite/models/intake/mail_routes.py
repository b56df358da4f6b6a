from odoo import api, models
from odoo.fields import Domain
from odoo.tools.mail import email_split, parse_contact_from_email

from .delivery import OURS, TEAM, TICKET, ForOthers, working_on

# how Odoo's own mail gateway script recognises that an address is unknown
NO_ROUTE = "No possible route found"


class MailRoutes(models.AbstractModel):
    """Judges the routes that Odoo found for a kept mail: which are taken, and what to do with a mail that has none."""

    _inherit = "mail.thread"

    @api.model
    def _choose_routes(self, delivery, message_dict, routes):
        """Decide which routes of a mail are taken.

        :param Delivery delivery: of the mail; is changed
        :param dict message_dict: the parsed mail
        :param list routes: from Odoo
        :return: list of routes
        :raise ForOthers: when none of them is ours, and Odoo knows what to do
        :raise ValueError: when the alias of a team is wrong
        """
        if delivery.is_misconfigured:
            raise ValueError(f"An alias is not configured correctly; the mail is to {message_dict.get('recipients')}")
        known = delivery.known
        if not any(route[0] in OURS for route in routes):
            return self._judge_no_route(delivery, message_dict, routes)
        if known and not known.is_same(delivery.identity):
            delivery.park("known_id")
            return []
        with working_on(None):
            for alias, *refusal in delivery.others_refusals:
                alias._alias_bounce_incoming_email(*refusal)
        self._look_up_blocks(delivery, message_dict)
        taken, is_blocked, is_served = [], False, False
        for route in routes:
            if route[0] not in OURS:
                # of a mail that comes again, Odoo served its own models the first time
                taken += [] if known else [route]
            elif self._is_served(known, route):
                is_served = True
            elif self._is_route_blocked(known, route):
                is_blocked = True
            else:
                taken.append(route)
                self._note_target(delivery, route)
        if not any(route[0] in OURS for route in taken):
            if is_blocked:
                delivery.park("blocked")
            elif is_served:
                delivery.state = "duplicate"
        return taken

    @api.model
    def _judge_no_route(self, delivery, message_dict, routes):
        """Decide about a mail that no team and no ticket gets.

        :param Delivery delivery: of the mail; is changed
        :param dict message_dict: the parsed mail
        :param list routes: to other models
        :return: list of routes
        :raise ForOthers: when Odoo knows what to do
        """
        bounced = message_dict.get("bounced_message")
        if delivery.is_refused:
            delivery.park("archived" if delivery.is_archived else "refused")
        elif routes or delivery.others_refusals or (delivery.known and not delivery.known.is_ours):
            raise ForOthers
        elif delivery.known:
            delivery.state = "duplicate"
        elif message_dict.get("is_bounce") and bounced and bounced.model in OURS:
            delivery.ticket_ids |= {bounced.res_id} if bounced.model == TICKET else set()
            delivery.state = "done"
        elif not message_dict.get("is_bounce"):
            # Odoo told the sender that the catchall address takes no new mails
            delivery.park("no_route")
        elif self._is_addressed_to_us(message_dict):
            delivery.park("bounce")
        else:
            raise ForOthers
        return routes

    @api.model
    def _judge_routing_error(self, delivery, message_dict, model, error):
        """Decide about a mail for which Odoo found no valid route.

        :param Delivery delivery: of the mail; is changed
        :param dict message_dict: the parsed mail
        :param str model: to which mails without an alias go
        :param ValueError error: from Odoo
        :return: list of no routes
        :raise ForOthers: when Odoo knows what to do with a mail that is not ours
        :raise ValueError: when a route to us is wrong
        """
        if delivery.known:
            # a further copy whose other address is none of ours
            if not delivery.known.is_ours:
                raise ForOthers from error
            delivery.state = "duplicate"
        elif str(error).startswith(NO_ROUTE):
            delivery.park("no_route")
            delivery.refusal = error
        elif model in OURS or self._is_addressed_to_us(message_dict):
            raise error
        else:
            raise ForOthers from error
        return []

    # ------------------------------------------------------------
    # ONE ROUTE
    # ------------------------------------------------------------

    @api.model
    def _get_team_of_route(self, route):
        """:return: id of the team whose alias a route comes from, or None"""
        _model, _thread_id, values, _user_id, alias = route
        if team_id := (values or {}).get("team_id"):
            return team_id
        # sudo: the gateway's user need not have access to the alias
        alias = alias.sudo() if alias else self.env["mail.alias"]
        is_team = alias.alias_parent_model_id.id == self.env["ir.model"]._get_id(TEAM)
        return alias.alias_parent_thread_id or None if is_team else None

    @api.model
    def _is_served(self, known, route):
        """Whether the team or ticket of a route got this mail before."""
        model, thread_id, _values, _user_id, alias = route
        if not known:
            return False
        if thread_id:
            return any((model, thread_id) == (known_model, res_id) for known_model, res_id, *_more in known.messages)
        # a route without alias is taken for want of a better one, not because somebody wrote to it
        return self._get_team_of_route(route) in known.served_team_ids or (not alias and known.is_ours)

    @api.model
    def _look_up_blocks(self, delivery, message_dict):
        """Ask also for the one whom the ticket will take for the sender, whichever field of the mail says so.

        :param Delivery delivery: of the mail; is changed
        :param dict message_dict: the parsed mail
        """
        Block = self.env["helpdesk_lite.mail.block"]
        origin = message_dict.get("origin")
        senders = [message_dict.get("email_from"), origin.email_from if origin else None]
        # the first of several, as the ticket does
        names = {name for sender in senders for name in Block._get_names(parse_contact_from_email(sender or "")[1])}
        if names := names.difference(Block._get_names(delivery.identity.email_from)):
            # sudo: the gateway's user need not have access to the list
            blocks = Block.sudo().search_fetch([("name", "in", list(names))], ["company_id"])
            delivery.known.blocks |= set(blocks.company_id.ids)

    @api.model
    def _is_route_blocked(self, known, route):
        """Whether the company of a route's team blocks the sender."""
        if not known.blocks or 0 in known.blocks:
            return bool(known.blocks)
        model, thread_id, *_more = route
        # sudo: the gateway's user need not have access to ticket and team
        record = self.env[model].sudo().browse(thread_id) if thread_id else self.env[TEAM].sudo()
        record = record if thread_id else record.browse(self._get_team_of_route(route) or [])
        return record.company_id.id in known.blocks

    @api.model
    def _note_target(self, delivery, route):
        model, thread_id, *_more = route
        if thread_id:
            (delivery.thread_ids if model == TICKET else delivery.team_ids).add(thread_id)
        elif team_id := self._get_team_of_route(route):
            delivery.team_ids.add(team_id)

    @api.model
    def _is_addressed_to_us(self, message_dict):
        """Whether a mail is to an alias of a team, or answers a ticket.

        :param dict message_dict: the parsed mail
        :return: bool
        """
        recipients = [address.lower() for address in email_split(message_dict.get("recipients") or "")]
        names = [address.partition("@")[0] for address in recipients]
        domain = Domain("alias_model_id.model", "in", OURS) & (
            Domain("alias_full_name", "in", recipients)
            | (Domain("alias_name", "in", names) & Domain("alias_incoming_local", "=", True))
        )
        # sudo: only whether there is one
        if self.env["mail.alias"].sudo().search_count(domain, limit=1):
            return True
        # sudo: only the model
        return self.env["mail.message"].sudo().browse(message_dict.get("parent_id") or []).model in OURS
