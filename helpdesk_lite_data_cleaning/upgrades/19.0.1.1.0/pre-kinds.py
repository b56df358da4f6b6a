"""All merges so far moved everything to the master, as if every source had been absorbed."""


def migrate(cr, version):
    cr.execute("ALTER TABLE helpdesk_lite_ticket ADD COLUMN IF NOT EXISTS merge_kind varchar")
    cr.execute("UPDATE helpdesk_lite_ticket SET merge_kind = 'absorbed' WHERE merge_target_id IS NOT NULL")
    # who was to be shown everything in groups that nobody merged: now this is asked ticket by ticket
    cr.execute("DROP TABLE IF EXISTS helpdesk_lite_merge_group_partner_rel")
    cr.execute("DELETE FROM ir_model_relation WHERE name = 'helpdesk_lite_merge_group_partner_rel'")
