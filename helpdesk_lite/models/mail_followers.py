from functools import partial

from odoo import api, models
from odoo.tools import SQL

OURS = ("helpdesk_lite.ticket", "helpdesk_lite.team")


class MailFollowers(models.Model):
    """Who follows a ticket or team is known to those who see it.

    In stock Odoo every employee may read all followers of all records, which tells strangers
    who deals with a private team. What is visible is asked of the tickets' and teams' own rules.
    """

    _inherit = "mail.followers"

    # all that a record rule asks: what somebody follows, and whether they follow this
    _ticket_index = models.Index("(partner_id, res_id) WHERE res_model = 'helpdesk_lite.ticket'")

    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        query = super()._search(domain, *args, bypass_access=bypass_access, **kwargs)
        if not (self.env.su or bypass_access):
            for name in OURS:
                # followed by its id through the primary key: this is asked with every chatter
                if not self.env[name].has_access("read"):
                    query.add_where(SQL("mail_followers.res_model != %s", name))
                    continue
                model, rule = self.env[name]._get_rule("read", {"id": ()})
                visible = model._search(rule)
                visible.add_where(SQL("%s = mail_followers.res_id", SQL.identifier(visible.table, "id")))
                query.add_where(SQL(
                    "(mail_followers.res_model != %s OR EXISTS %s)", name, visible.subselect(),
                ))
        return query

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if self.env.su:
            return result
        forbidden, error = result or (self.browse(), None)
        # sudo: the followers are looked at to know what they follow, and not shown
        ours = (self - forbidden).sudo().filtered(lambda follower: follower.res_model in OURS)
        hidden = self.browse()
        for name, followers in ours.grouped("res_model").items():
            records = self.env[name].browse(followers.mapped("res_id")).exists()
            seen = set(records._filtered_access("read").ids)
            hidden += followers.filtered(lambda follower, seen=seen: follower.res_id not in seen).with_env(self.env)
        if not hidden:
            return result
        return forbidden | hidden, error or partial(self.env["ir.rule"]._make_access_error, operation, hidden)
