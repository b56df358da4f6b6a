import logging
from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_date, formatLang
from psycopg2 import OperationalError

_logger = logging.getLogger(__name__)

WEEK = timedelta(days=7)


class TeamLetter(models.Model):
    """The figures of the last week, mailed to the leaders of a team on Monday, with the change since the week before.

    They are those of the overview, counted with the rights of each leader: to lead a team gives no sight of its tickets.
    """

    _inherit = "helpdesk_lite.team"

    leader_ids = fields.Many2many(
        "res.users",
        "helpdesk_lite_team_leader_rel",
        "team_id",
        "user_id",
        string="Team Leaders",
        domain=[("share", "=", False)],
        check_company=True,
        copy=False,
        help="They get the figures of the last week each Monday by e-mail, of the tickets that they can see.",
    )

    @api.model
    def _cron_send_letters(self):
        """Mail each leader one letter about all their teams.

        All in one transaction: a job that ends in between would begin again, and mail the first ones twice.
        """
        teams = defaultdict(self.browse)
        for team in self.search([("leader_ids", "!=", False)]):
            for leader in team.leader_ids:
                if leader.active and leader.email and leader.has_group("helpdesk_lite.group_user"):
                    teams[leader] |= team
        for leader, theirs in teams.items():
            try:
                with self.env.cr.savepoint():
                    theirs._send_letter(leader)
            except OperationalError:
                # the server tries all again
                raise
            except Exception:
                _logger.exception(
                    "The figures of the week for %s could not be written; the other leaders get theirs", leader.login
                )

    def _send_letter(self, leader):
        """Mail the figures of these teams to a leader, in their language.

        :param leader: record of ``res.users``
        """
        teams = self.with_user(leader).with_context(
            lang=leader.lang, tz=leader.tz, allowed_company_ids=(self.company_id & leader.company_ids).ids
        )
        teams = teams._filtered_access("read")
        # where it is still Sunday when the job runs, the week is over all the same
        today = (fields.Datetime.context_timestamp(teams, fields.Datetime.now()) + timedelta(hours=12)).date()
        last = today - timedelta(days=today.weekday() + 1)
        tables = [{"team": team, "rows": team._get_letter_rows(last)} for team in teams]
        if not tables:
            return
        subject = teams.env._(
            "Helpdesk: the week from %(first)s to %(last)s",
            first=format_date(teams.env, last - WEEK + timedelta(days=1)),
            last=format_date(teams.env, last),
        )
        # where there are websites, one record has one address
        address = f"{self[:1].get_base_url()}/odoo/helpdesk-lite-figures"
        values = {"subject": subject, "tables": tables, "address": address}
        body = teams.env["ir.qweb"]._render("helpdesk_lite.team_letter", values)
        # sudo: agents cannot create mails; this one goes to the leader only
        self.env["mail.mail"].sudo().create(
            {
                "subject": subject,
                "body_html": body,
                "email_from": self.company_id[:1].partner_id.email_formatted or self.env.user.email_formatted,
                "email_to": leader.email_formatted,
                "auto_delete": True,
                "headers": {"X-Auto-Response-Suppress": "OOF"},
                "state": "outgoing",
            }
        )

    def _get_letter_rows(self, last):
        """The figures of a week and of the one before.

        :param date last: the last day of the week
        :return: list of dicts with ``label``, ``value`` and ``change``, as texts
        """
        self.ensure_one()
        this, before = (self._get_week(day) for day in (last, last - WEEK))
        return [
            {
                "label": tile["label"],
                "value": self._write_figure(tile, tile["value"]),
                "change": self._write_change(tile, former),
            }
            for tile, former in zip(this, before, strict=True)
        ]

    def _get_week(self, last):
        filters = {
            "period": "custom",
            "first": (last - WEEK + timedelta(days=1)).isoformat(),
            "last": last.isoformat(),
            "team_ids": self.ids,
        }
        found = self.env["helpdesk_lite.overview"].get_overview(filters, ["trend", "speed", "quality"])
        return [*found["trend"]["tiles"], *found["speed"], *found["quality"]]

    @api.model
    def _write_figure(self, tile, value):
        if value is None:
            return "–"
        if tile["unit"] == "hours":
            return self.env._("%s h", formatLang(self.env, value, digits=1))
        return self.env._("%s %%", int(value)) if tile["unit"] == "percent" else str(value)

    @api.model
    def _write_change(self, tile, former):
        if tile["value"] is None or former["value"] is None:
            return "–"
        change = tile["value"] - former["value"]
        sign = "+" if change > 0 else "−" if change < 0 else "±"
        return sign + self._write_figure(tile, abs(change))
