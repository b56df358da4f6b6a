from odoo import api, models
from odoo.fields import Domain

from .overview import TICKET, make_tile

# the values of the best and of the worst face
HAPPY, UNHAPPY = 5, 1


class OverviewSatisfaction(models.AbstractModel):
    """What customers said in the period, whenever their tickets were closed.

    Tickets are counted, as each is asked about once. One that others were merged into has their ratings as well, and may count
    as happy and as unhappy.
    """

    _inherit = "helpdesk_lite.overview"

    @api.model
    def _get_satisfaction_tiles(self, asked, source):
        """The shares of happy and unhappy customers, in one statement; none where no team asks.

        :return: list of dicts, see ``make_tile``
        """
        # sudo: only whether any team asks its customers
        if not self.env["helpdesk_lite.team"].sudo().search_count([("use_rating", "=", True)], limit=1):
            return []
        _ = self.env._
        counted = self.env[TICKET]._get_counted_domain()
        given = Domain("consumed", "=", True) & asked.within("rated_on")
        rated = counted & self._get_rated_domain(given)
        figures = [
            ("happy", _("Happy Customers"), counted & self._get_rated_domain(given & Domain("rating", "=", HAPPY))),
            ("unhappy", _("Unhappy Customers"), counted & self._get_rated_domain(given & Domain("rating", "=", UNHAPPY))),
        ]
        total, *counts = source.count([Domain.TRUE, *(domain for _key, _label, domain in figures)], rated)
        return [
            make_tile(
                key,
                label,
                100 * count / total if total else None,
                asked.tickets & domain,
                unit="percent",
                n=total,
                count=count,
                hint=_("Of the tickets that customers rated in the period."),
            )
            for (key, label, domain), count in zip(figures, counts, strict=True)
        ]

    @api.model
    def _get_rated_domain(self, ratings):
        """The tickets that have some ratings. Who sees a ticket sees its ratings.

        :param Domain ratings: of ``rating.rating``
        :return: Domain, which a client can send back
        """
        return Domain("rating_ids", "any", list(ratings))
