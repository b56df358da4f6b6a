from markupsafe import escape
from odoo import models
from odoo.exceptions import MissingError
from odoo.tools import SQL

# what Odoo wants to know of the fields that it tracks
ATTRIBUTES = ("string", "type", "selection", "currency_field")


class TicketTracking(models.Model):
    """Writes the lines about changes of many tickets at once, and lines of which nobody is notified.

    Odoo posts them one by one, with six statements for each ticket. The rows are the same here. A line of which somebody is
    notified, because they follow changes of the stage, is left to Odoo.
    """

    _inherit = "helpdesk_lite.ticket"

    def _message_track(self, fields_iter, initial_values_dict):
        """Log what has changed, in as many statements for many tickets as for one.

        :param fields_iter: names of the tracked fields
        :param dict initial_values_dict: id of a ticket to a dict of former values
        :return: dict of the ids of existing tickets to tuples (names of changed fields, commands for the tracked values)
        """
        tracked = self.fields_get(fields_iter, attributes=ATTRIBUTES) if fields_iter else {}
        tracking = {}
        for ticket in self if tracked else ():
            try:
                tracking[ticket.id] = ticket._mail_track(tracked, initial_values_dict[ticket.id])
            except MissingError:
                # it was deleted since
                continue
        changed = self.browse([ticket_id for ticket_id, (changes, _values) in tracking.items() if changes])
        subtypes = {
            ticket: ticket._track_subtype({name: initial_values_dict[ticket.id][name] for name in tracking[ticket.id][0]})
            for ticket in changed
        }
        told = changed.browse()
        for subtype, tickets in changed.grouped(lambda ticket: subtypes[ticket] or None).items():
            told |= tickets._get_told(subtype) if subtype else told
        logged = changed - told
        logged._log_tracking(tracking, subtypes)
        # Odoo ends the transaction's notes on authors and texts as well, so it is called for none, too
        super(TicketTracking, self - logged)._message_track(fields_iter, initial_values_dict)
        return tracking

    def _get_told(self, subtype):
        """The tickets of which somebody would be notified by a message with a subtype, or for which it cannot be told here.

        :param subtype: record of ``mail.message.subtype``
        :return: records
        """
        authors = self._get_tracking_notes("author")
        if not subtype.exists() or any(ticket.id in authors for ticket in self):
            return self
        own = self._message_compute_real_author(self.env.user.partner_id.id).id
        recipients = self.env["mail.followers"]._get_recipient_data(self, "notification", subtype.id)
        return self.filtered(
            lambda ticket: any(partner_id != own and data["active"] for partner_id, data in recipients[ticket.id].items())
        )

    def _get_tracking_notes(self, kind):
        """What was said for the lines of this transaction, by id of the ticket.

        :param str kind: "author" or "message", see ``_track_set_author`` and ``_track_set_log_message``
        """
        return self.env.cr.precommit.data.get(f"mail.tracking.{kind}.{self._name}", {})

    def _log_tracking(self, tracking, subtypes):
        """Create the messages of which nobody is notified, with the tracked values.

        :param dict tracking: as ``_message_track`` returns it
        :param dict subtypes: ticket to a record of ``mail.message.subtype``, or to a false value for a note
        """
        bodies, authors = self._get_tracking_notes("message"), self._get_tracking_notes("author")
        bodies = {
            ticket.id: bodies[ticket.id]
            if ticket.id in bodies
            else ticket._track_get_default_log_message(tracking[ticket.id][0])
            for ticket in self
        }
        posted = self.filtered(lambda ticket: subtypes[ticket])
        notes = (self - posted).filtered(lambda ticket: tracking[ticket.id][1])
        lines = []
        if posted:
            # sudo: nobody but Odoo creates lines about changes
            lines += zip(
                posted, posted.sudo()._message_create(posted._prepare_tracking_messages(bodies, subtypes)), strict=True
            )
        for author, tickets in notes.grouped(lambda ticket: authors.get(ticket.id)).items():
            texts = {ticket.id: bodies[ticket.id] for ticket in tickets}
            lines += zip(
                tickets, tickets._message_log_batch(texts, author_id=None if author is None else author.id), strict=True
            )
        # sudo: see above
        self.env["mail.tracking.value"].sudo().create(
            [
                {**values, "mail_message_id": message.id}
                for ticket, message in lines
                for _command, _id, values in tracking[ticket.id][1]
            ]
        )

    def _log_quietly(self, body, subtype):
        """Log a line of a kind that people follow, of which nobody is notified. Call it as superuser.

        Odoo would look for recipients and for an address for their answers.

        :param str body: of the line
        :param subtype: record of ``mail.message.subtype``
        :return: record of ``mail.message``
        """
        self.ensure_one()
        author_id, email_from = self._message_compute_author()
        return self._message_create(
            [
                {
                    "author_id": author_id,
                    "email_from": email_from,
                    "reply_to": email_from,
                    "model": self._name,
                    "res_id": self.id,
                    "body": escape(body),
                    "message_type": "notification",
                    "subtype_id": subtype.id,
                    "email_add_signature": False,
                    "record_alias_domain_id": False,
                    "record_company_id": False,
                }
            ]
        )

    def _prepare_tracking_messages(self, bodies, subtypes):
        """The values of the messages that Odoo's ``message_post`` creates.

        :param dict bodies: id of a ticket to a text
        :param dict subtypes: ticket to a record of ``mail.message.subtype``
        :return: list of dicts
        """
        author_id, email_from = self._message_compute_author()
        parents = self._find_tracking_parents()
        domains = self._mail_get_alias_domains(default_company=self.env.company)
        companies = self._mail_get_companies(default=self.env.company)
        reply_to = self._notify_get_reply_to(default=email_from, author_id=author_id)
        return [
            {
                "author_id": author_id,
                "email_from": email_from,
                "model": self._name,
                "res_id": ticket.id,
                "body": escape(bodies[ticket.id]),
                "message_type": "notification",
                "parent_id": parents.get(ticket.id, False),
                "subject": False,
                "subtype_id": subtypes[ticket].id,
                "email_add_signature": True,
                "record_alias_domain_id": domains[ticket.id].id,
                "record_company_id": companies[ticket.id].id,
                "reply_to": reply_to[ticket.id],
            }
            for ticket in self
        ]

    def _find_tracking_parents(self):
        """:return: dict of the ids of tickets to those of the messages that Odoo's ``_message_compute_parent_id`` finds"""
        self.env["mail.message"].flush_model(["model", "res_id", "message_type", "date"])
        return dict(
            self.env.execute_query(
                SQL(
                    """ SELECT DISTINCT ON (res_id) res_id, id FROM mail_message
                     WHERE model = %s AND res_id = ANY(%s) AND message_type <> 'user_notification'
                     ORDER BY res_id, message_type IN ('comment', 'email') DESC, COALESCE(date, create_date) DESC, id DESC
                    """,
                    self._name,
                    list(self.ids),
                )
            )
        )
