import time
from collections import Counter, namedtuple

from odoo import fields

from ...tools.fair_share import choose

# ``user`` is an id and ``reason`` as in ``helpdesk_lite.assignment``
Choice = namedtuple("Choice", ["user", "number", "method", "date", "reason"])


class Turns:
    """The choices of one team that are made one after the other: each one counts for those that follow.

    :param helpdesk_lite.tools.fair_share.Ledger ledger: of the team, locked
    :param str method: as in ``assign_method`` of the team
    :param datetime moment: of the choices, naive, in UTC
    :param int xid: number of the transaction that makes them true
    """

    def __init__(self, ledger, method, moment, xid):
        self.ledger, self.method, self.moment, self.xid = ledger, method, moment, xid
        self.now = int(time.time())
        self.loads = Counter()

    def count(self, loads):
        """Add open tickets.

        :param dict loads: user id to number of tickets
        """
        self.loads.update(loads)

    def choose_next(self, presence):
        """Give the next ticket to whoever is next.

        :param Presence presence: who could be given it
        :return: :class:`Choice`, or None when nobody could
        """
        if not presence.users:
            return None
        compared = self._get_levels(presence.users) or {user: self.loads[user] for user in presence.users}
        turns = self.ledger.turns(presence.users)
        user = choose(compared, turns)
        self.count({user: 1})
        return self.give(user, {
            "when": presence.when if isinstance(presence.when, str) else fields.Date.to_string(presence.when),
            "loads": {str(other): load for other, load in compared.items()},
            "turns": {str(other): turn for other, turn in turns.items()},
            "away": {str(other): fields.Datetime.to_string(until) for other, until in presence.away.items()},
        }, presence.users)

    def give(self, user, reason, candidates):
        """Enter a choice in the ledger.

        :param int user: id of whoever is given the ticket
        :param dict reason: as in ``helpdesk_lite.assignment``
        :param list candidates: ids of those it was chosen from
        :return: :class:`Choice`
        """
        number = self.ledger.give(user, self.method, self.xid, self.now, self._get_levels(candidates))
        return Choice(user, number, self.method, self.moment, reason)

    def _get_levels(self, candidates):
        return self.ledger.level(candidates) if self.method == "equal_total" else None
