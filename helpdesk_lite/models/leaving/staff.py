from collections import namedtuple
from contextlib import contextmanager

from odoo import api, models
from odoo.tools import SQL

# Who works for a company: ``user``, ``partner`` and ``company`` are ids, ``agent`` is whether they have the role.
Post = namedtuple("Post", ["user", "partner", "company", "agent"])

# What somebody lost: ``who`` is the id of a user or contact, ``company`` that of a company, or None for all of
# them. ``outside`` is False for those who are still employees of the company, and have only lost the role.
Loss = namedtuple("Loss", ["who", "company", "outside"])


class Staff(models.Model):
    """Notices who stops working for a company, or as an agent, by comparing the staff before and after a change.

    The change may be anything: archiving, deletion, other groups, other companies, another contact.
    """

    _inherit = "res.users"

    @api.model
    @contextmanager
    def _watch_staff(self, users=None):
        """Compare the staff before and after the enclosed change, and end what people lost by it.

        :param users: records of ``res.users`` that may change; None for all
        :return: context manager
        """
        before = self._get_staff(users)
        yield
        after = self._get_staff(users)
        released = self._end_staff(before, after)
        released._give_on()
        returned = {(post.user, post.company) for post in after} - {(post.user, post.company) for post in before}
        self.env["helpdesk_lite.ticket"]._forget_returned(returned)

    @api.model
    def _get_staff(self, users=None):
        """The active internal users in each of their companies.

        :param users: records of ``res.users``, which are extended to all users of the same contacts; None for all
        :return: set of :class:`Post`
        """
        self.env["res.users"].flush_model(["active", "share", "partner_id", "company_ids", "group_ids"])
        # None while the addon is being installed
        role = self.env["ir.model.data"]._xmlid_to_res_id("helpdesk_lite.group_user", raise_if_not_found=False)
        # sudo: administrators of users need not have access to all groups
        roles = self.env["res.groups"].sudo().browse(role or ()).all_implied_by_ids.ids
        rows = self.env.execute_query(
            SQL(
                """ SELECT users.id, users.partner_id, company.cid,
                       EXISTS (SELECT FROM res_groups_users_rel role WHERE role.uid = users.id AND role.gid = ANY(%s))
                  FROM res_users users JOIN res_company_users_rel company ON company.user_id = users.id
                 WHERE users.active AND users.share IS NOT TRUE AND %s
            """,
                roles,
                SQL("TRUE")
                if users is None
                else SQL("users.partner_id IN (SELECT partner_id FROM res_users WHERE id = ANY(%s))", users.ids),
            )
        )
        return {Post(*row) for row in rows}

    @api.model
    def _end_staff(self, before, after):
        """End the memberships, following and assignments of those who are no longer staff or agents.

        :param set before: of :class:`Post`
        :param set after: likewise
        :return: the tickets that are unassigned now, sudoed
        """
        people = self._get_losses(before, after, "user")
        contacts = self._get_losses(before, after, "partner")
        # sudo: who administers users need not have access to teams and tickets
        Team, Ticket = self.env["helpdesk_lite.team"].sudo(), self.env["helpdesk_lite.ticket"].sudo()
        if contacts:
            Ticket._end_following(contacts)
            Team._end_following(contacts)
        if not people:
            return Ticket
        # before the tickets: a team without members assigns none any more
        Team._remove_members(people)
        return Ticket._release(people)

    @api.model
    def _end_former_staff(self):
        """End what users had who were archived before this addon took care of it; for an update."""
        # sudo: the update acts on all users
        former = self.sudo().with_context(active_test=False).search([("active", "=", False), ("share", "=", False)])
        after = self._get_staff(former)
        nowhere = {Post(user.id, user.partner_id.id, 0, False) for user in former}
        # waiting tickets are assigned by the scheduled action
        self._end_staff(after | nowhere, after)

    @api.model
    def _get_losses(self, before, after, kind):
        """What each user or each contact lost. A contact with a second user loses only what neither has.

        :param set before: of :class:`Post`
        :param set after: likewise
        :param str kind: ``user`` or ``partner``
        :return: list of :class:`Loss`
        """

        def at(posts):
            return {(getattr(post, kind), post.company) for post in posts}

        there = {who for who, _company in at(after)}
        agents = at(post for post in after if post.agent)
        left = at(before) - at(after)
        demoted = at(post for post in before if post.agent) - agents - left
        return [
            # whoever is left without any company loses what an earlier change may have forgotten as well
            *{Loss(who, company if who in there else None, True) for who, company in left},
            *(Loss(who, company, False) for who, company in demoted),
        ]
