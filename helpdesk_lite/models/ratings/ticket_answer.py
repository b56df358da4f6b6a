from markupsafe import Markup
from odoo import api, fields, models
from odoo.tools import plaintext2html


class TicketAnswer(models.Model):
    """What a rating means for its ticket: who reads it, a note, and somebody who follows up on an unhappy customer."""

    _inherit = "helpdesk_lite.ticket"

    customer_rating = fields.Selection(
        [("top", "Happy"), ("ok", "Neutral"), ("ko", "Unhappy")], compute="_compute_customer_rating", groups="base.group_user"
    )
    customer_rating_comment = fields.Text("Rating Comment", compute="_compute_customer_rating", groups="base.group_user")

    @api.depends("rating_ids.rating", "rating_ids.feedback", "rating_ids.consumed")
    def _compute_customer_rating(self):
        last = {}
        # with the reader's own rights; a merged ticket has the ratings of all that it absorbed
        for rating in self.env["rating.rating"].search(
            [("res_model", "=", self._name), ("res_id", "in", self._origin.ids), ("consumed", "=", True)], order="rated_on, id"
        ):
            last[rating.res_id] = rating
        for ticket in self:
            rating = last.get(ticket._origin.id)
            known = rating and rating.rating_text in dict(self._fields["customer_rating"].selection)
            ticket.customer_rating = rating.rating_text if known else False
            ticket.customer_rating_comment = rating.feedback if known else False

    def _rating_get_parent_field_name(self):
        return "team_id"

    # ------------------------------------------------------------
    # AFTER AN ANSWER
    # ------------------------------------------------------------

    def _note_rating(self, rating, message):
        """Write a rating into the chatter, in a note: what a customer says of us reopens nothing and mails nobody.

        :param rating: record of ``rating.rating``, sudoed
        :param message: the note that there is from an earlier answer, which may be empty
        :return: the note
        """
        face = next(face for face in self._get_rating_faces() if face["rate"] == int(rating.rating))
        image = Markup("<img src='%(image)s' alt='%(name)s' style='width: 18px; height: 18px; margin-right: 5px;'/>") % face
        body = Markup("<p>%s%s</p>") % (image, self.env._("The customer is: %s", face["name"]))
        if rating.feedback:
            body += Markup("<blockquote>%s</blockquote>") % plaintext2html(rating.feedback)
        if message:
            message.body = body
            return message
        # a visitor answers, who is nobody's author
        return self._message_log(author_id=rating.partner_id.id or self.env.ref("base.partner_root").id, body=body)

    def _follow_up_rating(self):
        """Give somebody an activity about an unhappy customer: who follows up in the team, or else the assignee.

        An activity would make its assignee a follower, who gains sight by that. So it goes to people who see the ticket anyway.
        """
        activity_type = self.env.ref("helpdesk_lite.activity_type_low_rating", raise_if_not_found=False)
        if not activity_type or activity_type in self.activity_ids.activity_type_id:
            return
        user = (self.team_id.rating_low_user_id | self.user_id).filtered(self._is_read_by)[:1]
        if not user:
            return
        followers = self.message_partner_ids
        self.activity_schedule(
            "helpdesk_lite.activity_type_low_rating",
            summary=self.with_context(lang=user.lang).env._("The customer is unhappy"),
            user_id=user.id,
        )
        self.message_unsubscribe((user.partner_id - followers).ids)

    def _is_read_by(self, user):
        """:return: bool, whether somebody who works here reads the ticket, in whichever of their companies"""
        own = self.with_user(user).with_context(allowed_company_ids=user.company_ids.ids)
        return user.active and own.has_access("read")

    # ------------------------------------------------------------
    # PORTAL
    # ------------------------------------------------------------

    def _can_rate_from_portal(self, user):
        """Whether somebody may rate this ticket on the portal: its customer, while it is closed.

        An access link is not enough, as it may be passed on, and does not say who opens it.

        :param user: record of ``res.users``
        :return: bool
        """
        self.ensure_one()
        # sudo: customers cannot read their team
        ticket = self.sudo()
        return bool(
            not user._is_public()
            and user.partner_id == ticket.partner_id
            and ticket.is_closed
            and ticket.active
            and ticket.team_id.use_rating
            and not ticket._was_handled_by(user.partner_id)
        )

    def _was_handled_by(self, partner):
        """Whether somebody is the assignee or has answered as an agent. They do not rate themselves, even as the customer.

        :param partner: record of ``res.partner``, which may be empty
        :return: bool
        """
        self.ensure_one()
        if not partner:
            return False
        # sudo: whose answers there are, and not what they say
        answers = self.env["helpdesk_lite.event"].sudo()
        mine = [("ticket_id", "=", self.id), ("kind", "=", "agent"), ("message_id.author_id", "=", partner.id)]
        return self.sudo().user_id.partner_id == partner or bool(answers.search_count(mine, limit=1))  # sudo: see above

    def _get_portal_rating(self, user):
        """What the customer said, for the page of the ticket.

        :param user: record of ``res.users``
        :return: dict with ``rate`` and ``comment``, and ``can_change``; None when they have said nothing, or somebody else did
        """
        self.ensure_one()
        # sudo: nobody has access to requests; the customer gets what they said themselves
        request = self.env["helpdesk_lite.rating.request"].sudo().search([("ticket_id", "=", self.id)], limit=1)
        if not request.rating_id or user._is_public() or request.rating_id.partner_id != user.partner_id:
            return None
        return {
            "rate": int(request.rating_id.rating),
            "comment": request.rating_id.feedback or "",
            "can_change": request._can_change() and self._can_rate_from_portal(user),
        }
