from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL
from odoo.tools.mail import generate_tracking_message_id

from ..tools.file_addresses import with_copied_files


class MailMessage(models.Model):
    """Copies whole conversations in a constant number of statements."""

    _inherit = "mail.message"

    @api.model
    def _copy_conversations(self, source, target, pairs, texts=None, only_messages=None):
        """Copy the messages and files in chatters to the chatters of other records, in order.

        Notes stay notes. All copies are internal: otherwise a customer who wrote a message could find
        its copy. Copies have no recipients, notify nobody and have Message-IDs of their own, so that
        answers to the originals are routed to the original records. Logs by the system are not copied.

        :param str source: model of the source records; the caller must have checked access to them
        :param str target: model of the target records
        :param dict pairs: id of the source record to id of the target record
        :param dict texts: id of the target record to HTML of the source record
        :param list only_messages: ids of the messages to copy with their files; default: all messages and files
        :return: dict of id of the target record to HTML with the addresses of the copied files
        """
        if not pairs:
            return {}
        for name in ("mail.message", "ir.attachment"):
            self.env[name].flush_model()
        messages = self._copy_rows_of_messages(source, target, pairs, only_messages)
        files = self._copy_rows_of_files(source, target, {} if only_messages else pairs, messages)
        copies = defaultdict(dict)
        for original, record, copy in files:
            copies[record][original] = copy
        self._show_copied_files(messages, copies)
        for name in ("mail.message", "ir.attachment"):
            self.env[name].invalidate_model(flush=False)
        self.env[target].browse(pairs.values()).invalidate_recordset(["message_ids"], flush=False)
        return {record: with_copied_files(text or "", copies[record]) for record, text in (texts or {}).items()}

    @api.model
    def _copy_rows_of_messages(self, source, target, pairs, only_messages):
        """:return: list of tuples (id of the original, id of the target record, id of the copy)"""
        copied = self.env.execute_query(
            SQL(
                """ SELECT id, target_id, nextval(pg_get_serial_sequence('mail_message', 'id'))
                  FROM (SELECT message.id, pair.target_id
                          FROM mail_message message
                          JOIN unnest(%(sources)s::int[], %(targets)s::int[]) AS pair(source_id, target_id)
                            ON pair.source_id = message.res_id
                          LEFT JOIN mail_message_subtype subtype ON subtype.id = message.subtype_id
                         WHERE message.model = %(source)s AND %(which)s
                           AND message.message_type != 'user_notification'
                           AND (message.message_type != 'notification'
                                OR EXISTS (SELECT FROM message_attachment_rel file WHERE file.message_id = message.id)
                                OR (message.is_internal IS NOT TRUE AND subtype.id IS NOT NULL AND subtype.res_model IS NULL
                                    AND NOT EXISTS (SELECT FROM mail_tracking_value value
                                                     WHERE value.mail_message_id = message.id)))
                         ORDER BY message.id) AS ordered
            """,
                sources=list(pairs),
                targets=list(pairs.values()),
                source=source,
                which=SQL("message.id = ANY(%s)", only_messages) if only_messages else SQL("TRUE"),
            )
        )
        note, comment = self.env.ref("mail.mt_note").id, self.env.ref("mail.mt_comment").id
        self._insert_copies(
            "mail.message",
            copied,
            {
                "model": SQL("%s", target),
                "res_id": SQL("copied.target_id"),
                "message_id": SQL(
                    "overlay(%s placing '<' || copied.new_id || '.' from 1 for 1)", generate_tracking_message_id("copy")
                ),
                "parent_id": SQL(
                    "(SELECT parent.new_id FROM copied parent WHERE parent.old_id = original.parent_id "
                    "AND parent.target_id = copied.target_id)"
                ),
                "subtype_id": SQL(
                    """ CASE WHEN original.is_internal OR original.subtype_id IS NULL OR original.subtype_id = %(note)s
                              OR (SELECT internal FROM mail_message_subtype WHERE id = original.subtype_id)
                         THEN %(note)s ELSE %(comment)s END
                """,
                    note=note,
                    comment=comment,
                ),
                "is_internal": SQL("TRUE"),
                "reply_to": SQL("NULL"),
                "pinned_at": SQL("NULL"),
            },
        )
        return copied

    @api.model
    def _copy_rows_of_files(self, source, target, pairs, messages):
        """:return: list of tuples (id of the original, id of the target record, id of the copy)"""
        copied = self.env.execute_query(
            SQL(
                """ SELECT id, target_id, nextval(pg_get_serial_sequence('ir_attachment', 'id'))
                  FROM (SELECT file.id, pair.target_id
                          FROM ir_attachment file
                          JOIN unnest(%(sources)s::int[], %(targets)s::int[]) AS pair(source_id, target_id)
                            ON pair.source_id = file.res_id
                         WHERE file.res_model = %(source)s AND file.res_field IS NULL
                         UNION
                        SELECT file.attachment_id, message.target_id
                          FROM message_attachment_rel file
                          JOIN unnest(%(messages)s::int[], %(message_targets)s::int[]) AS message(id, target_id)
                            ON message.id = file.message_id
                         ORDER BY 1, 2) AS ordered
            """,
                sources=list(pairs),
                targets=list(pairs.values()),
                source=source,
                messages=[row[0] for row in messages],
                message_targets=[row[1] for row in messages],
            )
        )
        # the copies share the file on the disk, which is kept as long as a row refers to it
        self._insert_copies(
            "ir.attachment",
            copied,
            {
                "res_model": SQL("%s", target),
                "res_id": SQL("copied.target_id"),
                "res_field": SQL("NULL"),
                "public": SQL("FALSE"),
                "access_token": SQL("NULL"),
            },
        )
        if copied and messages:
            self.env.cr.execute(
                SQL(
                    """ INSERT INTO message_attachment_rel (message_id, attachment_id)
                    SELECT message.new_id, file.new_id
                      FROM message_attachment_rel original
                      JOIN unnest(%s::int[], %s::int[], %s::int[]) AS message(old_id, target_id, new_id)
                        ON message.old_id = original.message_id
                      JOIN unnest(%s::int[], %s::int[], %s::int[]) AS file(old_id, target_id, new_id)
                        ON file.old_id = original.attachment_id AND file.target_id = message.target_id
                """,
                    *map(list, zip(*messages, strict=True)),
                    *map(list, zip(*copied, strict=True)),
                )
            )
        return copied

    @api.model
    def _insert_copies(self, name, copied, values):
        """Insert copies of rows with all their columns, except for the given ones.

        :param str name: model of the rows
        :param list copied: tuples (id of the original, id of the target record, id of the copy)
        :param dict values: column to an SQL expression on the tables ``original`` and ``copied``
        """
        if not copied:
            return
        Model = self.env[name]
        columns = [
            fname
            for fname, field in Model._fields.items()
            if field.store and field.column_type and fname != "id" and fname not in values
        ]
        self.env.cr.execute(
            SQL(
                """ WITH copied AS (SELECT * FROM unnest(%s::int[], %s::int[], %s::int[]) AS copied(old_id, target_id, new_id))
                INSERT INTO %s (id, %s, %s)
                SELECT copied.new_id, %s, %s
                  FROM copied JOIN %s original ON original.id = copied.old_id
                 ORDER BY copied.new_id
            """,
                *map(list, zip(*copied, strict=True)),
                SQL.identifier(Model._table),
                SQL(", ").join(map(SQL.identifier, columns)),
                SQL(", ").join(map(SQL.identifier, values)),
                SQL(", ").join(SQL.identifier("original", column) for column in columns),
                SQL(", ").join(values.values()),
                SQL.identifier(Model._table),
            )
        )

    @api.model
    def _show_copied_files(self, messages, copies):
        """Make copied messages show the copied pictures instead of the originals."""
        if not (messages and copies):
            return
        bodies = self.env.execute_query(
            SQL(
                "SELECT id, res_id, body FROM mail_message WHERE id = ANY(%s) AND body LIKE '%%/web/%%'",
                [row[2] for row in messages],
            )
        )
        changed = [(id_, with_copied_files(body, copies[record])) for id_, record, body in bodies]
        if changed:
            self.env.cr.execute(
                SQL(
                    """ UPDATE mail_message SET body = changed.body
                      FROM unnest(%s::int[], %s::text[]) AS changed(id, body) WHERE changed.id = mail_message.id
                """,
                    *map(list, zip(*changed, strict=True)),
                )
            )
