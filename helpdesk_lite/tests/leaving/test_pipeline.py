from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from ..common import HelpdeskCase


@tagged("post_install", "-at_install")
class TestPipeline(HelpdeskCase):
    """A team always has an open stage for new tickets, whichever way its stages change."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Stage = cls.env["helpdesk_lite.stage"]
        cls.open_stage = Stage.create({"name": "Only open one", "team_ids": False})
        cls.closed_stage = Stage.create({"name": "Done", "fold": True, "team_ids": False})
        cls.small = cls.env["helpdesk_lite.team"].create(
            {"name": "Small", "privacy_visibility": "private", "stage_ids": (cls.open_stage | cls.closed_stage).ids}
        )
        # the other teams have further open stages
        cls.team.stage_ids += cls.open_stage

    def assert_refused(self, *args):
        with self.assertRaisesRegex(ValidationError, "The team “Small” needs at least one stage"), self.cr.savepoint():
            self.call(self.manager, *args)
        self.env.invalidate_all()
        self.assertEqual(self.small._get_first_stage(), self.open_stage)

    def test_last_open_stage_is_kept_on_every_door(self):
        stage, team = "helpdesk_lite.stage", "helpdesk_lite.team"
        ids = self.open_stage.ids
        self.assert_refused(stage, "write", ids, {"fold": True})
        self.assert_refused(stage, "write", ids, {"active": False})
        self.assert_refused(stage, "action_archive", [*ids, self.closed_stage.id])
        self.assert_refused(stage, "write", ids, {"team_ids": [Command.set(self.team.ids)]})
        self.assert_refused(stage, "unlink", ids)
        self.assert_refused(stage, "web_save", ids, {"fold": True}, {})
        self.assert_refused(team, "write", self.small.ids, {"stage_ids": [Command.set(self.closed_stage.ids)]})
        self.assert_refused(team, "write", self.small.ids, {"stage_ids": [Command.clear()]})
        self.assert_refused(team, "write", self.small.ids, {"stage_ids": [Command.update(ids[0], {"fold": True})]})

    def test_import_of_stages_keeps_an_open_one(self):
        self.env["ir.model.data"].create(
            {"module": "test", "name": "only_stage", "model": "helpdesk_lite.stage", "res_id": self.open_stage.id}
        )
        result = self.call(self.manager, "helpdesk_lite.stage", "load", ["id", "fold"], [["test.only_stage", "True"]])
        self.assertFalse(result["ids"])
        self.assertIn("needs at least one stage", result["messages"][0]["message"])
        self.env.invalidate_all()
        self.assertFalse(self.open_stage.fold)

    def test_team_without_stages_is_refused(self):
        for stages in ([], [Command.set(self.closed_stage.ids)]):
            with self.assertRaisesRegex(ValidationError, "“Bare” needs"), self.cr.savepoint():
                self.call(self.manager, "helpdesk_lite.team", "create", {"name": "Bare", "stage_ids": stages})

    def test_archived_team_may_be_without_and_does_not_come_back_so(self):
        self.small.active = False
        self.call(self.manager, "helpdesk_lite.stage", "write", self.open_stage.ids, {"active": False})
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.call(self.manager, "helpdesk_lite.team", "action_unarchive", self.small.ids)

    def test_other_stages_are_folded_and_archived_as_before(self):
        self.call(self.manager, "helpdesk_lite.stage", "write", self.closed_stage.ids, {"active": False})
        stage = self.env.ref("helpdesk_lite.stage_on_hold")
        self.call(self.manager, "helpdesk_lite.stage", "write", stage.ids, {"fold": True})
        self.assertTrue(stage.fold)
