from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ..common import MergeCase

TICKET = "helpdesk_lite.ticket"


@tagged("post_install", "-at_install")
class TestMergeContract(MergeCase):
    """Every field of every addon that can point at a ticket is repointed, or left alone for a reason."""

    def accounted(self):
        Pointers = self.env["helpdesk_lite.merge.pointers"]
        return {pointer.path for pointer in Pointers._get_all().values()} | set(Pointers._get_left_alone())

    def can_point(self, model, field):
        """Whether a field can point at a ticket, found by other means than those of the merge."""
        if field.type in ("many2one", "many2many"):
            return field.comodel_name == TICKET
        if field.type in ("reference", "many2one_reference", "properties"):
            return True
        return field.type == "integer" and field.name.endswith(("res_id", "thread_id"))

    def test_every_field_that_can_point_at_a_ticket_is_accounted_for(self):
        accounted = self.accounted()
        checked = set()
        for name in self.env.registry:
            model = self.env[name]
            if model._abstract or model._transient or not model._auto:
                continue
            for field in model._fields.values():
                if field.store and not field.inherited and self.can_point(model, field):
                    checked.add(f"{name}.{field.name}")
        self.assertEqual(checked - accounted, set())
        self.assertLessEqual({"mail.message.res_id", "rating.rating.parent_res_id", "calendar.event.res_id"}, checked)
        for path, reason in self.env["helpdesk_lite.merge.pointers"]._get_left_alone().items():
            self.assertIn(path, checked)
            self.assertTrue(reason)

    def test_every_foreign_key_to_tickets_is_accounted_for(self):
        """From the database alone, without the definitions of the fields."""
        keys = self.env.execute_query(
            SQL(
                """ SELECT class.relname, attribute.attname
                  FROM pg_constraint
                  JOIN pg_class class ON class.oid = pg_constraint.conrelid
                  JOIN pg_attribute attribute
                    ON attribute.attrelid = class.oid AND attribute.attnum = pg_constraint.conkey[1]
                 WHERE pg_constraint.contype = 'f' AND pg_constraint.confrelid = 'helpdesk_lite_ticket'::regclass
            """
            )
        )
        places = set(self.env["helpdesk_lite.merge.pointers"]._get_all())
        left_alone = set()
        for path in self.env["helpdesk_lite.merge.pointers"]._get_left_alone():
            model, _dot, column = path.rpartition(".")
            left_alone.add((self.env[model]._table, column))
        # the records of wizards are deleted within a day
        wizards = [model for model in map(self.env.__getitem__, self.env.registry) if model._transient]
        transient = {model._table for model in wizards} | {
            field.relation for model in wizards for field in model._fields.values() if field.type == "many2many" and field.store
        }
        self.assertEqual({key for key in keys if key[0] not in transient} - places - left_alone, set())
        self.assertIn(("helpdesk_lite_ticket_tag_rel", "ticket_id"), keys)

    def test_pointers_of_a_later_addon_are_repointed_and_come_back(self):
        # the other tests of the class must not meet the model
        self.addCleanup(self.registry.reset_changes)
        self.env["ir.model"].create(
            {
                "model": "x_thing",
                "name": "Thing",
                "field_id": [
                    Command.create({"name": "x_name", "ttype": "char", "field_description": "Name"}),
                    Command.create(
                        {"name": "x_ticket_id", "ttype": "many2one", "relation": TICKET, "field_description": "Ticket"}
                    ),
                    Command.create(
                        {
                            "name": "x_ticket_ids",
                            "ttype": "many2many",
                            "relation": TICKET,
                            "field_description": "Tickets",
                            "relation_table": "x_thing_ticket_rel",
                            "column1": "thing_id",
                            "column2": "ticket_id",
                        }
                    ),
                    Command.create(
                        {
                            "name": "x_reference",
                            "ttype": "reference",
                            "field_description": "Reference",
                            "selection": f"[('{TICKET}', 'Ticket')]",
                        }
                    ),
                    Command.create(
                        {
                            "name": "x_main_ticket_id",
                            "ttype": "many2one",
                            "relation": TICKET,
                            "company_dependent": True,
                            "field_description": "Main Ticket",
                        }
                    ),
                    Command.create({"name": "x_res_model", "ttype": "char", "field_description": "Model"}),
                    Command.create({"name": "x_res_id", "ttype": "integer", "field_description": "Id"}),
                ],
            }
        )
        self.assertEqual(
            self.accounted() & {"x_thing.x_ticket_id", "x_thing.x_ticket_ids", "x_thing.x_reference", "x_thing.x_res_id"},
            {"x_thing.x_ticket_id", "x_thing.x_ticket_ids", "x_thing.x_reference", "x_thing.x_res_id"},
        )
        # each ticket can have only one thing of a name
        self.env.cr.execute("CREATE UNIQUE INDEX ON x_thing (x_name, x_ticket_id)")
        master, source, third = self.make_ticket(), self.make_ticket(name="Source"), self.make_ticket(name="Third")
        Thing = self.env["x_thing"]
        things = Thing.create(
            [
                {"x_name": "a", "x_ticket_id": master.id, "x_ticket_ids": master.ids},
                {
                    "x_name": "a",
                    "x_ticket_id": source.id,
                    "x_ticket_ids": (master | source).ids,
                    "x_reference": f"{TICKET},{source.id}",
                    "x_main_ticket_id": third.id,
                },
                {
                    "x_name": "b",
                    "x_ticket_id": source.id,
                    "x_ticket_ids": (source | third).ids,
                    "x_res_model": TICKET,
                    "x_res_id": source.id,
                },
                {"x_name": "c", "x_ticket_id": third.id, "x_res_model": "res.partner", "x_res_id": source.id},
            ]
        )
        before = self.rows(things)
        with mute_logger("odoo.sql_db"):
            self.merge(master | source | third, master)
        self.assertEqual(things.mapped("x_ticket_id.id"), [master.id, source.id])
        self.assertEqual([thing.x_ticket_id for thing in things], [master, source, master, master])
        self.assertEqual(things[1].x_reference, master)
        self.assertEqual(things[1].x_main_ticket_id, master)
        self.assertEqual(things[2].x_res_id, master.id)
        self.assertEqual(things[3].x_res_id, source.id, "the id of something else")
        pairs = self.env.execute_query(SQL("SELECT thing_id, ticket_id FROM x_thing_ticket_rel"))
        self.assertEqual(len(pairs), 5, "no pair is thrown away")
        self.assertTrue(all((thing.id, master.id) in pairs for thing in things[:3]))
        master.with_user(self.agent).action_undo_merge()
        self.assertEqual(self.rows(things), before)

    def rows(self, things):
        self.env.flush_all()
        return self.env.execute_query(
            SQL("SELECT to_jsonb(x_thing) FROM x_thing WHERE id = ANY(%s) ORDER BY id", things.ids)
        ) + sorted(self.env.execute_query(SQL("SELECT thing_id, ticket_id FROM x_thing_ticket_rel")))

    def test_properties_and_values_per_company_that_are_tickets(self):
        self.team.ticket_properties_definition = [
            {"name": "cause", "type": "many2one", "string": "Cause", "comodel": TICKET},
            {"name": "alike", "type": "many2many", "string": "Alike", "comodel": TICKET},
        ]
        master, source = self.make_ticket(), self.make_ticket(name="Source")
        other = self.make_ticket(name="Other", properties={"cause": source.id, "alike": (master | source).ids})
        self.env.flush_all()
        self.merge(master | source, master)
        self.assertEqual(other.properties["cause"], master)
        self.assertEqual(other.properties["alike"], master)
        master.with_user(self.agent).action_undo_merge()
        self.assertEqual(other.properties["cause"], source)
        self.assertEqual(other.properties["alike"], master | source)
