from base64 import b64decode, b64encode

import psycopg2
from odoo import fields


class RawBinary(fields.Binary):
    """A binary field whose column holds the bytes themselves; records and clients see them in base64 as usual.

    Stored in base64, a mail would take a third more space and could not be compressed by PostgreSQL.
    """

    attachment = False

    def convert_to_column(self, value, record, values=None, validate=True):
        return psycopg2.Binary(b64decode(value)) if value else None

    def convert_to_record(self, value, record):
        # values from the database are memoryviews, assigned ones are base64 already
        return b64encode(value) if isinstance(value, memoryview) else super().convert_to_record(value, record)

    def get_column_update(self, record):
        value = super().get_column_update(record)
        return value if isinstance(value, memoryview) else self.convert_to_column(value, record)
