from odoo import api, models


class TicketClasses(models.Model):
    """Makes each request on tickets faster than Odoo's way of asking whether a method may be called."""

    _inherit = "helpdesk_lite.ticket"

    @classmethod
    @api.private
    def mro(cls):
        """The classes of this model, as ``type.mro`` returns them.

        Odoo asks twice in each request (``get_public_method``, ``_call_kw_readonly``). Python would merge the orders of more
        than a hundred classes anew each time, which takes about a millisecond.

        :return: list of type
        """
        return list(cls.__mro__)
