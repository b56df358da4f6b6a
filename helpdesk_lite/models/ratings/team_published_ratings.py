from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .rating_request import FACES

PUBLISHED_DAYS = 30
# one answer of a few could be told to be somebody's
FEWEST = 5
MOST_COMMENTS = 20


class TeamPublishedRatings(models.Model):
    """What everybody may know about the ratings of a team: shares of enough answers, and comments that two people released."""

    _inherit = "helpdesk_lite.team"

    rating_public = fields.Boolean(
        "Publish Ratings", help="Shows the ratings of the last 30 days on a page that everybody can open."
    )
    rating_public_url = fields.Char("Page of the Ratings", compute="_compute_rating_public_url")

    @api.depends("use_rating", "rating_public", "privacy_visibility", "active", "name")
    def _compute_rating_public_url(self):
        for team in self:
            published = team._origin and team._are_ratings_public()
            slug = self.env["ir.http"]._slug(team._origin) if published else ""
            team.rating_public_url = f"{team.get_base_url()}/helpdesk/{slug}/ratings" if published else False

    def _are_ratings_public(self):
        return bool(self.active and self.use_rating and self.rating_public and self.privacy_visibility == "public")

    def _get_published_ratings(self):
        """The ratings for the public page: of tickets that were this team's when they were rated, and are now.

        :return: dict with ``count``, int, ``shares``, dict of the value of a face to whole percent, empty below ``FEWEST``
          answers, and ``comments``, list of dict of ``rate`` and ``text``, latest first
        """
        self.ensure_one()
        since = fields.Datetime.now() - timedelta(days=PUBLISHED_DAYS)
        source = SQL(
            """ FROM rating_rating rating
                JOIN helpdesk_lite_ticket ticket ON ticket.id = rating.res_id AND ticket.team_id = %(team)s
               WHERE rating.parent_res_model = 'helpdesk_lite.team' AND rating.parent_res_id = %(team)s
                 AND rating.res_model = 'helpdesk_lite.ticket' AND rating.consumed AND rating.rated_on >= %(since)s
            """,
            team=self.id,
            since=since,
        )
        self.env.flush_all()
        counts = {
            int(rate): count
            for rate, count in self.env.execute_query(SQL("SELECT rating.rating, count(*) %s GROUP BY rating.rating", source))
        }
        total = sum(counts.values())
        if total < FEWEST:
            return {"count": total, "shares": {}, "comments": []}
        comments = self.env.execute_query(
            SQL(
                """SELECT rating.rating, rating.feedback %s AND rating.comment_agreed AND rating.comment_published
                    ORDER BY rating.rated_on DESC, rating.id DESC LIMIT %s""",
                source,
                MOST_COMMENTS,
            )
        )
        return {
            "count": total,
            "shares": {rate: round(100 * counts.get(rate, 0) / total) for rate in FACES},
            "comments": [{"rate": int(rate), "text": text} for rate, text in comments],
        }
