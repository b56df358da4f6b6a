from odoo.addons.helpdesk_lite.tests.common import HelpdeskCase


class MergeCase(HelpdeskCase):
    """Merging a selection of tickets, as agents do it."""

    def merge(self, tickets, master=None, user=None, forced=()):
        """Merge a selection as an agent does, with the action, the page and the button.

        :param forced: tickets that become one with the master whatever is in the way

        :return: record of ``helpdesk_lite.merge.group``
        """
        user = user or self.agent
        action = tickets.with_user(user).action_merge()
        group = self.env["helpdesk_lite.merge.group"].with_user(user).browse(action["res_id"])
        if master:
            group.record_ids.filtered(lambda record: record.ticket_id == master).is_master = True
        if forced:
            group.record_ids.filtered(lambda record: record.ticket_id in forced).absorb = True
        group.action_merge()
        return group
