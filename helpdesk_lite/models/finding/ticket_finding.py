from html import escape

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.modules.db import FunctionStatus
from odoo.tools import SQL

from ...tools.search_words import DIVIDERS, MOST_CHARACTERS, to_prefixes
from ...tools.ticket_numbers import clean_number

# what the search box looks at, apart from the number; texts with tags hold escaped characters
PLAIN, TAGGED = ("name", "partner_name", "partner_email"), ("description",)
# up to this many tickets with a word are listed by id
FEW = 1_000


def _words_of_description(registry, alias=""):
    """The words of a description, as the index has them.

    They are divided before PostgreSQL reads them: it would read addresses and fractions in its own way, and otherwise in
    a search than in the text.

    :param registry: of the database
    :param str alias: of the table of tickets, with quotes and a full stop
    :return: str, an expression of type ``tsvector``
    """
    text = f"left({alias}description, {MOST_CHARACTERS})"
    if registry.has_unaccent == FunctionStatus.INDEXABLE:
        text = registry.unaccent(text)
    return f"to_tsvector('simple', regexp_replace({text}, '{DIVIDERS}', ' ', 'g'))"


class TicketFinding(models.Model):
    """What the search box finds: a number as people type or paste it, a title, a customer, and words."""

    _inherit = "helpdesk_lite.ticket"

    found_by = fields.Char("Ticket or Customer", store=False, search="_search_found_by")
    message_words = fields.Char("Words in Messages", store=False, search="_search_message_words")

    # a third of what an index of all substrings takes
    _description_words_index = models.Index(lambda registry: f"USING gin (({_words_of_description(registry)}))")

    @api.model
    def _search_found_by(self, operator, value):
        if operator != "ilike" or not isinstance(value, str):
            return NotImplemented
        found = [Domain(name, "ilike", value) for name in PLAIN]
        if any(character.isdigit() for character in value):
            # which every number has
            found.append(self._search_any_number(operator, value))
        found += [self._get_text_domain(name, escape(value, quote=False)) for name in TAGGED]
        return Domain.OR(found)

    @api.model
    def _get_text_domain(self, name, text):
        """The tickets with a text in their description; words that few of them have are found by their beginnings.

        A word that many have is found as fast without the index: the first page of a list is full soon.

        :param str name: of the field
        :param str text: as it is in HTML
        :return: Domain
        """
        self._check_field_access(self._fields[name], "read")
        anywhere = Domain(name, "ilike", text)
        registry = self.env.registry
        prefixes = SQL("%s", to_prefixes(text))
        if not prefixes.params[0] or registry.has_unaccent == FunctionStatus.PRESENT:
            return anywhere
        if registry.has_unaccent:
            prefixes = registry.unaccent(prefixes)
        # sudo: which of them the user can read is decided by the search that asks
        everything = self.sudo().with_context(active_test=False)
        self.flush_model([name])
        query = everything._search(anywhere, limit=FEW + 1)
        query.add_where(
            SQL("%s @@ to_tsquery('simple', %s)", SQL(_words_of_description(registry, f'"{self._table}".')), prefixes)
        )
        ids = query.get_result_ids()
        return Domain("id", "in", ids) if len(ids) <= FEW else anywhere

    @api.model
    def _search_message_words(self, operator, value):
        """Find tickets by a text in their messages, notes included: an employee who reads a ticket reads these.

        Odoo's search for messages checks each one that it finds, which takes long for a common word. Here, one statement looks
        for the tickets that the user can read and the messages that they can read there.
        """
        if operator != "ilike" or not isinstance(value, str):
            return NotImplemented
        Message = self.env["mail.message"]
        messages = Message._search(
            Domain("model", "=", self._name)
            # these are for those who got them only
            & Domain("message_type", "!=", "user_notification")
            & Domain("body", "ilike", escape(value, quote=False))
            # what further rules say about messages
            & self.env["ir.rule"]._compute_domain(Message._name, "read"),
            bypass_access=True,
        )
        return Domain("id", "in", messages.subselect("res_id"))

    @api.model
    def _search_display_name(self, operator, value):
        value = clean_number(value) if isinstance(value, str) else value
        if operator == "ilike" and isinstance(value, str) and value:
            others = (name for name in self._rec_names_search if name != "number")
            return self._match_number(value) | Domain.OR(Domain(name, operator, value) for name in others)
        return super()._search_display_name(operator, value)
