"""End what users had who were archived before 19.0.1.1.0, which ends it when a user is archived."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    api.Environment(cr, SUPERUSER_ID, {})["res.users"]._end_former_staff()
