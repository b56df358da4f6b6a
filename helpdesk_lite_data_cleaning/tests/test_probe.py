from odoo.addons.helpdesk_lite.tests.access.probe import ProbeCase
from odoo.addons.helpdesk_lite.tests.access.probe_world import THERE, Place
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestProbe(ProbeCase):
    """No way to ask about duplicates and merged tickets reveals hidden content."""

    module = "helpdesk_lite_data_cleaning"
    promised = 5_000
    standard = ("mail.message", "mail.activity", "mail.scheduled.message", "ir.attachment")

    @classmethod
    def build_more(cls):
        builder, world = cls.builder, cls.world
        private = Place("private")
        Merge = cls.env["helpdesk_lite.merge"]
        Merge._merge(builder.seen, builder.make_ticket("private", private))
        Merge._merge(builder.own, builder.make_ticket("company", Place("company")))
        # the dialog of somebody else, with messages of a private ticket
        dialog_id = builder.hidden.with_user(cls.env.ref("base.user_admin")).sudo().action_split()["res_id"]
        dialog = cls.env["helpdesk_lite.split.dialog"].browse(dialog_id)
        world.put(dialog, Place("nobody"))
        world.put(dialog.line_ids, Place("nobody"))
        # a group of a private ticket and one that every employee can see
        ticket = builder.make_ticket("company", Place("company"))
        group = cls.env["helpdesk_lite.merge.group"]._create_groups([{"ticket_ids": (builder.hidden | ticket).ids}])
        world.put(group, private)
        world.put(group.record_ids, private)
        there = Place("everybody", THERE)
        rule = cls.env["helpdesk_lite.merge.rule"].create(
            {
                "name": world.word("merge rule", there),
                "company_id": cls.there.id,
                "line_ids": [(0, 0, {"field_name": "name"})],
                "last_error": world.word("problem of a merge rule", there),
            }
        )
        world.put(rule, there)
        world.put(rule.line_ids, there)

    def test_no_hidden_word_comes_back(self):
        self.probe()
