from markupsafe import Markup
from odoo import fields, models
from odoo.exceptions import UserError

# of ``message_post``: what a held answer keeps beside its text
KEPT = ("outgoing_email_to", "staged_replies", "then", "email_layout_xmlid", "email_add_signature", "mail_server_id")


class TicketHeld(models.Model):
    """Answers that crossed a message while nobody could be asked: by mail client, and those that were sent later.

    They are kept as internal notes, with their files, so that nothing is lost and colleagues see them. The author gets a mail,
    and finds the same choice on the ticket as in the browser: send it anyway, edit it, or leave it as a note.
    """

    _inherit = "helpdesk_lite.ticket"

    def _post_held(self, kwargs, seen):
        """Keep an answer as a note, and tell its author.

        :param dict kwargs: of ``message_post``
        :param int seen: id of the newest message that the author is known to have seen
        :return: record of ``mail.message``, the note
        """
        by_mail = kwargs["message_type"] == "email"
        # sudo: the gateway's user need not have access to the author
        author = self.env["res.partner"].sudo().browse(kwargs.get("author_id") or self.env.user.partner_id.id)
        # a mail is posted by the gateway's user
        user = author.user_ids.filtered(lambda user: user.active and not user.share)[:1] if by_mail else self.env.user
        parameters = {name: kwargs[name] for name in KEPT if kwargs.get(name)}
        parameters |= {"partner_ids": list(kwargs.get("partner_ids") or []), "by_mail": by_mail, "seen_message_id": seen}
        note = {name: value for name, value in kwargs.items() if name not in (*KEPT, "subtype_xmlid")}
        note |= {
            "is_internal": True,
            "author_is_told": True,
            "partner_ids": [],
            "subtype_id": self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_note"),
        }
        message = self.message_post(**note)
        # sudo: nobody writes these rows themselves
        self.env["helpdesk_lite.held.reply"].sudo().create(
            {
                "ticket_id": self.id,
                "user_id": user.id,
                "message_id": message.id,
                "subject": kwargs.get("subject") or False,
                "parameters": parameters,
            }
        )
        # sudo: the author need not be able to change the ticket, and is told nothing about it but that it is there
        ticket = self.sudo().with_context(lang=author.lang or self.env.lang)
        # sudo: see above
        ticket._tell_author(message.sudo(), author, ticket._explain_held())
        return message

    def _explain_held(self):
        return self.env._(
            "Somebody has written on the ticket since then, and you have not seen it yet. Your message was kept as an internal "
            "note. Open the ticket to read what arrived. Then send your message anyway, edit it, or leave it as a note."
        )

    def get_held(self):
        """The user's own answers on this ticket that were held.

        :raise AccessError: when the user cannot read the ticket, or is a customer
        :return: list of dicts with ``id``, ``date``, ``subject``, ``body`` (HTML) and ``seen_message_id``, the newest message
            that was there when it was held
        """
        self._check_employee_reads()
        return [
            {
                "id": held.id,
                "date": fields.Datetime.to_string(held.date),
                "subject": held.subject or "",
                "body": str(held.message_id.body or ""),
                "seen_message_id": held.parameters["seen_message_id"],
            }
            for held in self._get_own_held()
        ]

    def send_held(self, held_id, seen_message_id):
        """Send a held answer to the customer; its note stays.

        :param int held_id: as of ``get_held``
        :param int seen_message_id: up to which message the user has seen the ticket by now
        :raise CrossingMessage: when another message has arrived meanwhile
        :raise UserError: when it is not theirs, or was sent or left as a note already
        :return: id of ``mail.message``
        """
        held_sudo = self._get_one_held(held_id)
        parameters = held_sudo.parameters
        values = {name: parameters[name] for name in KEPT if parameters.get(name)}
        partner_ids = set(parameters["partner_ids"])
        if parameters["by_mail"]:
            # sudo: the author need not have access to the customer
            customer = self.sudo()._message_get_default_recipients()[self.id]
            partner_ids.update(customer["partner_ids"])
            values["outgoing_email_to"] = customer["email_to"] or False
        message = self.message_post(
            body=Markup(held_sudo.message_id.body or ""),
            subject=held_sudo.subject or None,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=sorted(partner_ids),
            attachment_ids=held_sudo.message_id.attachment_ids.ids,
            # not None, which would compare nothing
            seen_message_id=seen_message_id or 0,
            **values,
        )
        held_sudo.unlink()
        return message.id

    def leave_held(self, held_id):
        """Leave a held answer as the note that it is.

        :param int held_id: as of ``get_held``
        :raise UserError: when it is not theirs, or was sent or left as a note already
        :return: True, because XML-RPC has no None
        """
        self._get_one_held(held_id).unlink()
        return True

    def _get_own_held(self):
        # sudo: nobody reads these rows but through here, and everybody sees their own only
        Held = self.env["helpdesk_lite.held.reply"].sudo()
        return Held.search([("ticket_id", "=", self.id), ("user_id", "=", self.env.uid)])

    def _get_one_held(self, held_id):
        self._check_employee_reads()
        held = self._get_own_held().filtered(lambda held: held.id == held_id)
        if not held:
            raise UserError(self.env._("This message is not held any more. It was sent, or left as a note."))
        return held
