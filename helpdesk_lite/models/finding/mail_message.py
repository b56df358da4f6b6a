from odoo import models
from odoo.modules.db import FunctionStatus


def _index_of_words(registry):
    """The index that finds words in messages on tickets; none where the database has no trigrams.

    :param registry: of the database
    :return: str, the definition of the index, or an empty one
    """
    if not registry.has_trigram:
        return ""
    # as Odoo compares texts: without accents, if the database can index that
    text = registry.unaccent('"body"') if registry.has_unaccent == FunctionStatus.INDEXABLE else '"body"'
    return f"USING gin ({text} gin_trgm_ops) WHERE model = 'helpdesk_lite.ticket'"


class MailMessage(models.Model):
    """Words in messages on tickets are found without reading all messages."""

    _inherit = "mail.message"

    # of messages on tickets only, so that other messages cost nothing
    _ticket_words_index = models.Index(_index_of_words)
