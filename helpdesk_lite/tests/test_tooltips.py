from odoo.tests import tagged

from .common import HelpdeskCase

# settings that change what people can see or which mails they get
SETTINGS = {
    "helpdesk_lite.team": [
        "company_id",
        "privacy_visibility",
        "member_ids",
        "auto_assignment",
        "follower_ids",
        "alias_contact",
        "use_website_form",
        "allow_portal_close",
        "description",
    ],
    "helpdesk_lite.stage": ["template_id", "fold", "is_default", "team_ids"],
    "helpdesk_lite.ticket": ["team_id", "user_id", "partner_id", "partner_email", "partner_lang"],
}


@tagged("post_install", "-at_install")
class TestTooltips(HelpdeskCase):
    """Administrators can read the effect of a setting on people before they change it."""

    def test_settings_say_what_they_do(self):
        for model, names in SETTINGS.items():
            facts = self.env[model].fields_get(names, ["help", "string"])
            for name in names:
                with self.subTest(model=model, field=name):
                    self.assertGreater(len(facts[name].get("help") or ""), 20)
