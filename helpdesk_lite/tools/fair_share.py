"""The arithmetic of automatic assignment, without Odoo.

A team's :class:`Ledger` holds what its choices depend on besides the calendars: how much each
member was given, in which order, and the claims whose transactions other transactions may not
see yet. It is stored as JSON, and read and written under a lock.
"""

from dataclasses import dataclass, field

# a claim older than this (in seconds) is no longer in flight, whatever its transaction number says:
# transaction numbers are meaningless after a database was restored elsewhere
STALE = 3600


def choose(loads: dict[int, int], turns: dict[int, int]) -> int:
    """Choose the candidate with the lowest load, then the one chosen longest ago, then the lowest id.

    :param loads: user id to load; must not be empty
    :param turns: user id to the number of the last choice, see :meth:`Ledger.turns`
    :return: the id of the chosen user

    >>> choose({7: 2, 8: 1, 9: 1}, {8: 5, 9: 4})
    9
    >>> choose({7: 0, 8: 0}, {7: 1})
    8
    """
    return min(loads, key=lambda user: (loads[user], turns.get(user, 0), user))


def is_visible(xid: int, snapshot: str) -> bool:
    """Whether a transaction had ended when a snapshot was taken.

    :param xid: number of the transaction
    :param snapshot: as PostgreSQL writes it, ``xmin:xmax:xip,…``

    >>> [is_visible(xid, "10:14:10,12") for xid in (9, 10, 11, 12, 13, 14)]
    [True, False, True, False, True, False]
    """
    xmin, xmax, running = snapshot.split(":")
    return xid < int(xmin) or (xid < int(xmax) and str(xid) not in running.split(","))


@dataclass
class Share:
    """The tickets that one member was given.

    ``equal_total`` compares ``level``: the number of assigned tickets, which starts at the level of
    the others when a member joins or returns. ``total`` is the plain number, ``turn`` the number of
    the last choice.
    """

    level: int = 0
    total: int = 0
    turn: int = 0


@dataclass
class Claim:
    """One choice. It becomes effective if the transaction ``xid`` commits. ``time`` is in seconds."""

    number: int
    user: int
    xid: int
    time: int
    method: str
    settled: bool = False


@dataclass
class Ledger:
    """The state on which a team's choices depend, besides the calendars."""

    number: int = 0
    base: int = 0
    present: set[int] = field(default_factory=set)
    shares: dict[int, Share] = field(default_factory=dict)
    claims: list[Claim] = field(default_factory=list)

    @classmethod
    def from_json(cls, data: dict | None) -> "Ledger":
        """Build the ledger from the result of :meth:`to_json`, or an empty one from None.

        >>> ledger = Ledger()
        >>> ledger.give(7, "equal_total", xid=3, time=0)
        1
        >>> Ledger.from_json(ledger.to_json()) == ledger
        True
        """
        if not data:
            return cls()
        return cls(
            data["number"],
            data["base"],
            set(data["present"]),
            {int(user): Share(*share) for user, share in data["shares"].items()},
            [Claim(*claim) for claim in data["claims"]],
        )

    def to_json(self) -> dict:
        """Convert the ledger into dicts, lists and numbers."""
        return {
            "number": self.number,
            "base": self.base,
            "present": sorted(self.present),
            "shares": {str(user): [share.level, share.total, share.turn] for user, share in self.shares.items()},
            "claims": [[claim.number, claim.user, claim.xid, claim.time, claim.method, claim.settled] for claim in self.claims],
        }

    def turns(self, candidates) -> dict[int, int]:
        """The number of the choice in which each candidate was last chosen, 0 for never.

        :param candidates: iterable of user ids
        :return: user id to number
        """
        return {user: self.shares[user].turn if user in self.shares else 0 for user in candidates}

    def level(self, candidates) -> dict[int, int]:
        """The level of each candidate for ``equal_total``, so that members who return start level.

        Candidates of the previous choice keep their level. Others (new members, members back from time
        off or from another shift) are raised to the lowest level among those; if there are none, to
        the lowest level at the previous choice. So nobody is flooded with tickets to catch up.

        :param candidates: iterable of user ids
        :return: user id to level

        >>> ledger = Ledger(base=4, present={7}, shares={7: Share(5), 8: Share(1), 9: Share(9)})
        >>> ledger.level([7, 8, 9]), ledger.level([8])
        ({7: 5, 8: 5, 9: 9}, {8: 4})
        """
        there = [self.shares[user].level for user in candidates if user in self.present and user in self.shares]
        floor = min(there, default=self.base)
        return {
            user: self.shares[user].level
            if user in self.present and user in self.shares
            else max(floor, self.shares[user].level if user in self.shares else 0)
            for user in candidates
        }

    def give(self, user: int, method: str, xid: int, time: int, levels: dict[int, int] | None = None) -> int:
        """Record a choice.

        :param user: id of the chosen user
        :param method: the team's method, ``equal_total``, ``equal_open`` or ``tags``
        :param xid: number of the transaction that stores the ticket
        :param time: in seconds since the epoch
        :param levels: for ``equal_total``, the result of :meth:`level` for the candidates
        :return: the number of the choice, counted within the team
        """
        self.number += 1
        for candidate, level in (levels or {}).items():
            self.shares.setdefault(candidate, Share()).level = level
        share = self.shares.setdefault(user, Share())
        share.total += 1
        share.turn = self.number
        if levels:
            share.level += 1
            self.present = set(levels)
            self.base = min(self.shares[candidate].level for candidate in levels)
        self.claims.append(Claim(self.number, user, xid, time, method))
        return self.number

    def in_flight(self, snapshot: str, xid: int, now: int) -> dict[int, int]:
        """Count the claims per user whose tickets a transaction cannot see yet.

        :param snapshot: of that transaction
        :param xid: number of that transaction, which sees its own tickets
        :param now: in seconds since the epoch; claims older than an hour are visible or void
        :return: user id to number of claims
        """
        hidden = {}
        for claim in self.claims:
            if claim.xid != xid and now - claim.time < STALE and not is_visible(claim.xid, snapshot):
                hidden[claim.user] = hidden.get(claim.user, 0) + 1
        return hidden

    def settle(self, outcomes: dict[int, bool], horizon: int, now: int) -> None:
        """Take back claims that were rolled back, and drop claims that every transaction sees.

        :param outcomes: number of a claim whose transaction has ended, to whether its ticket exists
        :param horizon: every running transaction sees transactions below this number
        :param now: in seconds since the epoch
        """
        kept = []
        for claim in self.claims:
            happened = outcomes.get(claim.number)
            if happened is False and not claim.settled:
                share = self.shares[claim.user]
                share.total -= 1
                share.level -= claim.method == "equal_total"
                continue
            claim.settled = claim.settled or happened is True
            if not claim.settled or (claim.xid >= horizon and now - claim.time < STALE):
                kept.append(claim)
        self.claims = kept
