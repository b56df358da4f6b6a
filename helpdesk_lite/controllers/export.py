from odoo.addons.web.controllers.export import Export


class TicketExport(Export):
    """The properties that the export dialog offers are those of teams whose tickets one sees.

    Without a domain, which the client chooses, Odoo would name every team with properties, and what it asks.
    """

    def _get_property_fields(self, fields, model, domain=()):
        if model == "helpdesk_lite.ticket":
            # true for each ticket, but searched with the rights of the user
            domain = domain or [("id", "!=", False)]
        return super()._get_property_fields(fields, model, domain=domain)
