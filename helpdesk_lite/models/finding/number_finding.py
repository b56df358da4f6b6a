from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import escape_psql

from ...tools.ticket_numbers import clean_number

# up to this many tickets are listed by id
FEW = 1_000
# no number is longer, and no text that is pasted into the search box is one
LONGEST = 64


class NumberFinding(models.Model):
    """Finds tickets by their numbers, as people type them: from the beginning, in any case, or the figures alone.

    The index that keeps numbers unique finds all of that. An index of all parts of numbers would be the larger one.
    """

    _inherit = "helpdesk_lite.ticket"

    any_number = fields.Char("Number or Its Beginning", store=False, search="_search_any_number")

    @api.model
    def _search_any_number(self, operator, value):
        if operator != "ilike" or not isinstance(value, str):
            return NotImplemented
        return Domain.OR(self._get_number_domain(number) for number in dict.fromkeys((value, clean_number(value))))

    @api.model
    def _get_number_domain(self, number):
        """The tickets that are found by a number, or by the beginning of one; an extension point.

        :param str number: without signs around it
        :return: Domain
        """
        return self._match_number(number)

    @api.model
    def _match_number(self, text):
        """The tickets whose own number somebody means.

        Few are listed by id, so that a search for other things as well can start from them.

        :param str text: what was typed, without signs around it
        :return: Domain
        """
        text = text.strip()
        if not text or len(text) > LONGEST:
            return Domain.FALSE
        self._check_field_access(self._fields["number"], "read")
        whole, beginnings = self._spell_numbers([text])
        found = Domain("number", "in", sorted(whole))
        found |= Domain.OR(Domain("number", "=like", f"{escape_psql(beginning)}%") for beginning in sorted(beginnings))
        # sudo: which of them the user can read is decided by the search that asks
        everything = self.sudo().with_context(active_test=False)
        ids = everything._search(found, limit=FEW + 1).get_result_ids()
        return Domain("id", "in", ids) if len(ids) <= FEW else found

    @api.model
    def _spell_numbers(self, texts):
        """What the numbers may be that somebody typed, and what they may begin with.

        :param list texts: T00500, t00500, 500
        :return: two sets of str
        """
        whole = {spelled for text in texts for spelled in (text, text.upper(), text.lower())}
        beginnings = set(whole)
        if not any(letter.isdigit() for text in texts for letter in text):
            return whole, beginnings
        # sudo: everybody may look for a number, but few users can read sequences
        sequences = (
            self.env["ir.sequence"]
            .sudo()
            .search_fetch([("code", "=", "helpdesk_lite.ticket")], ["prefix", "suffix", "padding", "use_date_range"])
        )
        for sequence in sequences:
            prefix, suffix = sequence._get_prefix_suffix()
            for text in texts:
                after = text[len(prefix) :] if text.casefold().startswith(prefix.casefold()) else text
                figures = after.strip()
                if figures.isdecimal():
                    whole.add(f"{prefix}{figures.lstrip('0').zfill(sequence.padding)}{suffix}")
                    beginnings.add(f"{prefix}{figures}")
        return whole, beginnings
