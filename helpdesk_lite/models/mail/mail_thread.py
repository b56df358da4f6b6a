from odoo import api, models


class MailThread(models.AbstractModel):
    """Extends the mail gateway where it does not know yet that a mail is for a ticket."""

    _inherit = "mail.thread"

    @api.model
    def message_route(self, message, message_dict, model=None, thread_id=None, custom_values=None):
        """Route mails to tickets as ``Ticket._route_to_threads`` decides.

        :return: list of routes, as in standard Odoo
        """
        routes = super().message_route(message, message_dict, model, thread_id, custom_values)
        return self.env["helpdesk_lite.ticket"]._route_to_threads(routes, message_dict)

    @api.model
    def _message_route_process(self, message, message_dict, routes):
        """Process routes to tickets last, because they add values to the mail that other models must not get."""
        routes = sorted(routes or (), key=lambda route: route[0] == "helpdesk_lite.ticket")
        return super()._message_route_process(message, message_dict, routes)

    @api.model
    def _routing_check_route(self, message, message_dict, route, raise_exception=True):
        """Mark automatic mails to tickets, because only this method still has their headers."""
        route = super()._routing_check_route(message, message_dict, route, raise_exception=raise_exception)
        Ticket = self.env["helpdesk_lite.ticket"]
        if route and route[0] == Ticket._name and Ticket._is_automatic_mail(message, message_dict):
            message_dict["message_type"] = "out_of_office"
        return route
