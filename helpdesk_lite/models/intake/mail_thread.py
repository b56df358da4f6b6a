import xmlrpc.client

from odoo import api, models

from .delivery import OURS, TEAM, TICKET, ForOthers, current_delivery, get_fetching_server, working_on
from .mailbox import FetchedMail


class MailThread(models.AbstractModel):
    """The door through which every mail comes in: it is kept first, and processed by ``helpdesk_lite.mail``."""

    _inherit = "mail.thread"

    @api.model
    def message_process(self, model, message, custom_values=None, save_original=False, strip_attachments=False, thread_id=None):
        """Keep a mail, and process it in a transaction of its own.

        :return: as in standard Odoo; False for a mail that was received before, and after an error
        :raise AccessError: when the mail is for a ticket by its id that the user cannot read
        :raise NotKept: when the mail could not be stored, so that its server must keep it
        :raise ValueError: when no team and no other model has the address, and the gateway has to tell the mail server
        """
        if model in OURS and not self.env.su:
            custom_values = self._limit_destination(model, thread_id, custom_values)
        options = {
            "model": model,
            "custom_values": custom_values,
            "save_original": save_original,
            "strip_attachments": strip_attachments,
            "thread_id": thread_id,
        }
        raw = message.data if isinstance(message, xmlrpc.client.Binary) else message
        raw = raw.encode() if isinstance(raw, str) else raw
        # a mail that comes with another one, and who may not deliver mails
        is_trusted = self.env.su or self.env.user.has_group("base.group_user")
        if current_delivery() or not isinstance(raw, bytes) or not is_trusted:
            with working_on(None):
                return super().message_process(message=message, **options)
        # sudo: whoever delivers a mail need not have access to the mails of others
        Mail = self.env["helpdesk_lite.mail"].sudo()
        server_id = get_fetching_server(self.env.context)
        mail, identity = Mail._keep(raw, {**options, "uid": self.env.uid}, server_id=server_id)
        if isinstance(raw, FetchedMail):
            raw.kept = True
        try:
            delivery, result = mail._deliver(self, raw, identity, options)
        except ForOthers:
            mail._forget()
            return super().message_process(message=raw, **options)
        if delivery and delivery.refusal and not server_id:
            raise delivery.refusal
        return result

    @api.model
    def _limit_destination(self, model, thread_id, custom_values):
        """What may be chosen by an employee who delivers a mail: a ticket or team that they can read, but no assignee.

        :param str model: of the ticket or team
        :param int thread_id: its id, or a false value for a new one
        :param dict custom_values: of the new ticket, or None
        :return: dict of the values that are left
        :raise AccessError: when the user cannot read the ticket or the team
        """
        if thread_id:
            self.env[model].browse(thread_id).check_access("read")
        values = dict(custom_values or {})
        values.pop("user_id", None)
        if team_id := values.get("team_id"):
            self.env[TEAM].browse(team_id).check_access("read")
        return values

    @api.model
    def _message_process_kept(self, raw, options):
        """Process a mail that is kept, with all that other addons do in their ``message_process``.

        :param bytes raw: the mail
        :param dict options: keyword arguments of ``message_process``
        :return: as in standard Odoo
        """
        # past the override above, which has kept the mail
        return super().message_process(message=raw, **options) or False

    # ------------------------------------------------------------
    # HOOKS
    # ------------------------------------------------------------

    @api.model
    def message_parse(self, message, save_original=False):
        """Give a mail without Message-ID one that is the same each time it comes."""
        msg_dict = super().message_parse(message, save_original=save_original)
        delivery = current_delivery()
        if delivery and not delivery.is_parsed:
            delivery.is_parsed = True
            # Odoo drops a mail whose Message-ID it knows; here that was decided before, under the lock
            msg_dict["message_id"] = f"<{delivery.message_id}>" if delivery.known else delivery.message_id
        return msg_dict

    @api.model
    def message_route(self, message, message_dict, model=None, thread_id=None, custom_values=None):
        """Let through the routes to tickets that are still to be served, and hand mails for other models back to Odoo.

        :return: list of routes, as in standard Odoo
        :raise ForOthers: when no route is ours
        """
        delivery = current_delivery()
        if not delivery:
            return super().message_route(message, message_dict, model, thread_id, custom_values)
        message_dict["message_id"] = delivery.message_id
        if delivery.destination:
            # the message that the mail answers may be on another ticket, whose people must not be told
            message_dict.pop("parent_id", None)
            routes = [(*delivery.destination, self.env.uid, None)]
            # who wrote the mail, and whether a program did, is found out from the headers, which only this method has
            message_dict["origin"] = self.env[TICKET]._get_origin(message, message_dict, routes)
            return routes
        try:
            routes = super().message_route(message, message_dict, model, thread_id, custom_values)
        except ValueError as error:
            return self._judge_routing_error(delivery, message_dict, model, error)
        return self._choose_routes(delivery, message_dict, routes)

    @api.model
    def _detect_loop_headers(self, msg_dict):
        delivery = current_delivery()
        is_loop = not (delivery and delivery.destination) and super()._detect_loop_headers(msg_dict)
        if is_loop and delivery:
            delivery.park("loop")
        return is_loop

    @api.model
    def _detect_loop_sender(self, message, message_dict, routes):
        """Park what the loop guard stops, and write to nobody: a notice would feed the loop, and the mail is kept."""
        delivery = current_delivery()
        if not delivery or not any(route[0] in OURS for route in routes):
            return super()._detect_loop_sender(message, message_dict, routes)
        if delivery.destination:
            return False
        delivery.is_silent = True
        is_loop = super()._detect_loop_sender(message, message_dict, routes)
        delivery.is_silent = False
        if is_loop:
            delivery.park("loop")
        return is_loop

    def _routing_create_bounce_email(self, email_from, body_html, message, **mail_values):
        delivery = current_delivery()
        if delivery and delivery.is_silent:
            return None
        return super()._routing_create_bounce_email(email_from, body_html, message, **mail_values)
