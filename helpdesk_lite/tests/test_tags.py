from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import HelpdeskCase

TAG = "helpdesk_lite.tag"
# in the language of the user
REFUSED = "already a tag|Ya existe una etiqueta|helpdesk_lite_tag_name_once"


@tagged("post_install", "-at_install")
class TestTags(HelpdeskCase):
    """The name of a tag is unique whatever its case and language."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("es_ES")
        cls.tag = cls.env[TAG].create({"name": "Broken lamp"})
        cls.tag.with_context(lang="es_ES").name = "Lámpara rota"

    def refuse(self, method, *args, **kwargs):
        with (
            self.subTest(method=method, args=args),
            mute_logger("odoo.sql_db"),
            # the server tells clients of the second one in the words of the index
            self.assertRaisesRegex((ValidationError, IntegrityError), REFUSED),
            self.cr.savepoint(),
        ):
            self.call(self.manager, TAG, method, *args, **kwargs)

    def test_same_name_in_capitals_with_blanks_or_in_another_language_is_refused(self):
        for name in ("broken lamp", "BROKEN LAMP", " Broken  lamp ", "LÁMPARA ROTA"):
            self.refuse("create", {"name": name})
            self.refuse("name_create", name)
        self.refuse("create", {"name": "lámpara rota"}, context={"lang": "es_ES"})
        self.refuse("create", [{"name": "Twins"}, {"name": "twins"}])

    def test_renaming_and_translating_are_checked(self):
        other = self.env[TAG].create({"name": "Chair"})
        self.refuse("write", other.ids, {"name": "broken LAMP"})
        self.refuse("write", other.ids, {"name": "Broken lamp"}, context={"lang": "es_ES"})
        self.refuse("update_field_translations", other.ids, "name", {"es_ES": "LÁMPARA rota"})
        self.call(self.manager, TAG, "update_field_translations", other.ids, "name", {"es_ES": "Silla"})
        self.assertEqual(other.with_context(lang="es_ES").name, "Silla")

    def test_a_tag_may_have_one_name_in_all_languages_and_change_its_own_case(self):
        self.tag.with_context(lang="es_ES").name = "Broken lamp"
        self.tag.name = "BROKEN lamp"
        self.env.flush_all()
        self.assertEqual(self.env[TAG].create({"name": "Broken lamps"}).name, "Broken lamps")

    def test_two_that_are_created_at_the_same_moment(self):
        # as if the constraint did not see the other one yet
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.cr.savepoint():
            self.cr.execute("""INSERT INTO helpdesk_lite_tag (name) VALUES ('{"en_US": "broken LAMP"}')""")
