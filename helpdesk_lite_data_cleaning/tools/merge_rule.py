"""The rule of merging: *tickets of one customer in one team become one; any others are joined, and keep their own readers.*

Plain Python on facts about two tickets. What depends on record rules is asked elsewhere.
"""

from typing import NamedTuple


class Facts(NamedTuple):
    """What the rule looks at in a ticket.

    * ``team``: id of its team
    * ``customer``: id of the contact and normalized address of who made the request; empty when nobody is known
    * ``outsiders``: ids of the partners from outside who follow it
    * ``linked``: whether somebody was given its access link
    """

    team: int
    customer: frozenset
    outsiders: frozenset
    linked: bool = False


def find_obstacle(master: Facts, source: Facts) -> str:
    """Why a source cannot become one with the master, as far as these facts say.

    :return: ``team``, ``customer`` or ``followers``; empty when nothing is in the way

    One contact or one address is one customer; a colleague is another one.

    >>> zoe = Facts(1, frozenset({7, "zoe@quill.example"}), frozenset({7}))
    >>> find_obstacle(zoe, Facts(1, frozenset({"zoe@quill.example"}), frozenset({7})))
    ''
    >>> find_obstacle(zoe, Facts(1, frozenset({8, "max@quill.example"}), frozenset({7})))
    'customer'

    Who follows one ticket only would gain sight of the other one, or lose sight of their own.

    >>> find_obstacle(zoe, zoe._replace(outsiders=frozenset({7, 9})))
    'followers'
    >>> find_obstacle(zoe, zoe._replace(team=2))
    'team'

    Requests of nobody in particular are one's own, unless somebody unknown was given a link.

    >>> nobody = Facts(1, frozenset(), frozenset())
    >>> find_obstacle(nobody, nobody)
    ''
    >>> find_obstacle(nobody._replace(linked=True), nobody)
    'customer'
    >>> find_obstacle(nobody, zoe._replace(outsiders=frozenset()))
    'customer'
    """
    if master.team != source.team:
        return "team"
    nobodys = not (master.customer or source.customer or master.linked or source.linked)
    if not nobodys and not master.customer & source.customer:
        return "customer"
    if master.outsiders != source.outsiders:
        return "followers"
    return ""
