from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools.misc import format_date, format_datetime

from ...tools.reply_text import Link, clean, find_problems, first_name, normalize, render

NAMES = (
    "ticket.number",
    "ticket.name",
    "ticket.url",
    "customer.name",
    "customer.first_name",
    "agent.name",
    "agent.first_name",
    "team.name",
    "company.name",
)
PROPERTY = "property."
# values that name no other record
PROPERTY_TYPES = ("char", "text", "integer", "float", "boolean", "date", "datetime", "selection", "tags")


class ReplyPlaceholders(models.Model):
    """What a reply may contain, and what that stands for on a ticket: a fixed list, and nothing is evaluated."""

    _inherit = "helpdesk_lite.reply"

    @api.constrains("body", "note", "team_ids")
    def _check_placeholders(self):
        """Look at what is stored, in all languages.

        :raise ValidationError: when a placeholder is not known, is broken, or stands in a link
        """
        for reply in self:
            known = set(NAMES) | reply._get_property_names()
            for text in (reply.body, reply.note, *reply.text_ids.mapped("body")):
                reply._refuse_problems(find_problems(str(text or ""), known.__contains__))

    @api.model
    def _refuse_script(self, text):
        """:raise ValidationError: when a text contains script"""
        problems = find_problems(text, lambda _name: True) if isinstance(text, str) else []
        self._refuse_problems([problem for problem in problems if problem.kind == "script"])

    @api.model
    def _refuse_unknown_placeholders(self, text):
        """:raise ValidationError: when a text that is no reply of somebody has a placeholder that no team knows"""
        known = set(NAMES) | self.browse()._get_property_names()
        self._refuse_problems(find_problems(str(text or ""), known.__contains__))

    @api.model
    def _refuse_problems(self, problems):
        if not problems:
            return
        kind, what = problems[0]
        sentences = {
            "unknown": self.env._("There is no placeholder “%s”. The list below the text has all of them.", what),
            "broken": self.env._("A placeholder is not complete here: “%s”. Write it in one piece, with both braces.", what),
            "address": self.env._("Placeholders stand in the text, and not in the address of a link or picture (%s).", what),
            "script": self.env._("A reply is a text, and cannot contain “%s”.", what),
        }
        raise ValidationError(sentences[kind])

    def _get_property_names(self):
        """The placeholders for the properties of the teams of a reply; of all teams if it is for all.

        :return: set of str
        """
        # sudo: an unknown placeholder must be refused whoever saves the reply; the labels are not shown
        Team = self.env["helpdesk_lite.team"].sudo().with_context(active_test=False)
        teams = self.sudo().team_ids or Team.search([("company_id", "!=", False)])
        return {
            normalize(PROPERTY + item["string"])
            for team in teams
            for item in team.ticket_properties_definition or ()
            if item.get("type") in PROPERTY_TYPES and item.get("string")
        }

    # ------------------------------------------------------------
    # VALUES
    # ------------------------------------------------------------

    def _render_for(self, ticket, body=None):
        """The text of this reply for the customer of a ticket, in their language.

        :param ticket: record of ``helpdesk_lite.ticket`` that the user can read
        :param str body: HTML to take instead, with placeholders
        :return: :class:`Rendered`
        """
        self.ensure_one()
        return self._render_text_for(ticket, body or self._get_body(ticket._get_customer_lang()))

    def _get_body(self, lang):
        """The text in a language; that of another country with the same language is better than that of none.

        :param str lang: a language code
        :return: str, HTML
        """
        texts = {text.lang: text.body for text in self.text_ids}
        related = [text for code, text in texts.items() if code.split("_")[0] == lang.split("_")[0]]
        return texts.get(lang) or next(iter(related), None) or self.body

    @api.model
    def _render_text_for(self, ticket, text):
        """:return: :class:`Rendered`, a text for the customer of a ticket"""
        return render(str(text or ""), self._get_placeholder_values(ticket))

    @api.model
    def _get_placeholder_values(self, ticket):
        """The values of the placeholders on a ticket.

        :return: dict of str to str
        """
        lang = ticket._get_customer_lang()
        # sudo: who can read the ticket may know the names of its team and company, and who they are themselves
        known, user = ticket.sudo().with_context(lang=lang), self.env.user.sudo()
        is_person = not known.partner_id.is_company
        values = {
            "ticket.number": known.number,
            "ticket.name": known.name,
            "ticket.url": self._get_portal_address(known),
            "customer.name": known.partner_name,
            "customer.first_name": is_person and first_name(known.partner_name or ""),
            "agent.name": user.name,
            "agent.first_name": first_name(user.name),
            "team.name": known.team_id.name,
            "company.name": known.company_id.name,
            **self._get_property_values(ticket, lang),
        }
        return {name: value if isinstance(value, Link) else clean(value) for name, value in values.items()}

    @api.model
    def _get_portal_address(self, ticket):
        """Where the customer finds the ticket after logging in: without an access link, as others may read the message too."""
        public = ticket.team_id.privacy_visibility == "public"
        return Link(f"{ticket.get_base_url()}{ticket.access_url}") if public else ""

    @api.model
    def _get_property_values(self, ticket, lang):
        # the user's own access: employees may read properties, customers may not
        if not ticket._has_field_access(ticket._fields["properties"], "read"):
            return {}
        # sudo: the definition is part of what is read
        values, definition = ticket.properties, ticket.sudo().team_id.ticket_properties_definition or ()
        return {
            normalize(PROPERTY + item["string"]): self._write_property(item, values.get(item["name"]), lang)
            for item in definition
            if item.get("type") in PROPERTY_TYPES and item.get("string")
        }

    @api.model
    def _write_property(self, item, value, lang):
        kind = item["type"]
        if kind == "boolean":
            env = self.with_context(lang=lang).env
            return env._("Yes") if value else env._("No")
        if value in (None, False, ""):
            return ""
        if kind == "date":
            return format_date(self.env, value, lang_code=lang)
        if kind == "datetime":
            return format_datetime(self.env, value, lang_code=lang)
        # of selections and tags these are the labels
        return value
