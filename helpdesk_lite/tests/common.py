import os

from odoo.service.model import call_kw
from odoo.tests import TransactionCase, new_test_user

COMPANY_MODES = ("private", "company", "public")
# as many generated cases as before a release, not a part of them
STORM = bool(os.environ.get("HELPDESK_LITE_STORM"))


class HelpdeskCase(TransactionCase):
    """Named people, one team per visibility mode, and one factory for tickets."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "no_reset_password": True})
        cls.manager = new_test_user(cls.env, "hl_manager", "helpdesk_lite.group_manager", email="manager@test.example")
        cls.agent = new_test_user(cls.env, "hl_agent", "helpdesk_lite.group_user", email="agent@test.example")
        cls.employee = new_test_user(cls.env, "hl_employee", "base.group_user", email="employee@test.example")
        cls.customer_user = new_test_user(cls.env, "hl_customer", "base.group_portal", email="customer@test.example")
        cls.customer = cls.customer_user.partner_id
        cls.teams = {
            mode: cls.env["helpdesk_lite.team"].create(
                {"name": f"Team {mode}", "privacy_visibility": mode, "alias_name": f"hl-{mode}"}
            )
            for mode in COMPANY_MODES
        }
        cls.team = cls.teams["public"]

    @classmethod
    def make_ticket(cls, mode="public", **values):
        """Create a ticket in the team with a visibility, without sending mails."""
        return (
            cls.env["helpdesk_lite.ticket"]
            .with_context(mail_create_nosubscribe=True, mail_create_nolog=True, mail_notrack=True)
            .create({"name": "A question", "team_id": cls.teams[mode].id, **values})
            .with_env(cls.env)
        )

    def call(self, user, model, method, *args, **kwargs):
        """Call a method as a client does, with the user's own rights.

        :param user: record of ``res.users``
        :return: the answer that the client gets
        """
        # empty caches, so that values read with other rights are not returned
        self.env.flush_all()
        self.env.invalidate_all()
        return call_kw(self.env(user=user.id, context={})[model], method, list(args), kwargs)
