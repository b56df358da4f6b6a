from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import escape_psql
from odoo.tools.mail import html_to_inner_content

from ...tools.ids import is_id
from ...tools.reply_text import PLACEHOLDER

MOST = 40


class ReplySearch(models.Model):
    """Which replies are offered on a ticket, and one of them as its customer will read it."""

    _inherit = "helpdesk_lite.reply"

    @api.model
    @api.readonly
    def get_suggestions(self, ticket_id, term="", limit=8, in_text=False):
        """Find replies for a ticket: one's own and shared ones of its team, those first whose shortcut begins with the term.

        :param int ticket_id: id of ``helpdesk_lite.ticket``
        :param str term: what was typed
        :param int limit: at most 40
        :param bool in_text: whether to look into the texts as well
        :return: list of dicts with id, name, shortcut, text (its beginning), actions (number of parts), own
        :raise AccessError: when the user cannot read the ticket or may not use replies
        """
        ticket = self._read_ticket(ticket_id)
        limit, term = max(1, min(int(limit), MOST)), str(term or "").strip().lower()[:64]
        # sudo: only the id of the team is compared
        mine = self._get_user_domain() & Domain("team_ids", "in", (False, ticket.sudo().team_id.id))
        found = self.browse()
        for domain in self._get_term_domains(escape_psql(term), in_text):
            if len(found) < limit:
                found |= self.search(mine & domain & Domain("id", "not in", found.ids), limit=limit - len(found))
        return [
            {
                "id": reply.id,
                "name": reply.name,
                "shortcut": reply.shortcut or "",
                "text": PLACEHOLDER.sub(lambda match: match[2] or "…", html_to_inner_content(reply.body or ""))[:120],
                "actions": len(reply._get_parts()),
                "own": bool(reply.user_id),
            }
            for reply in found
        ]

    @api.model
    def _read_ticket(self, ticket_id):
        """:return: the ticket that a client names
        :raise UserError: when this is no id
        :raise AccessError: when the user cannot read it
        """
        if not is_id(ticket_id):
            raise UserError(self.env._("This ticket does not exist."))
        ticket = self.env["helpdesk_lite.ticket"].browse(ticket_id)
        ticket.check_access("read")
        return ticket

    @api.model
    def _get_term_domains(self, term, in_text):
        if not term:
            # one's own come first
            return [Domain("user_id", "=", self.env.uid), Domain.TRUE]
        domains = [Domain("shortcut", "=like", f"{term}%"), Domain("shortcut", "ilike", term) | Domain("name", "ilike", term)]
        in_texts = Domain("body", "ilike", term) | Domain("text_ids.body", "ilike", term)
        return [*domains, in_texts] if in_text else domains

    @api.readonly
    def get_prepared(self, ticket_id):
        """This reply as the customer of a ticket will read it, and what it does with the ticket.

        :param int ticket_id: id of ``helpdesk_lite.ticket``
        :return: dict with id, name, body (HTML), lang (its code), missing (placeholders without a value), and parts: a list of
            dicts with key, label and obstacle, which is a sentence when the user cannot do it
        :raise AccessError: when the user cannot read the ticket or the reply
        """
        self.ensure_one()
        ticket = self._read_ticket(ticket_id)
        self.check_access("read")
        rendered = self._render_for(ticket)
        return {
            "id": self.id,
            "name": self.name,
            "body": rendered.body,
            "lang": ticket._get_customer_lang(),
            "missing": rendered.missing,
            "parts": [
                {"key": part, "label": self._describe_part(part, ticket), "obstacle": self._get_obstacle(part, ticket)}
                for part in self._get_parts()
            ],
        }
