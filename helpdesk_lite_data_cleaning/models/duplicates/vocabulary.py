from odoo import api, fields, models, tools

from ...tools.similarity import NOTHING_LEARNED, Weights, learn

SAMPLE = 20_000


class MergeVocabulary(models.Model):
    """How much each word says about a ticket, learned once a day from the newest tickets.

    Words of tickets that a user cannot see count as well, so no user reads this model.
    """

    _name = "helpdesk_lite.merge.vocabulary"
    _description = "Words of the Tickets"
    _order = "id desc"

    words = fields.Json()
    rare_weight = fields.Float(required=True, digits=(8, 6))
    ticket_count = fields.Integer(required=True)

    @api.model
    def _renew(self):
        """Learn again. Memory is constant, because at most ``SAMPLE`` tickets are read."""
        # sudo: the words of all tickets count, and are shown to nobody
        self.env["helpdesk_lite.ticket"].sudo().flush_model(["merge_words", "active"])
        self.env.cr.execute(
            "SELECT merge_words FROM helpdesk_lite_ticket WHERE merge_words <> '' ORDER BY id DESC LIMIT %s", [SAMPLE]
        )
        weights = learn(words.split() for (words,) in self.env.cr.fetchall())
        self.env.cr.execute("SELECT count(*) FROM helpdesk_lite_ticket")
        (ticket_count,) = self.env.cr.fetchone()
        renewed = self.create(
            {
                "words": {word: [round(share, 6), round(weight, 6)] for word, (share, weight) in weights.words.items()},
                "rare_weight": weights.rare,
                "ticket_count": ticket_count,
            }
        )
        self.search([("id", "!=", renewed.id)]).unlink()

    @api.model_create_multi
    def create(self, vals_list):
        vocabularies = super().create(vals_list)
        self.env.registry.clear_cache()
        return vocabularies

    def write(self, vals):
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    def unlink(self):
        result = super().unlink()
        self.env.registry.clear_cache()
        return result

    @api.model
    @tools.ormcache()
    def _get_weights(self):
        """The newest weights, which every worker keeps in memory until they are learned again.

        :return: tuple (``similarity.Weights``, number of tickets when they were learned)
        """
        # sudo: the weights are used in computations for every user, and shown to nobody
        newest = self.sudo().search([], limit=1)
        weights = {word: tuple(known) for word, known in (newest.words or {}).items()}
        return (Weights(weights, newest.rare_weight) if weights else NOTHING_LEARNED), newest.ticket_count
