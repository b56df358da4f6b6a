"""Give tags different names whose names differ only by case or stand in another language.

From 19.0.1.1.0 on the names of tags are unique in all languages. A tag is renamed and not merged with its namesake: teams
may use them differently, and an administrator can see both in the list.
"""

import json

from odoo.tools import SQL


def migrate(cr, version):
    cr.execute(SQL("SELECT id, name FROM helpdesk_lite_tag ORDER BY id"))
    taken = set()
    for tag_id, names in cr.fetchall():
        former, number = names, 1
        while taken & (folded := {" ".join(name.split()).casefold() for name in names.values()}):
            number += 1
            names = {lang: f"{name} ({number})" for lang, name in former.items()}
        taken |= folded
        if names != former:
            cr.execute(SQL("UPDATE helpdesk_lite_tag SET name = %s WHERE id = %s", json.dumps(names), tag_id))
