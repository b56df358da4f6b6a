from lxml import etree
from odoo.addons.helpdesk_lite.tests.common import HelpdeskCase
from odoo.tests import tagged

# two more look for the time off of an assignee
MOST, MOST_ASSIGNED = 12, 14


@tagged("post_install", "-at_install")
class TestFormStatements(HelpdeskCase):
    """Opening a ticket, with what all addons that are installed add to its form."""

    def specification(self, user):
        """What the web client reads when it opens the form.

        :param user: record of ``res.users``
        :return: dict, as ``web_read`` takes it
        """
        arch = self.call(user, "helpdesk_lite.ticket", "get_views", [(False, "form")])["views"]["form"]["arch"]
        fields = self.env["helpdesk_lite.ticket"]._fields
        # fields of lines inside are not the ticket's own
        names = [node.get("name") for node in etree.fromstring(arch).iter("field") if node.xpath("count(ancestor::field)") == 0]
        inside = {"fields": {"display_name": {}}}
        return {name: inside if fields[name].relational else {} for name in names}

    def count(self, **values):
        """The statements that open a ticket of a customer who wrote twice, about other things."""
        self.env["helpdesk_lite.merge.vocabulary"]._renew()
        tickets = [
            self.make_ticket(name=name, partner_id=self.customer.id, **values)
            for name in ("The lamp in the hall flickers", "An invoice of March is missing")
        ]
        specification = self.specification(self.agent)
        self.assertIn("possible_duplicates", specification)
        for _round in range(2):
            self.env.flush_all()
            self.env.invalidate_all()
            # what every request reads first
            self.agent.partner_id.mapped("name"), self.agent.mapped("all_group_ids"), self.env.company.mapped("name")
            before = self.cr.sql_log_count
            tickets[0].with_user(self.agent).with_context(lang=None).web_read(specification)
            count = self.cr.sql_log_count - before
        return count

    def test_opening_a_ticket(self):
        self.assertLessEqual(self.count(), MOST)

    def test_opening_a_ticket_of_an_assignee(self):
        self.assertLessEqual(self.count(user_id=self.agent.id), MOST_ASSIGNED)
