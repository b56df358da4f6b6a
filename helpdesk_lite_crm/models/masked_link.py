from odoo import fields

CONTEXT = "helpdesk_lite_crm_masked"


class MaskedMany2one(fields.Many2one):
    """A link that shows no name to users who cannot see the linked record.

    Odoo shows the name of a linked record to everybody who can see the link. Between helpdesk and
    sales, that would reveal the subjects of private tickets and the titles of other people's
    opportunities.
    """

    def convert_to_record(self, value, record):
        return super().convert_to_record(value, record).with_context(**{CONTEXT: True})

    def convert_to_record_multi(self, values, records):
        # called when a list reads the links of all its records
        return super().convert_to_record_multi(values, records).with_context(**{CONTEXT: True})


def mask_names(records, number):
    """Replace the names of records that the user cannot see; for ``_compute_display_name``.

    :param records: records with computed names, read through a ``MaskedMany2one`` or not
    :param str number: name of the field to show instead
    """
    # the value of the key does not matter, because the key only hides names
    if CONTEXT not in records.env.context:
        return
    # sudo(False): Odoo reads the name of a link with elevated rights for every user
    visible = records.sudo(False)._filtered_access("read")
    for record in records.filtered(lambda record: record.sudo(False) not in visible):
        record.display_name = f"#{record[number]}"


def mask_groups(model, groupby_spec, records):
    """Convert ids to the groups of a ``MaskedMany2one``; for ``_read_group_postprocess_groupby``."""
    if isinstance(model._fields.get(groupby_spec), MaskedMany2one):
        return [record.with_context(**{CONTEXT: True}) for record in records]
    return records
