from odoo import fields

CONTEXT = "helpdesk_lite_crm_masked"


class MaskedMany2one(fields.Many2one):
    """A link to what the reader may not see shows no name.

    Odoo shows the name of a linked record to whoever sees the link. Between helpdesk and sales
    that would tell the subjects of private tickets and the titles of other people's opportunities.
    """

    def convert_to_record(self, value, record):
        return super().convert_to_record(value, record).with_context(**{CONTEXT: True})

    def convert_to_record_multi(self, values, records):
        # as a list reads the links of all its records
        return super().convert_to_record_multi(values, records).with_context(**{CONTEXT: True})


def mask_names(records, number):
    """Replace the names of records that the user may not see; for ``_compute_display_name``.

    :param records: with computed names, reached by a ``MaskedMany2one`` or not
    :param str number: field that may be shown instead
    """
    # whatever its value: the mark only hides
    if CONTEXT not in records.env.context:
        return
    # the name of a link is asked for with elevated rights, whoever asks
    visible = records.sudo(False)._filtered_access("read")
    for record in records.filtered(lambda record: record.sudo(False) not in visible):
        record.display_name = f"#{record[number]}"


def mask_groups(model, groupby_spec, records):
    """Make groups by a ``MaskedMany2one``; for ``_read_group_postprocess_groupby``."""
    if isinstance(model._fields.get(groupby_spec), MaskedMany2one):
        return [record.with_context(**{CONTEXT: True}) for record in records]
    return records
