from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

# so few followed tickets are named one by one, which lets PostgreSQL start from them
FEW = 1_000
# a hash of more would leave the default work_mem, which makes "IN" quadratic
MANY = 200_000


class TicketRules(models.Model):
    """Who sees which ticket, asked for a million tickets.

    Teams are few: those that a rule grants are named by their ids. Tickets that somebody
    follows may be many.
    """

    _name = "helpdesk_lite.ticket"
    _inherit = ["helpdesk_lite.ticket", "helpdesk_lite.rules.mixin"]

    @api.model
    @api.readonly
    def search_count(self, domain, limit=None):
        """Count the tickets that the user sees.

        :param domain: which tickets
        :param int limit: count no further. For who follows many, the tickets of visible teams are
            counted first: mostly they reach it, and nobody's following needs to be looked at
        :return: int
        """
        Team = self.env["helpdesk_lite.team"].with_context(active_test=False)
        if limit and not self.env.su and Team.has_access("read") and self._follows_more(self.env.user.partner_id.ids, FEW):
            among_teams = Domain(domain) & Domain("team_id", "in", Team._search([]).get_result_ids())
            if super().search_count(among_teams, limit=limit) == limit:
                return limit
        return super().search_count(domain, limit=limit)

    def _get_asked_ids(self, domain):
        asked = super()._get_asked_ids(domain)
        parts = domain.children if getattr(domain, "OPERATOR", None) == "&" else [domain]
        if any(
            getattr(part, "field_expr", None) == "message_is_follower" and part.operator == "in" and set(part.value) == {True}
            for part in parts
        ):
            # the same, said by a field that customers may ask for
            asked["message_partner_ids"] = set(self.env.user.partner_id.ids)
        return asked

    def _evaluate_rule(self, rule, asked, some):
        rule = super()._evaluate_rule(rule, asked, some)
        if "id" not in asked:
            rule = rule.map_conditions(lambda condition: self._evaluate_teams(condition, asked))
        # second, as nobody's following matters where the teams grant all
        return rule.map_conditions(lambda condition: self._evaluate_following(condition, asked, some))

    def _evaluate_teams(self, condition, asked):
        """The teams of a condition by their ids, among those asked for."""
        if condition.field_expr != "team_id" or condition.operator != "any":
            return condition
        granted = set(self.env["helpdesk_lite.team"]._search(condition.value).get_result_ids())
        wanted = asked.get("team_id", granted)
        return Domain.TRUE if "team_id" in asked and wanted <= granted else Domain("team_id", "in", granted & wanted)

    def _evaluate_following(self, condition, asked, some):
        """The tickets that somebody follows, in the form that suits how many they are.

        Where all tickets are read, PostgreSQL does best with a hash of those followed, and "IN"
        is the form of it that several processes share. Where it reads in order until a page is
        full it does not foresee how soon that is, and would make the hash for a few: there each
        is looked up, which "OFFSET 0" says.
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
            first = Followers._search(following, limit=FEW + 1).select("mail_followers.res_id")
            ids = [ticket_id for (ticket_id,) in self.env.execute_query(first)]
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

    def _get_following_domain(self, partner_ids):
        return Domain("res_model", "=", self._name) & Domain("partner_id", "in", partner_ids)

    def _follows_more(self, partner_ids, count):
        # sudo: what somebody follows counts for themselves
        Followers = self.env["mail.followers"].sudo()
        return bool(Followers._search(self._get_following_domain(partner_ids), offset=count, limit=1).get_result_ids())

    def _last(self, domain):
        """Ask for something after the other conditions, which the ORM puts in the order of their fields."""
        return Domain.custom(to_sql=lambda model, alias, query: domain.optimize_full(model)._to_sql(model, alias, query))
