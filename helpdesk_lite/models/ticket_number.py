import re

from odoo import api, models
from odoo.exceptions import ConcurrencyError
from odoo.tools import SQL
from psycopg2.errors import UniqueViolation

# imports advance a sequence at most to this number, so that it never runs out
HIGHEST = 10**15
# the index that PostgreSQL names when a number is taken
UNIQUE = "helpdesk_lite_ticket_number_unique"
# up to this many numbers are skipped by drawing them, which is safe while others draw at the same moment
FEW = 10_000


def _tidy(number):
    """A number without blanks around it, and with one in place of several."""
    return " ".join(number.split())


class TicketNumber(models.Model):
    """Draws numbers from the company's sequence, for a whole batch in a constant number of statements.

    Numbers that tickets already have, from an import or from SQL, are skipped. The sequence is
    advanced past imported numbers before these are inserted, so that no ticket that is created at
    the same moment draws one of them.
    """

    _inherit = "helpdesk_lite.ticket"

    @api.model_create_multi
    def create(self, vals_list):
        """Draw again, in a new transaction, when a drawn number was stored by another one that this one does not see.

        That happens with the numbers of two companies that look alike, and with imported ones.

        :raise ConcurrencyError: so that Odoo tries the request again, and finds the number taken
        """
        try:
            return super().create(vals_list)
        except UniqueViolation as error:
            if error.diag.constraint_name != UNIQUE or any(vals.get("number") for vals in vals_list):
                raise
            raise ConcurrencyError("A ticket number was taken by somebody else at the same moment") from error

    @api.model
    def _prepare_create_values(self, vals_list):
        # not in create(), which checks values from clients: they cannot set the number
        vals_list = [dict(vals) for vals in vals_list]
        # sudo: the user need not have access to the company's sequence
        teams = self.env["helpdesk_lite.team"].sudo().browse([vals["team_id"] for vals in vals_list])
        for company in teams.company_id:
            ours = [vals for vals, team in zip(vals_list, teams, strict=True) if team.company_id == company]
            given = {vals["number"] for vals in ours if vals.get("number")}
            if given:
                self._pass_numbers(company, given)
            unnumbered = [vals for vals in ours if not vals.get("number")]
            numbers = self._next_numbers(company, len(unnumbered), given) if unnumbered else ()
            for vals, number in zip(unnumbered, numbers, strict=True):
                vals["number"] = number
        return super()._prepare_create_values(vals_list)

    def write(self, vals):
        if vals.get("number"):
            # sudo: the user need not have access to the company's sequence
            for company in self.sudo().company_id:
                self._pass_numbers(company, {vals["number"]})
        return super().write(vals)

    @api.model
    def _next_numbers(self, company, count, reserved=()):
        """Draw unused ticket numbers of a company.

        :param company: record of ``res.company``
        :param int count: how many
        :param reserved: strings that must not be drawn
        :return: list of ``count`` strings, all different
        """
        sequence = self._get_number_sequence(company)
        numbers, draw = [], count
        while len(numbers) < count:
            drawn, taken = self._draw_numbers(sequence, draw, count - len(numbers))
            taken |= set(reserved)
            numbers += [number for number in dict.fromkeys(drawn) if number not in taken and number not in numbers]
            # draws more each time, to skip a long run of taken numbers in few steps
            draw = max(2 * draw, 10)
        return numbers[:count]

    @api.model
    def _draw_numbers(self, sequence, many, few):
        """Draw numbers, as mail programs leave them in a subject, by which answers are threaded.

        :param sequence: record of ``ir.sequence``, sudoed
        :param int many: how many, where one statement draws them and finds those that are taken
        :param int few: how many, where each is drawn on its own
        :return: tuple (list of strings, set of those that tickets have already)
        """
        self.flush_model(["number"])
        if sequence.implementation != "standard" or sequence.use_date_range:
            drawn = [_tidy(sequence.next_by_id()) for _i in range(few)]
            rows = self.env.execute_query(SQL("SELECT number FROM helpdesk_lite_ticket WHERE number = ANY(%s)", drawn))
            return drawn, {number for (number,) in rows}
        before, after = self._get_number_parts(sequence)
        rows = self.env.execute_query(
            SQL(
                """ WITH drawn AS MATERIALIZED (SELECT nextval(%s)::text AS digits FROM generate_series(1, %s)),
                named AS (SELECT %s || lpad(digits, greatest(%s, length(digits)), '0') || %s AS number FROM drawn)
                SELECT number, EXISTS (SELECT FROM helpdesk_lite_ticket ticket WHERE ticket.number = named.number) FROM named
                """,
                f"ir_sequence_{sequence.id:03d}",
                many,
                before,
                sequence.padding,
                after,
            )
        )
        return [number for number, _is_taken in rows], {number for number, is_taken in rows if is_taken}

    @api.model
    def _get_number_parts(self, sequence):
        """What stands in front of the digits of a number, and behind them.

        :param sequence: record of ``ir.sequence``, sudoed
        :return: list of two strings
        """
        prefix, suffix = sequence._get_prefix_suffix()
        return _tidy(f"{prefix}\0{suffix}").split("\0")

    @api.model
    def _get_number_sequence(self, company):
        """:return: record of ``ir.sequence``, sudoed"""
        # sudo: everybody who creates a ticket needs a number, but few users can read sequences
        sequence = (
            self.env["ir.sequence"]
            .sudo()
            .search_fetch(
                [("code", "=", "helpdesk_lite.ticket"), ("company_id", "in", (company.id, False))], order="company_id", limit=1
            )
        )
        if sequence:
            # ignore dates in the client's context
            return sequence.with_env(
                sequence.env(
                    context={key: value for key, value in self.env.context.items() if not key.startswith("ir_sequence_")}
                )
            )
        company._create_ticket_sequence()
        return self._get_number_sequence(company)

    @api.model
    def _pass_numbers(self, company, numbers):
        """Advance the company's sequence past numbers that are about to be stored. A rollback does not undo it.

        :param company: record of ``res.company``
        :param set numbers: str
        """
        sequence = self._get_number_sequence(company)
        if sequence.implementation != "standard" or sequence.use_date_range:
            return
        before, after = map(re.escape, self._get_number_parts(sequence))
        pattern = re.compile(rf"{before}(\d{{1,15}}){after}", re.ASCII)
        highest = max((int(match[1]) for number in numbers if (match := pattern.fullmatch(str(number)))), default=0)
        name = f"ir_sequence_{sequence.id:03d}"
        last = self.env.execute_query(
            SQL("SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM %s", SQL.identifier(name))
        )[0][0]
        if not last < highest < HIGHEST:
            return
        steps = -(-(highest - last) // max(sequence.number_increment, 1))
        if steps > FEW:
            self.env.execute_query(SQL("SELECT setval(%s, %s)", name, highest))
        else:
            self.env.execute_query(SQL("SELECT max(nextval(%s)) FROM generate_series(1, %s)", name, steps))
