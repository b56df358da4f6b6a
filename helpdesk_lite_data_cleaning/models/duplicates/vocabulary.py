from odoo import api, fields, models, tools

from ...tools.similarity import NOTHING_LEARNT, Weights, learn

SAMPLE = 20_000


class MergeVocabulary(models.Model):
    """What the words of the tickets tell, learnt once a day from the newest of them.

    Words of tickets that the reader may not see are counted in, so nobody reads this but the code.
    """

    _name = "helpdesk_lite.merge.vocabulary"
    _description = "Words of the Tickets"
    _order = "id desc"

    words = fields.Json()
    rare_weight = fields.Float(required=True, digits=(8, 6))
    ticket_count = fields.Integer(required=True)

    @api.model
    def _renew(self):
        """Learn again; constant memory, as at most ``SAMPLE`` tickets are read."""
        # sudo: the columns are read for everybody, and shown to nobody
        self.env["helpdesk_lite.ticket"].sudo().flush_model(["merge_words", "active"])
        self.env.cr.execute(
            "SELECT merge_words FROM helpdesk_lite_ticket WHERE merge_words <> '' ORDER BY id DESC LIMIT %s", [SAMPLE])
        weights = learn(words.split() for words, in self.env.cr.fetchall())
        self.env.cr.execute("SELECT count(*) FROM helpdesk_lite_ticket")
        ticket_count, = self.env.cr.fetchone()
        renewed = self.create({
            "words": {
                word: [round(share, 6), round(weight, 6)] for word, (share, weight) in weights.words.items()
            },
            "rare_weight": weights.rare,
            "ticket_count": ticket_count,
        })
        self.search([("id", "!=", renewed.id)]).unlink()

    @api.model
    def _get_weights(self):
        """What is known now.

        :return: tuple (``similarity.Weights``, number of tickets when it was learnt)
        """
        # sudo: the weights are used for everybody, and shown to nobody
        newest = self.sudo().search([], limit=1)
        return self._load_weights(newest.id)

    @tools.ormcache("vocabulary_id")
    def _load_weights(self, vocabulary_id):
        if not vocabulary_id:
            return NOTHING_LEARNT, 0
        # sudo: see _get_weights
        vocabulary = self.sudo().browse(vocabulary_id)
        words = {word: tuple(known) for word, known in (vocabulary.words or {}).items()}
        return (Weights(words, vocabulary.rare_weight) if words else NOTHING_LEARNT), vocabulary.ticket_count
