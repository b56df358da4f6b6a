"""Which words to look up in the index to find the tickets that are worth comparing. Plain Python, without Odoo."""

from itertools import combinations

from .text import ASKING_WORDS

KEY_TICKETS = 80  # a key in more tickets than this says too little
MOST_KEYS = 24
MOST_RARE = 14
MOST_COMBINED = 8  # frequent words that are combined
LONGEST_KEY = 4
LIFT = 3  # words about one matter occur together more often than by chance


def search_keys(words, weights, tickets):
    """Sets of words of a ticket that occur in few other tickets, the most distinctive first.

    A rare word is a key by itself. Frequent words are combined until few tickets hold all of them, so
    the cost of a look-up hardly depends on the number of tickets.

    :param str words: stems, see ``text.words_of``
    :param weights: ``similarity.Weights`` of the words
    :param int tickets: how many tickets there are
    :return: list of strings of stems, at most ``MOST_KEYS``

    >>> from .similarity import Weights
    >>> known = Weights({"card": (.2, .4), "lost": (.01, .5), "limit": (.01, .6), "the": (.9, .1)}, .5)
    >>> search_keys("the card lost 4711", known, 200)
    ['4711', 'lost', 'card']
    >>> search_keys("the card lost 4711", known, 9000)
    ['4711', 'lost card']
    >>> search_keys("the card", known, 10**6), search_keys("", known, 3000)
    (['card the'], [])
    """

    def expected(key):
        count = tickets
        for word in key:
            count *= weights.words.get(word, (0, 0))[0]
        return count * LIFT ** (len(key) - 1)

    own = [word for word in words.split() if word not in ASKING_WORDS]
    known = sorted((word for word in own if word in weights.words), key=lambda word: -weights.of(word))
    keys = [(word,) for word in own if word not in weights.words][:MOST_RARE]
    keys += [(word,) for word in known if expected((word,)) <= KEY_TICKETS]
    frequent = [word for word in known if expected((word,)) > KEY_TICKETS][:MOST_COMBINED]
    for size in range(2, LONGEST_KEY + 1):
        if len(keys) >= MOST_KEYS:
            break
        shorter = [set(key) for key in keys if len(key) > 1]
        keys += [
            key
            for key in combinations(frequent, size)
            if expected(key) <= KEY_TICKETS and not any(short.issubset(key) for short in shorter)
        ]
    if not keys and frequent:
        keys = [tuple(frequent[:LONGEST_KEY])]
    return [" ".join(key) for key in keys[:MOST_KEYS]]
