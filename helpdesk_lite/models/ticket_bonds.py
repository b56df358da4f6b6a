from odoo import api, models


class TicketBonds(models.Model):
    """What other addons have done with a ticket, and what they therefore must leave to each other.

    A ticket leaves the helpdesk in one way at a time. The addons that take tickets away do not know each
    other: each answers these questions for its own verb, and asks them before it begins.
    """

    _inherit = "helpdesk_lite.ticket"

    def _get_departure(self):
        """Where this ticket went, if it was taken away and can be given back: an extension point for bridges.

        :return: a sentence that says so, or None
        """
        self.ensure_one()
        return

    def _get_dependents(self):
        """The tickets that have no place of their own while this one has theirs: an extension point for bridges.

        :return: records, sudoed
        """
        # sudo: the user may not see them; that they are there decides what can be done with this ticket
        return self.sudo().browse()

    def _get_workers(self):
        """Those who work on the request, whichever ticket its answers come from: an extension point for bridges.

        :return: records of ``res.partner``, sudoed: the assignee, and followers who want to hear of messages
        """
        # sudo: the customer who answers need not see who works on it
        ticket = self.sudo()
        told = ticket.message_follower_ids.filtered(lambda follower: self.env.ref("mail.mt_comment") in follower.subtype_ids)
        return told.partner_id | ticket.user_id.partner_id

    @api.model
    def _get_fixed_links(self):
        """The fields of other models that mean this very ticket, whatever becomes of it: an extension point for bridges.

        :return: dict of ``model.field`` to the reason
        """
        return {}
