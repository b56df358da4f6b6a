import time
from collections import Counter, namedtuple

from odoo import fields

from ...tools.fair_share import choose

# ``user`` is an id; for ``reason`` see ``helpdesk_lite.assignment``
Choice = namedtuple("Choice", ["user", "number", "method", "date", "reason"])


class Turns:
    """Successive choices of one team, in which each choice counts for the next ones.

    :param helpdesk_lite.tools.fair_share.Ledger ledger: of the team, locked
    :param str method: as in ``assign_method`` of the team
    :param datetime moment: of the choices, naive, in UTC
    :param int xid: number of the transaction that stores the choices
    """

    def __init__(self, ledger, method, moment, xid):
        self.ledger, self.method, self.moment, self.xid = ledger, method, moment, xid
        self.now = int(time.time())
        self.loads = Counter()

    def count(self, loads):
        """Add open tickets to the loads.

        :param dict loads: user id to number of tickets
        """
        self.loads.update(loads)

    def choose_next(self, availability):
        """Choose the assignee of the next ticket.

        :param Availability availability: the candidates
        :return: :class:`Choice`, or None when there is no candidate
        """
        if not availability.users:
            return None
        compared = self._get_levels(availability.users) or {user: self.loads[user] for user in availability.users}
        turns = self.ledger.turns(availability.users)
        user = choose(compared, turns)
        self.count({user: 1})
        return self.give(
            user,
            {
                "when": availability.when if isinstance(availability.when, str) else fields.Date.to_string(availability.when),
                "loads": {str(other): load for other, load in compared.items()},
                "turns": {str(other): turn for other, turn in turns.items()},
                "away": {str(other): fields.Datetime.to_string(until) for other, until in availability.away.items()},
            },
            availability.users,
        )

    def give(self, user, reason, candidates):
        """Record a choice in the ledger.

        :param int user: id of the assignee
        :param dict reason: as in ``helpdesk_lite.assignment``
        :param list candidates: ids of the users among whom the assignee was chosen
        :return: :class:`Choice`
        """
        number = self.ledger.give(user, self.method, self.xid, self.now, self._get_levels(candidates))
        return Choice(user, number, self.method, self.moment, reason)

    def _get_levels(self, candidates):
        return self.ledger.level(candidates) if self.method == "equal_total" else None
