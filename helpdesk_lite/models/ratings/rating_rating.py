from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ...tools.ids import is_id
from ..guards.attached_mixin import OURS, filter_ours
from ..guards.links_mixin import parse

# what a rating is about, and belongs to
MODELS, IDS = ("res_model", "parent_res_model"), ("res_id", "parent_res_id")


class RatingRating(models.Model):
    """Ratings of tickets are read by those who can read the ticket, and written by the server only.

    In standard Odoo every employee reads, writes and creates all ratings, whatever they are about.
    """

    _name = "rating.rating"
    _inherit = ["helpdesk_lite.attached.mixin", "helpdesk_lite.onchange.mixin", "rating.rating"]

    # Ratings of tickets have no message: whoever may delete one would delete the rating with it.
    comment_agreed = fields.Boolean(
        "May Be Published", readonly=True, help="The customer agrees that the comment is published."
    )
    comment_published = fields.Boolean("Published", readonly=True, help="An administrator has published the comment.")

    _ticket_rated_index = models.Index(
        "(parent_res_id, rated_on) WHERE consumed IS TRUE AND res_model = 'helpdesk_lite.ticket'"
    )
    # the overview reads those of a period, of all teams
    _ticket_rated_on_index = models.Index("(rated_on) WHERE consumed IS TRUE AND res_model = 'helpdesk_lite.ticket'")

    def _get_guard(self):
        return SQL(
            "(%s)",
            SQL(" AND ").join(
                SQL(
                    "(rating_rating.res_model IS DISTINCT FROM %s OR %s)",
                    name,
                    self.env[name]._is_visible(SQL.identifier("rating_rating", "res_id")),
                )
                for name in OURS
            ),
            # it is computed, and a row without it would be nobody's
            to_flush=(self._fields["res_model"], self._fields["res_id"]),
        )

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if operation == "read" or self.env.su:
            return result
        # creating asks twice, and the second time about the rows that were stored
        forbidden, error = result or (self.browse(), None)
        # sudo: only the models of the rated records are read
        ours = (self - forbidden).sudo().filtered(lambda rating: rating._is_ours()).with_env(self.env)
        return (forbidden | ours, error or ours._make_written_error) if ours else result

    def _make_written_error(self):
        return AccessError(self.env._("Only customers rate tickets, and nobody changes what they said."))

    def _is_ours(self):
        return self.res_model in OURS or self.parent_res_model in OURS

    @api.depends("res_model")
    def _compute_display_name(self):
        """The title of a ticket is for those who can read it, and Odoo shows the name of a linked record to everybody."""
        # sudo: only the models of the rated records are read
        ours = self.sudo().filtered(lambda rating: rating._is_ours()).with_env(self.env)
        ours.display_name = self.env._("Rating")
        return super(RatingRating, self - ours)._compute_display_name()

    @api.model_create_multi
    def create(self, vals_list):
        """:raise AccessError: also when somebody makes a rating of what they cannot read: it would tell the title"""
        ratings = super().create(vals_list)
        ratings._refuse_hidden_message()
        ratings._refuse_hidden_title()
        return ratings

    def write(self, vals):
        """:raise AccessError: also when somebody makes ratings of tickets or teams out of others"""
        result = super().write(vals)
        # sudo: only the models of the rated records are read
        if not self.env.su and any(rating._is_ours() for rating in self.sudo()):
            raise self._make_written_error()
        self._refuse_hidden_message()
        if not vals.keys().isdisjoint({*MODELS, *IDS, "res_model_id", "parent_res_model_id"}):
            self._refuse_hidden_title()
        return result

    def _refuse_hidden_in_form(self, values, fields_spec):
        """Also refuse forms about what the user cannot read, as Odoo computes its title; be it a report or a message."""
        contexts = [self.env.context, *self.env["helpdesk_lite.links.mixin"]._get_contexts(fields_spec)]
        # sudo: only models and ids are read
        edited = self.sudo()
        names, ids = {edited[name] for name in MODELS if self}, {edited[name] for name in IDS if self}
        for source in self._get_form_sources(values, contexts):
            model_ids = set().union(*(parse(source.get(f"{name}_id"))[0] for name in MODELS))
            # sudo: only the names of models are read
            names.update(self.env["ir.model"].sudo().browse(model_ids).exists().mapped("model"))
            names.update(str(source.get(name)) for name in MODELS)
            ids.update(source[name] for name in IDS if is_id(source.get(name)))
        self._refuse_unreadable((name, record_id) for name in names for record_id in ids)
        return super()._refuse_hidden_in_form(values, fields_spec)

    def _refuse_hidden_title(self):
        """Refuse ratings of what the user cannot read, as Odoo stores its title, which it reads as superuser.

        :raise AccessError: when there is one
        """
        if not self.env.su:
            # sudo: only models and ids are read
            pairs = {(rating[name], rating[key]) for rating in self.sudo() for name, key in zip(MODELS, IDS, strict=True)}
            self._refuse_unreadable(pairs)

    @api.model
    def _refuse_unreadable(self, named):
        """:param named: iterable of tuples (name of a model, id)
        :raise AccessError: when the user cannot read one of the records
        """
        for name, record_id in named:
            if not record_id or name not in self.env or self.env[name]._abstract:
                continue
            record = self.env[name].browse(record_id)
            # a report has no rule: its hidden rows are not there
            if not (record.exists() and record.has_access("read")):
                raise AccessError(self.env._("You cannot read what this rating would be about."))

    def _refuse_hidden_message(self):
        """Refuse links to messages of hidden tickets, as a link shows their subject.

        :raise AccessError: when there is one
        """
        if not self.env.su:
            # sudo: only the models of the messages are read
            messages = filter_ours(self.sudo().message_id)
            self.env["helpdesk_lite.links.mixin"]._refuse_links({("mail.message", "read"): messages.ids})

    def action_publish_comment(self):
        """Show these comments on the public pages of their teams.

        :raise UserError: when a customer has not agreed or can still change the comment, or there is none
        """
        ratings = self._check_publisher()
        if not all(rating.comment_agreed and rating.feedback for rating in ratings):
            raise UserError(self.env._("A comment can be published only if its customer agreed to that."))
        # sudo: nobody has access to requests; whether the user publishes was just checked
        requests = self.env["helpdesk_lite.rating.request"].sudo().search([("rating_id", "in", ratings.ids)])
        if any(request._can_change() for request in requests):
            # otherwise a comment that nobody has read could be published
            raise UserError(self.env._("The customer can still change this comment. Publish it a day after the answer."))
        ratings.comment_published = True

    def action_unpublish_comment(self):
        """Take these comments off the public pages."""
        self._check_publisher().comment_published = False

    def _check_publisher(self):
        """:return: these ratings, sudoed
        :raise AccessError: when the user is not a helpdesk administrator, or does not read all of the tickets
        """
        self.check_access("read")
        # sudo: only the model of the rated records is read here, and afterwards only the switch is written
        ratings = self.sudo()
        if not self.env.user.has_group("helpdesk_lite.group_manager") or not all(
            rating.res_model == "helpdesk_lite.ticket" for rating in ratings
        ):
            raise AccessError(self.env._("Only helpdesk administrators publish the comments of customers."))
        return ratings
