import ast

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

# when one of these changes, the rule compares all tickets again
CRITERIA = {
    "domain",
    "line_ids",
    "similarity_threshold",
    "window_days",
    "same_customer",
    "cross_company",
    "company_id",
    "active",
}


class MergeRule(models.Model):
    """Which tickets count as duplicates of each other, and what happens with them.

    Two tickets are duplicates for a rule when all of its conditions hold. ``rule_run.py`` runs it.
    """

    _name = "helpdesk_lite.merge.rule"
    _description = "Ticket Merge Rule"
    _inherit = ["helpdesk_lite.links.mixin", "helpdesk_lite.search.mixin"]
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", default=lambda self: self.env.company, help="Empty: the tickets of every company."
    )

    # conditions
    domain = fields.Char("Tickets", default="[]", required=True, help="Only these tickets are compared.")
    line_ids = fields.One2many("helpdesk_lite.merge.rule.line", "rule_id", "Fields That Must Match", copy=True)
    similarity_threshold = fields.Float(
        "Suggestion Threshold (%)",
        default=85,
        digits=(5, 1),
        help="The minimum similarity of subject and text. 90 % means that about nine in ten such pairs are "
        "duplicates. 0 %: the text does not matter, only the fields below.",
    )
    window_days = fields.Integer("Window", default=30, help="The maximum number of days between two duplicates. 0: any number.")
    same_customer = fields.Boolean(
        default=True, help="Only tickets of one customer: the same contact, company or email address."
    )
    cross_company = fields.Boolean(
        "Across Companies",
        help="Tickets of different companies are shown together. Only tickets of the same company can be merged.",
    )

    # consequences
    mode = fields.Selection(
        [("manual", "Manual"), ("automatic", "Automatic")],
        default="manual",
        required=True,
        help="Manual: somebody decides about each group. Automatic: groups above a higher threshold are merged at once, "
        "and the merge can be undone.",
    )
    automatic_threshold = fields.Float("Merge Threshold (%)", default=97, digits=(5, 1))
    notify_user_ids = fields.Many2many(
        "res.users",
        "helpdesk_lite_merge_rule_notify_rel",
        "rule_id",
        "user_id",
        "Notify Users",
        domain=[("share", "=", False)],
        help="These users are told about new groups if they can see the tickets.",
    )

    # the run
    run_started = fields.Datetime(readonly=True, copy=False)
    run_cursor = fields.Integer(readonly=True, copy=False)
    last_run = fields.Datetime(readonly=True, copy=False)
    last_error = fields.Char("Problem", readonly=True, copy=False)
    group_count = fields.Integer("Duplicates", compute="_compute_group_count")

    _similarity_percent = models.Constraint(
        "CHECK(similarity_threshold BETWEEN 0 AND 100 AND automatic_threshold BETWEEN 0 AND 100)",
        "A threshold is between 0 and 100 %.",
    )
    _window_positive = models.Constraint("CHECK(window_days >= 0)", "The window cannot be negative.")

    def _compute_group_count(self):
        counts = dict(
            self.env["helpdesk_lite.merge.group"]._read_group(
                [("rule_id", "in", self.ids), ("state", "=", "new")], ["rule_id"], ["__count"]
            )
        )
        for rule in self:
            rule.group_count = counts.get(rule, 0)

    @api.constrains("domain")
    def _check_domain(self):
        for rule in self:
            try:
                rule._get_domain()
            except UserError as error:
                raise ValidationError(error.args[0])

    @api.constrains("notify_user_ids")
    def _check_notify_user_ids(self):
        self._refuse_outsiders(self.notify_user_ids)

    @api.constrains("similarity_threshold", "automatic_threshold", "mode", "line_ids")
    def _check_thresholds(self):
        for rule in self:
            if not rule.similarity_threshold and not rule.line_ids:
                raise ValidationError(
                    self.env._("The rule “%s” needs a threshold above 0 %% or a field that must match.", rule.name)
                )
            if rule.mode == "automatic" and rule.automatic_threshold < rule.similarity_threshold:
                raise ValidationError(
                    self.env._("The rule “%s” cannot merge what it would not suggest: raise the merge threshold.", rule.name)
                )

    def _get_domain(self):
        """The tickets that this rule compares.

        :return: ``Domain`` on tickets
        :raise UserError: when it is not valid or names a field that tickets do not have
        """
        self.ensure_one()
        Ticket = self.env["helpdesk_lite.ticket"]
        try:
            domain = Domain(ast.literal_eval(self.domain or "[]"))
            domain.validate(Ticket)
        except (ValueError, SyntaxError, TypeError, KeyError, RecursionError, MemoryError) as error:
            raise UserError(
                self.env._(
                    "The rule “%(rule)s” cannot choose tickets, as its domain is not valid: %(error)s",
                    rule=self.name,
                    error=error,
                )
            )
        if self.company_id and not self.cross_company:
            domain &= Domain("company_id", "=", self.company_id.id)
        return domain & Domain("active", "=", True)

    def _check_criteria(self):
        """Check that the rule can run, before it changes anything.

        :raise UserError: when the rule's domain or fields are not valid
        """
        self._get_domain()
        for line in self.line_ids:
            line._get_key("ticket")

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules._check_reach()
        return rules

    def write(self, vals):
        self._check_reach()
        result = super().write(vals)
        self._check_reach()
        if CRITERIA & vals.keys():
            # sudo: the progress of the run is computed; users do not write it
            super(MergeRule, self.sudo()).write({"run_started": False, "run_cursor": 0, "last_run": False, "last_error": False})
        return result

    def _check_reach(self):
        """Rules run as superuser, so only somebody with access to all companies makes a rule for all of them.

        :raise AccessError: when the user has no access to some company
        """
        # sudo: only the existence of other companies counts
        others = self.env["res.company"].sudo().search_count([("id", "not in", self.env.user.company_ids.ids)], limit=1)
        if not self.env.su and others and any(rule.cross_company or not rule.company_id for rule in self):
            raise AccessError(
                self.env._(
                    "Only an administrator with access to all companies can create or change "
                    "a rule for tickets of all companies."
                )
            )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_groups(self):
        """Show the groups of this rule that nobody has decided yet.

        :return: the action of the list
        """
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("helpdesk_lite_data_cleaning.merge_group_action")
        return {**action, "context": {"search_default_new": 1, "searchpanel_default_rule_id": self.id}}

    def action_deduplicate(self):
        """Run this rule now, in steps that show the progress.

        :return: the client action that requests the steps
        """
        self.ensure_one()
        self.check_access("write")
        self._check_criteria()
        return {
            "type": "ir.actions.client",
            "tag": "helpdesk_lite_data_cleaning.deduplicate",
            "target": "new",
            "name": self.env._("Find duplicates: %s", self.name),
            "params": {"rule_id": self.id},
        }
