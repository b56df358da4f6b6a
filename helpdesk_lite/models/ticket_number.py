import re

from odoo import api, models
from odoo.tools import SQL

# a sequence is not led further than this by an import, so that it never ends
HIGHEST = 10**15
# so many numbers are drawn one by one, which cannot cross what others draw at the same moment
FEW = 10_000


class TicketNumber(models.Model):
    """Numbers are drawn from the company's sequence, for a whole batch in a constant number of statements.

    A number that a ticket has already, by an import or by SQL, is passed over: mail, form and
    agents go on with the next one. Numbers that an import brings are passed by the sequence before
    they are inserted, so that no mail of the same moment draws one of them.
    """

    _inherit = "helpdesk_lite.ticket"

    @api.model
    def _prepare_create_values(self, vals_list):
        # here and not in create(), where what comes from a client is checked
        vals_list = [dict(vals) for vals in vals_list]
        # sudo: the number comes from the company of the team, whoever writes to it
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
            # sudo: the company's sequence, whoever imports
            for company in self.sudo().company_id:
                self._pass_numbers(company, {vals["number"]})
        return super().write(vals)

    @api.model
    def _next_numbers(self, company, count, reserved=()):
        """Draw ticket numbers of a company that no ticket has.

        :param company: record of ``res.company``
        :param int count: how many
        :param reserved: strings that are not to be drawn
        :return: list of ``count`` strings, all different
        """
        sequence = self._get_number_sequence(company)
        standard = sequence.implementation == "standard" and not sequence.use_date_range
        numbers, draw = [], count
        while len(numbers) < count:
            if standard:
                drawn = self.env.execute_query(SQL(
                    "SELECT nextval(%s) FROM generate_series(1, %s)", f"ir_sequence_{sequence.id:03d}", draw,
                ))
                drawn = [sequence.get_next_char(number) for (number,) in drawn]
            else:
                drawn = [sequence.next_by_id() for _i in range(count - len(numbers))]
            taken = self._get_taken_numbers(drawn) | set(reserved)
            numbers += [number for number in dict.fromkeys(drawn) if number not in taken and number not in numbers]
            # a long run of taken numbers is passed in few steps
            draw = max(2 * draw, 10)
        return numbers[:count]

    @api.model
    def _get_taken_numbers(self, numbers):
        self.flush_model(["number"])
        return {number for (number,) in self.env.execute_query(SQL(
            "SELECT number FROM helpdesk_lite_ticket WHERE number = ANY(%s)", numbers,
        ))}

    @api.model
    def _get_number_sequence(self, company):
        """:return: record of ``ir.sequence``, sudoed"""
        # sudo: every author of a ticket needs a number, hardly any may read sequences
        sequence = self.env["ir.sequence"].sudo().search(
            [("code", "=", "helpdesk_lite.ticket"), ("company_id", "in", (company.id, False))],
            order="company_id", limit=1,
        )
        if sequence:
            # of today, whatever date a client's context names
            return sequence.with_env(sequence.env(context={
                key: value for key, value in self.env.context.items() if not key.startswith("ir_sequence_")
            }))
        company._create_ticket_sequence()
        return self._get_number_sequence(company)

    @api.model
    def _pass_numbers(self, company, numbers):
        """Lead the company's sequence past numbers that are about to be stored. It does not come back with a rollback.

        :param company: record of ``res.company``
        :param set numbers: strings
        """
        sequence = self._get_number_sequence(company)
        if sequence.implementation != "standard" or sequence.use_date_range:
            return
        prefix, suffix = sequence._get_prefix_suffix()
        pattern = re.compile(rf"{re.escape(prefix)}(\d{{1,15}}){re.escape(suffix)}", re.ASCII)
        highest = max((int(match[1]) for number in numbers if (match := pattern.fullmatch(str(number)))), default=0)
        name = f"ir_sequence_{sequence.id:03d}"
        last = self.env.execute_query(SQL(
            "SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM %s", SQL.identifier(name),
        ))[0][0]
        if not last < highest < HIGHEST:
            return
        steps = -(-(highest - last) // max(sequence.number_increment, 1))
        if steps > FEW:
            self.env.execute_query(SQL("SELECT setval(%s, %s)", name, highest))
        else:
            self.env.execute_query(SQL("SELECT max(nextval(%s)) FROM generate_series(1, %s)", name, steps))
