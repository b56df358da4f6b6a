from odoo import api, models
from odoo.tools import SQL, email_normalize, ormcache
from odoo.tools.mail import decode_message_header, email_split_and_format

from ...tools.mail_identity import ENVELOPE_HEADERS

# Odoo reads the other one
DELIVERED = [name for name in ENVELOPE_HEADERS if name != "Delivered-To"]


class MailThread(models.AbstractModel):
    """Extends the mail gateway where it does not know yet that a mail is for a ticket."""

    _inherit = "mail.thread"

    @api.model
    def message_parse(self, message, save_original=False):
        """Read also what mail servers say about the address that a mail was delivered to, and addresses with a tag.

        :return: dict, as in standard Odoo, whose ``recipients`` contain the address of each team that the mail is for
        """
        message_dict = super().message_parse(message, save_original=save_original)
        delivered = [
            address
            for name in DELIVERED
            if name in message
            for address in email_split_and_format(decode_message_header(message, name, separator=","))
        ]
        if missing := self.env["helpdesk_lite.team"]._find_addresses(delivered, message_dict["recipients"]):
            message_dict["recipients"] = ",".join(filter(None, [message_dict["recipients"], *missing]))
        return message_dict

    @api.model
    def _routing_reset_bounce(self, email_message, message_dict):
        """Ask in one statement whether anything counts bounces of the sender; as a rule nothing does."""
        email = email_normalize(message_dict["email_from"])
        tables = self._get_bounce_tables()
        if email and tables:
            for name in tables:
                self.env[name].flush_model(["email_normalized", "message_bounce"])
            counted = [
                SQL(
                    "EXISTS (SELECT FROM %s WHERE email_normalized = %s AND message_bounce > 0)",
                    SQL.identifier(self.env[name]._table),
                    email,
                )
                for name in tables
            ]
            if not self.env.execute_query(SQL("SELECT %s", SQL(" OR ").join(counted)))[0][0]:
                return None
        return super()._routing_reset_bounce(email_message, message_dict)

    @api.model
    @ormcache()
    def _get_bounce_tables(self):
        """:return: tuple of the names of the models that count bounces, or an empty one if one of them has no column for it"""
        names = self.env.registry.descendants(["mail.thread.blacklist"], "_inherit")
        models = [self.env[name] for name in names if not self.env[name]._abstract]
        stored = all(model._fields[name].store for model in models for name in ("email_normalized", "message_bounce"))
        return tuple(model._name for model in models) if stored else ()

    @api.model
    def message_route(self, message, message_dict, model=None, thread_id=None, custom_values=None):
        """Route mails to tickets as ``Ticket._route_to_threads`` decides.

        :return: list of routes, as in standard Odoo
        """
        routes = super().message_route(message, message_dict, model, thread_id, custom_values)
        Ticket = self.env["helpdesk_lite.ticket"]
        if ours := [route for route in routes if route[0] == Ticket._name]:
            # only here Odoo has both the headers and the routes
            message_dict["origin"] = Ticket._get_origin(message, message_dict, ours)
            routes = Ticket._route_to_threads(routes, message_dict)
        return routes

    @api.model
    def _detect_loop_sender(self, message, message_dict, routes):
        """Judge mails to tickets by the limits of their teams, and leave the others to standard Odoo."""
        Ticket = self.env["helpdesk_lite.ticket"]
        ours = [route for route in routes or () if route[0] == Ticket._name]
        others = [route for route in routes or () if route[0] != Ticket._name]
        if (others or not ours) and super()._detect_loop_sender(message, message_dict, others):
            return True
        return bool(ours) and Ticket._is_mail_loop(ours, message_dict)

    @api.model
    def _message_route_process(self, message, message_dict, routes):
        """Give each ticket a copy of the mail of its own, because its sender and kind may not be what other models see."""
        Ticket = self.env["helpdesk_lite.ticket"]
        origin = message_dict.pop("origin", None)
        ours = [route for route in routes or () if route[0] == Ticket._name]
        others = [route for route in routes or () if route[0] != Ticket._name]
        if ours and not origin:
            # somebody chose the ticket
            origin = Ticket._get_origin(message, message_dict, ours)
        thread_id = False
        if others or not ours:
            thread_id = super()._message_route_process(message, dict(message_dict), others)
        for route in ours:
            mail = Ticket._apply_origin(message_dict, origin, route[1])
            thread_id = super()._message_route_process(message, mail, [route])
        return thread_id
