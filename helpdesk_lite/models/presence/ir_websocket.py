import re

from odoo import models

from ...tools.ids import is_id
from .ticket_presence import MESSAGES, MOST_TICKETS, PRESENCE

MODEL = "helpdesk_lite.ticket"
CHANNEL = re.compile(r"helpdesk_lite\.ticket_([1-9][0-9]{0,9})", re.ASCII)


class IrWebsocket(models.AbstractModel):
    """Who may listen to a ticket: employees who can read it, when they begin to listen.

    Rights may end later, without the bus noticing. Therefore nothing is sent but that something happened on a ticket of which
    they knew: what it is has to be asked for.
    """

    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        """Replace the names of tickets by what their user may hear of them."""
        matches = {channel: CHANNEL.fullmatch(channel) for channel in channels if isinstance(channel, str)}
        ids = [int(match[1]) for match in matches.values() if match]
        channels = super()._build_bus_channel_list([channel for channel in channels if not matches.get(channel)])
        if not ids or not self.env.user._is_internal():
            return channels
        Ticket = self.env[MODEL].with_context(active_test=False, allowed_company_ids=self.env.user.company_ids.ids)
        # a search, which leaves out what does not exist too
        tickets = Ticket.search([("id", "in", [id for id in ids[:MOST_TICKETS] if is_id(id)])], order="id")
        told = [MESSAGES, *([PRESENCE] if tickets._is_told_presence() else [])]
        channels.extend((ticket, subchannel) for ticket in tickets for subchannel in told)
        return channels
