from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..guards.held_answers import answer_of, held_answers

# up to this many followed tickets are listed by id, so that PostgreSQL can start from them
FEW = 1_000
# a hash of more rows exceeds the default work_mem, which makes "IN" quadratic
MANY = 200_000


class TicketRules(models.Model):
    """Evaluates the record rules of tickets fast, also for a million tickets.

    There are few teams, so the teams that a rule grants are listed by id. People may follow many
    tickets, so the form of that condition depends on their number.
    """

    _name = "helpdesk_lite.ticket"
    _inherit = ["helpdesk_lite.ticket", "helpdesk_lite.rules.mixin"]

    @api.model
    @api.readonly
    def search_count(self, domain, limit=None):
        """Count the tickets that the user can see.

        :param domain: which tickets
        :param int limit: maximum count. For users who follow many tickets, the tickets of visible teams
            are counted first: usually they reach the limit, and the followers need not be read
        :return: int
        """
        Team = self.env["helpdesk_lite.team"].with_context(active_test=False)
        if limit and not self.env.su and Team.has_access("read") and self._follows_more(self.env.user.partner_id.ids, FEW):
            among_teams = Domain(domain) & Domain("team_id", "in", Team._search([]).get_result_ids())
            if super().search_count(among_teams, limit=limit) == limit:
                return limit
        return super().search_count(domain, limit=limit)

    @api.model
    @api.readonly
    def web_read_group(self, *args, **kwargs):
        """One request for all columns of a kanban: what the user sees is asked once, not for each column."""
        with held_answers(self.env):
            return super().web_read_group(*args, **kwargs)

    @api.readonly
    def web_read(self, specification):
        """Some fields of a form search other tickets: what the user sees is asked once, not for each of them."""
        with held_answers(self.env):
            return super().web_read(specification)

    def _thread_to_store(self, store, fields, *, request_list=None):
        """The parts of a chatter are one request: followers, files and activities ask once whether the user sees the ticket."""
        if not request_list:
            return super()._thread_to_store(store, fields, request_list=request_list)
        with held_answers(self.env):
            return super()._thread_to_store(store, fields, request_list=request_list)

    def _get_asked_ids(self, domain):
        asked = super()._get_asked_ids(domain)
        parts = domain.children if getattr(domain, "OPERATOR", None) == "&" else [domain]
        if any(
            getattr(part, "field_expr", None) == "message_is_follower" and part.operator == "in" and set(part.value) == {True}
            for part in parts
        ):
            # equivalent, with a field that customers may use
            asked["message_partner_ids"] = set(self.env.user.partner_id.ids)
        return asked

    def _evaluate_rule(self, rule, asked, some):
        rule = super()._evaluate_rule(rule, asked, some)
        if "id" not in asked:
            rule = rule.map_conditions(lambda condition: self._evaluate_teams(condition, asked))
        # after the teams: when these grant everything, following does not matter
        return rule.map_conditions(lambda condition: self._evaluate_following(condition, asked, some))

    def _evaluate_teams(self, condition, asked):
        """Replace a condition on teams by the ids of the teams that fulfil it.

        :param condition: a condition of a domain
        :param dict asked: field name to set of ids, see ``_evaluate_rule``
        :return: Domain
        """
        if condition.field_expr != "team_id" or condition.operator != "any":
            return condition
        Team = self.env["helpdesk_lite.team"]
        granted = answer_of(self.env, ("teams", condition.value), lambda: set(Team._search(condition.value).get_result_ids()))
        wanted = asked.get("team_id", granted)
        return Domain.TRUE if "team_id" in asked and wanted <= granted else Domain("team_id", "in", granted & wanted)

    def _evaluate_following(self, condition, asked, some):
        """Rewrite the condition "followed by these partners" in the fastest form for the number of tickets.

        When all tickets are read, a hash of the followed tickets is fastest, and "IN" is the form that
        parallel workers share. When PostgreSQL reads in order until a page is full, it cannot foresee
        how early it stops and would build the hash for a few rows: "OFFSET 0" makes it look up each row.

        :param condition: a condition of a domain
        :param dict asked: field name to set of ids, see ``_evaluate_rule``
        :param bool some: whether only the first tickets are wanted
        :return: Domain
        """
        partner_ids = condition.value
        if condition.field_expr != "message_partner_ids" or condition.operator != "in" or not all(partner_ids):
            return condition
        if "message_partner_ids" in asked and asked["message_partner_ids"] <= set(partner_ids):
            return Domain.TRUE
        Followers = self.env["mail.followers"]
        following = self._get_following_domain(partner_ids)
        given = "id" in asked
        if not given:
            ids = answer_of(self.env, ("followed", set(partner_ids)), lambda: self._get_first_followed(following))
            if len(ids) <= FEW:
                return self._last(Domain("id", "in", ids))
        a_hash = not given and not some and not self._follows_more(partner_ids, MANY)

        def to_sql(model, alias, query):
            followers = Followers._search(following)
            ticket_id = SQL.identifier(alias, "id")
            if a_hash:
                return SQL("%s IN %s", ticket_id, followers.subselect("mail_followers.res_id"))
            followers.add_where(SQL("mail_followers.res_id = %s", ticket_id))
            return SQL("EXISTS (%s %s)", followers.select("1"), SQL("OFFSET 0") if some else SQL())

        return Domain.custom(to_sql=to_sql)

    def _get_first_followed(self, following):
        """The ids of followed tickets, one more than are listed by id if there are more.

        :param Domain following: of followers
        :return: list of ids
        """
        first = self.env["mail.followers"]._search(following, limit=FEW + 1).select("mail_followers.res_id")
        return [ticket_id for (ticket_id,) in self.env.execute_query(first)]

    def _get_following_domain(self, partner_ids):
        return Domain("res_model", "=", self._name) & Domain("partner_id", "in", partner_ids)

    def _follows_more(self, partner_ids, count):
        # sudo: only the number of followed tickets is read
        Followers = self.env["mail.followers"].sudo()
        following = self._get_following_domain(partner_ids)
        return answer_of(
            self.env,
            ("follows more", set(partner_ids), count),
            lambda: bool(Followers._search(following, offset=count, limit=1).get_result_ids()),
        )

    def _last(self, domain):
        """Make PostgreSQL evaluate a condition last: the ORM sorts ordinary conditions by field name."""
        return Domain.custom(to_sql=lambda model, alias, query: domain.optimize_full(model)._to_sql(model, alias, query))
