"""Who is next: the arithmetic of automatic assignment, without Odoo.

A team's :class:`Ledger` is what its choices need to know beside the calendars: how much each
member was given, in which order, and the claims whose transactions other transactions may
not see yet. It is kept as JSON and read and written under a lock.
"""

from dataclasses import dataclass, field

# a claim older than this (seconds) is not in flight any more, whatever its transaction's number says:
# numbers mean nothing after a database was restored elsewhere
STALE = 3600


def choose(loads: dict[int, int], turns: dict[int, int]) -> int:
    """The candidate with the lowest load; among equals who was chosen longest ago, then the lowest id.

    >>> choose({7: 2, 8: 1, 9: 1}, {8: 5, 9: 4})
    9
    >>> choose({7: 0, 8: 0}, {7: 1})
    8
    """
    return min(loads, key=lambda user: (loads[user], turns.get(user, 0), user))


def is_visible(xid: int, snapshot: str) -> bool:
    """Whether a transaction had ended when a snapshot (PostgreSQL's ``xmin:xmax:xip,…``) was taken.

    >>> [is_visible(xid, "10:14:10,12") for xid in (9, 10, 11, 12, 13, 14)]
    [True, False, True, False, True, False]
    """
    xmin, xmax, running = snapshot.split(":")
    return xid < int(xmin) or (xid < int(xmax) and str(xid) not in running.split(","))


@dataclass
class Share:
    """What one member was given.

    ``level`` is what ``equal_total`` compares: tickets handed out, counted from the level of
    the others at the time of joining or coming back. ``total`` is the plain count.
    """

    level: int = 0
    total: int = 0
    turn: int = 0


@dataclass
class Claim:
    """One choice: ``xid`` is the transaction that makes it true, or not, when it commits."""

    number: int
    user: int
    xid: int
    time: int
    method: str
    settled: bool = False


@dataclass
class Ledger:
    """What a team's choices need to know."""

    number: int = 0
    base: int = 0
    present: set[int] = field(default_factory=set)
    shares: dict[int, Share] = field(default_factory=dict)
    claims: list[Claim] = field(default_factory=list)

    @classmethod
    def from_json(cls, data: dict | None) -> "Ledger":
        """The ledger from what :meth:`to_json` gave; an empty one from nothing.

        >>> ledger = Ledger()
        >>> ledger.give(7, "equal_total", xid=3, time=0)
        1
        >>> Ledger.from_json(ledger.to_json()) == ledger
        True
        """
        if not data:
            return cls()
        return cls(
            data["number"], data["base"], set(data["present"]),
            {int(user): Share(*share) for user, share in data["shares"].items()},
            [Claim(*claim) for claim in data["claims"]],
        )

    def to_json(self) -> dict:
        """The ledger as lists and numbers."""
        return {
            "number": self.number,
            "base": self.base,
            "present": sorted(self.present),
            "shares": {str(user): [share.level, share.total, share.turn] for user, share in self.shares.items()},
            "claims": [
                [claim.number, claim.user, claim.xid, claim.time, claim.method, claim.settled] for claim in self.claims
            ],
        }

    def turns(self, candidates) -> dict[int, int]:
        """When each candidate was last chosen: the number of that choice, 0 for never."""
        return {user: self.shares[user].turn if user in self.shares else 0 for user in candidates}

    def level(self, candidates) -> dict[int, int]:
        """Where each candidate stands for ``equal_total``, who comes in level with the lowest who is there.

        Who was a candidate of the choice before keeps their place. Who was not (new, back from
        time off, another shift) is lifted to the lowest of those; when nobody was, to where the
        lowest stood at the choice before. So nobody is flooded to catch up.

        >>> ledger = Ledger(base=4, present={7}, shares={7: Share(5), 8: Share(1), 9: Share(9)})
        >>> ledger.level([7, 8, 9]), ledger.level([8])
        ({7: 5, 8: 5, 9: 9}, {8: 4})
        """
        there = [self.shares[user].level for user in candidates if user in self.present and user in self.shares]
        floor = min(there, default=self.base)
        return {
            user: self.shares[user].level if user in self.present and user in self.shares
            else max(floor, self.shares[user].level if user in self.shares else 0)
            for user in candidates
        }

    def give(self, user: int, method: str, xid: int, time: int, levels: dict[int, int] | None = None) -> int:
        """Enter a choice.

        :param levels: for ``equal_total``, what :meth:`level` said of the candidates
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
        """Claims per user whose tickets a transaction cannot see: it counts them itself.

        :param snapshot: of that transaction
        :param xid: of that transaction, which sees what it did itself
        :param now: seconds; claims of an hour ago are seen or void
        """
        hidden = {}
        for claim in self.claims:
            if claim.xid != xid and now - claim.time < STALE and not is_visible(claim.xid, snapshot):
                hidden[claim.user] = hidden.get(claim.user, 0) + 1
        return hidden

    def settle(self, outcomes: dict[int, bool], horizon: int, now: int) -> None:
        """Take back what was rolled back, and forget what everybody sees.

        :param outcomes: for claims whose transactions ended: number to whether the ticket is there
        :param horizon: transactions below this number are seen by every running one
        :param now: seconds
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
