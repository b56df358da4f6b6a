from markupsafe import escape
from odoo import fields
from odoo.tools import SQL


def log_notes(model, rows, bodies):
    """Log internal notes in one statement: Odoo would create messages a hundred at a time. Nobody is notified.

    :param model: an empty recordset of a model with messages
    :param list rows: pairs of the id of a record and a key of ``bodies``
    :param dict bodies: id to str, the text
    """
    env = model.env
    env["mail.message"].flush_model()
    # sudo: the author must not be the user, who may not see the records
    author = env["res.partner"].sudo().browse(env["ir.model.data"]._xmlid_to_res_id("base.partner_root"))
    env.cr.execute(
        SQL(
            """ INSERT INTO mail_message (model, res_id, body, author_id, email_from, message_type, subtype_id, is_internal,
                                      email_add_signature, date, message_id, create_uid, create_date, write_uid, write_date)
            SELECT %(model)s, logged.record_id, text.body, %(author)s, %(email)s, 'notification', %(subtype)s, TRUE, FALSE,
                   %(now)s, '<' || gen_random_uuid() || '-openerp-message-notify@helpdesk>', %(uid)s, %(now)s, %(uid)s, %(now)s
              FROM unnest(%(records)s, %(keys)s) logged (record_id, key)
              JOIN unnest(%(known)s, %(bodies)s) text (key, body) ON text.key = logged.key
        """,
            model=model._name,
            author=author.id,
            email=author.email_formatted,
            subtype=env["ir.model.data"]._xmlid_to_res_id("mail.mt_note"),
            now=fields.Datetime.now(),
            uid=env.uid,
            records=[record for record, _key in rows],
            keys=[key for _record, key in rows],
            known=list(bodies),
            bodies=[f"<p>{escape(body)}</p>" for body in bodies.values()],
        )
    )
    model.invalidate_model(["message_ids"], flush=False)
