"""How likely it is that two tickets are the same request, in plain Python.

In short: the words and letters that two tickets share, weighted by how much each word says, and put
on a scale on which 90 % means that about nine in ten such pairs are duplicates.

1. *Words*, see ``text.py``: accents, plurals, greetings, signatures and quoted lines are ignored.
2. *Weights*, ``learn``: how much a word says is learned from the existing tickets, in any language.
   Rare words say much. Among the others, words with a meaning occur with words of their own
   ("invoice" with "paid" and "tax"), and words that only hold sentences together occur with all words
   alike. The measure is the Kullback-Leibler divergence of a word's neighbours from those of all words.
3. *Letters*, ``overlap``: words are compared by their trigrams, each with the weight of its word, so
   that "transfer" and "transferred" match in part. With ``I`` the weight in common and ``A`` and ``B``
   the weights of the two tickets, the overlap is ``I / (A * B) ** 0.4``. An exponent of .5 would be
   the cosine; a smaller one counts similar long tickets for more than similar short ones.
4. *Evidence*, ``percent``: a logistic curve, fitted to the development set, turns the overlap into a
   probability. The same customer or address raises its logit; another customer, another team and the
   time between the two lower it.

>>> tickets = ["my card is lost", "the lost card", "my invoice is wrong", "the invoice has a wrong tax"] * 5
>>> weights = learn([ticket.split() for ticket in tickets])
>>> ours = profile("my invoice is wrong", weights)
>>> alike = overlap(ours, profile("wrong tax on my invoices", weights))
>>> different = overlap(ours, profile("my card is lost", weights))
>>> alike > different
True
"""

from collections import Counter, defaultdict
from functools import lru_cache
from math import exp, log, sqrt
from typing import NamedTuple

from .text import ASKING_WORDS

EXPONENT = 0.4  # of the product of both weights, see 3 above
CONTEXT_WORDS = 300  # the most frequent words, which describe the neighbours of a word
NEIGHBOUR_PRIOR = 200  # as if every word had been seen with this many average neighbours
WEIGHT_POWER = 0.75
LEAST_SEEN = 5  # a word in fewer tickets is rare: its neighbours say nothing yet
RARE_QUANTILE = 0.75  # rare words weigh as much as the word at this quantile of the others
ASKING_FACTOR = 0.3  # on the weight of words that only ask ("please", "podría")
UNKNOWN_WEIGHT = 0.3  # of words with this many letters, while there is nothing to learn from
UNKNOWN_LENGTH = 6

# logit = INTERCEPT + SLOPE * overlap + evidence; fitted by ./dev bench duplicates --quality
INTERCEPT = -4.92
SLOPE = 5.28
SAME_CUSTOMER = 1.0  # or the same address
OTHER_CUSTOMER = -0.7  # both are known and differ
OTHER_TEAM = -0.5
PER_DOUBLED_DAYS = -0.15  # for each doubling of the days between the two


class Weights(NamedTuple):
    """What is known about words: ``words`` maps a stem to (share of tickets with it, weight)."""

    words: dict
    rare: float

    def of(self, word):
        """Weight of a stem, above 0."""
        known = self.words.get(word)
        if known:
            weight = known[1]
        elif self.words:
            weight = self.rare
        else:
            weight = UNKNOWN_WEIGHT * min(1, len(word) / UNKNOWN_LENGTH)
        return weight * ASKING_FACTOR if word in ASKING_WORDS else weight


NOTHING_LEARNED = Weights({}, UNKNOWN_WEIGHT)


def learn(documents):
    """How much each word says, learned from the existing tickets.

    :param documents: iterable of lists of stems, read once; memory grows with the number of
        different words in at least ``LEAST_SEEN`` documents, and with ``CONTEXT_WORDS``
    :return: ``Weights``

    >>> learn([]) == NOTHING_LEARNED
    True
    """
    documents = [set(document) for document in documents]
    seen = Counter(word for document in documents for word in document)
    context = {word for word, _count in sorted(seen.items(), key=lambda item: (-item[1], item[0]))[:CONTEXT_WORDS]}
    neighbours = defaultdict(Counter)
    for document in documents:
        around = document & context
        for word in document:
            if seen[word] >= LEAST_SEEN:
                neighbours[word].update(around)
    total = sum(seen[word] for word in context)
    expected = {word: seen[word] / total for word in context} if total else {}
    tells = {word: _divergence(word, counts, expected) for word, counts in neighbours.items()}
    if not tells:
        return NOTHING_LEARNED
    ranked = sorted(tells.values())
    rare = ranked[min(len(ranked) - 1, int(RARE_QUANTILE * len(ranked)))]
    return Weights(
        {word: (seen[word] / len(documents), max(value, 0.001) ** WEIGHT_POWER) for word, value in tells.items()},
        max(rare, 0.001) ** WEIGHT_POWER,
    )


def _divergence(word, counts, expected):
    """Kullback-Leibler divergence, in nats, of the neighbours of ``word`` from all words.

    The prior pulls the value of words that were seen little towards 0. Dividing by the square root of
    the share that was seen takes back half of that, on the logarithmic scale.
    """
    seen = sum(counts.values()) - counts[word]
    if not seen:
        return 0
    total = seen + NEIGHBOUR_PRIOR
    divergence = 0.0
    unseen = 1.0
    for other, count in counts.items():
        share = expected[other]
        unseen -= share
        observed = ((count if other != word else 0) + NEIGHBOUR_PRIOR * share) / total
        divergence += observed * log(observed / share)
    if unseen > 0:
        divergence += unseen * NEIGHBOUR_PRIOR / total * log(NEIGHBOUR_PRIOR / total)
    return divergence / sqrt(seen / total)


@lru_cache(maxsize=50_000)
def trigrams(word):
    """The trigrams of a word, with two blanks before it and one after it.

    >>> sorted(trigrams("tax"))
    ['  t', ' ta', 'ax ', 'tax']
    """
    padded = f"  {word} "
    return frozenset(padded[at : at + 3] for at in range(len(padded) - 2))


class Profile(NamedTuple):
    """A ticket ready to be compared: the square roots of its trigrams' weights, and the sum of the weights."""

    roots: dict
    total: float


def profile(words, weights):
    """Prepare a ticket for comparison.

    :param str words: stems, see ``text.words_of``
    :param Weights weights: of the words
    :return: ``Profile``
    """
    heaviest = {}
    for word in words.split():
        weight = weights.of(word)
        for trigram in trigrams(word):
            if heaviest.get(trigram, 0) < weight:
                heaviest[trigram] = weight
    return Profile({trigram: sqrt(weight) for trigram, weight in heaviest.items()}, sum(heaviest.values()))


def overlap(one, other):
    """How much two tickets have in common, 0 for nothing.

    :param Profile one: of one ticket
    :param Profile other: of the other ticket; the order does not matter
    :return: float, at most ``total ** (1 - 2 * EXPONENT)``

    >>> overlap(profile("", NOTHING_LEARNED), profile("printer", NOTHING_LEARNED))
    0.0
    """
    if len(one.roots) > len(other.roots):
        one, other = other, one
    theirs = other.roots
    common = sum(root * theirs[trigram] for trigram, root in one.roots.items() if trigram in theirs)
    return common / (one.total * other.total) ** EXPONENT if common else 0.0


class Evidence(NamedTuple):
    """What is known apart from the text. ``None`` means unknown, and changes nothing."""

    same_customer: bool | None = None
    same_team: bool | None = None
    days: float = 0


def percent(shared, evidence=None):
    """The probability that two tickets are the same request, in percent.

    :param float shared: their ``overlap``
    :param Evidence evidence: what else is known about the pair
    :return: float from 0 to 100, 0 when the texts have nothing in common

    >>> percent(0)
    0.0
    >>> percent(.9) < percent(.9, Evidence(same_customer=True))
    True
    >>> percent(.9) > percent(.9, Evidence(same_team=False)) > percent(.9, Evidence(same_team=False, days=30))
    True
    """
    if not shared:
        return 0.0
    evidence = evidence or Evidence()
    logit = INTERCEPT + SLOPE * shared
    if evidence.same_customer is not None:
        logit += SAME_CUSTOMER if evidence.same_customer else OTHER_CUSTOMER
    if evidence.same_team is False:
        logit += OTHER_TEAM
    logit += PER_DOUBLED_DAYS * log(1 + max(0, evidence.days), 2)
    return 100 / (1 + exp(-logit))


def common_words(one, other, weights, most=6):
    """The words that two tickets have in common, the most distinctive first.

    :param str one: stems
    :param str other: stems
    :param Weights weights: of the words
    :param int most: how many at most
    :return: list of stems

    >>> common_words("the invoic 4711", "invoic 4711 is wrong the", NOTHING_LEARNED)
    ['invoic', '4711', 'the']
    """
    theirs = set(other.split())
    common = [word for word in one.split() if word in theirs]
    return sorted(common, key=lambda word: -weights.of(word))[:most]
