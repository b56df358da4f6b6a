import logging

from markupsafe import Markup
from odoo import models
from odoo.exceptions import UserError
from odoo.tools import email_normalize
from odoo.tools.mail import email_split_and_format_normalize
from psycopg2 import OperationalError

_logger = logging.getLogger(__name__)

RECIPIENT_FIELDS = ("partner_to", "email_to", "email_cc")


class TicketStageMail(models.Model):
    """The mail to a customer when a ticket arrives in a stage; in the first stage it is the acknowledgement.

    Templates can fail: on a field that is empty for an unknown sender, or because they belong to another
    model. A failing template never prevents the change of the ticket, see ``ticket_failed_template.py``.
    The customer of a new ticket then gets a plain acknowledgement. Who edits a template is told that it would fail, see
    ``mail_template.py``.
    """

    _inherit = "helpdesk_lite.ticket"

    def _get_customer_url(self):
        """The URL of the ticket's page for its customer.

        :return: str, or False when customers cannot open tickets of this team
        """
        self.ensure_one()
        # sudo: the user who causes the mail need not have access to the team
        ticket = self.sudo()
        if ticket.team_id.privacy_visibility != "public":
            return False
        return ticket.get_base_url() + ticket._get_share_url()

    def _message_track_post_template(self, changes):
        if self and changes and "stage_id" in changes:
            for ticket in self:
                ticket._send_stage_mail()
        return super()._message_track_post_template(changes)

    def _skip_stage_mail(self):
        """Suppress the mail of the next change of stage in this transaction."""
        self.env.cr.precommit.data.setdefault("helpdesk_lite.skip_stage_mail", set()).update(self.ids)

    def _send_stage_mail(self):
        """Send the template of the ticket's stage to its customer, in the customer's language.

        The mail goes to the recipients of the template, or to the contact or else to the bare address of the customer, but
        never to one of our own aliases, which could answer it. Imports send no mail.
        """
        self.ensure_one()
        # sudo: templates may use fields that the user who moved the ticket cannot read
        ticket = self.sudo()
        template = ticket.stage_id.template_id
        skipped = self.env.cr.precommit.data.get("helpdesk_lite.skip_stage_mail", set())
        if not template or self.id in skipped or self.env.context.get("import_file"):
            skipped.discard(self.id)
            return
        error = ticket._attempt(lambda: ticket._post_template(template))
        if not error:
            return
        _logger.warning("Template %s (%s) failed for ticket %s: %s", template.id, template.name, self.id, error)
        acknowledged = ticket.stage_id == ticket.team_id._get_first_stage()
        ticket._report_failed_template(template, error, acknowledged)
        if acknowledged:
            ticket._attempt(lambda: ticket._post_stage_mail(**ticket._get_plain_acknowledgement()))

    def _attempt(self, act):
        """Call a function that may fail, and undo its changes if it does.

        The savepoint must not flush by itself: this runs in a precommit hook, and such a savepoint would
        run, and on failure drop, the other hooks.

        :param act: function without arguments
        :return: the exception that it raised, or None
        """
        # flushed outside of the savepoint, so that earlier changes cannot fail in it
        self.env.flush_all()
        try:
            with self.env.cr.savepoint(flush=False):
                act()
                self.env.flush_all()
        except OperationalError:
            # the database asks for the whole transaction to be retried
            raise
        except Exception as error:
            self.env.transaction.clear()
            return error
        return None

    def _post_template(self, template):
        """Send a template to the recipients that it names, or else to the customer of this ticket.

        Without any, it is not even rendered: that would make an access link, which nobody is given.

        :param template: record of ``mail.template``
        """
        customer = self._message_get_default_recipients()[self.id]
        if customer["partner_ids"] or customer["email_to"] or self._names_recipients(template):
            content = self._render_stage_mail(template)
            self._post_stage_mail(**{**content, "recipients": content["recipients"] or customer})

    def _render_stage_mail(self, template, lang=None):
        """Render a template for this ticket.

        :param template: record of ``mail.template``
        :param str lang: code of a language instead of the customer's
        :return: dict of arguments of ``_post_stage_mail``
        :raise UserError: when it is a template for something else, which would be rendered with another record's data
        """
        if template.model != self._name:
            raise UserError(self.env._("The template “%s” is not for helpdesk tickets.", template.name))
        lang = lang or template._render_lang(self.ids)[self.id] or self._get_customer_lang()
        template = template.with_context(lang=lang)
        content = template._generate_template(self.ids, ("subject", "body_html", "email_from", "reply_to"))[self.id]
        return {
            "lang": lang,
            "subject": content["subject"],
            "body": Markup(content["body_html"]),
            "email_from": content.get("email_from"),
            "reply_to": content.get("reply_to"),
            "recipients": self._get_template_recipients(template),
            "attachment_ids": template.attachment_ids.ids,
        }

    def _names_recipients(self, template):
        return not template.use_default_to and any(template[name] for name in RECIPIENT_FIELDS)

    def _get_template_recipients(self, template):
        """The recipients that a template names, instead of the customer or in copy.

        Each of them gets a mail of their own: what Odoo sends from a record has no Cc.

        :param template: record of ``mail.template``
        :return: dict of ``partner_ids`` and ``email_to``, or None for the customer
        """
        if not self._names_recipients(template):
            return None
        own = template._generate_template_recipients(self.ids, RECIPIENT_FIELDS)[self.id]
        chosen = {"partner_ids": own.get("partner_ids") or [], "email_to": own.get("email_to") or ""}
        if not chosen["partner_ids"] and not chosen["email_to"]:
            # only copies are named
            chosen = self._message_get_default_recipients()[self.id]
        emails = email_split_and_format_normalize(f"{chosen['email_to'] or ''}, {own.get('email_cc') or ''}")
        aliases = self._find_own_addresses(email_normalize(email) for email in emails)
        emails = [email for email in emails if email_normalize(email) not in aliases]
        return {"partner_ids": chosen["partner_ids"], "email_to": ", ".join(emails)}

    def _post_stage_mail(self, lang, subject, body, email_from=None, reply_to=None, recipients=None, attachment_ids=()):
        recipients = recipients or self._message_get_default_recipients()[self.id]
        if not recipients["partner_ids"] and not recipients["email_to"]:
            return
        # the team and its company write it, whoever's request caused it: that of the mail gateway is nobody's
        self.with_context(lang=lang).message_post(
            **({"reply_to": reply_to} if reply_to else {}),
            author_id=self.company_id.partner_id.id,
            email_from=email_from or self.with_context(lang=lang)._get_team_sender(),
            subject=subject,
            body=body,
            message_type="auto_comment",
            subtype_xmlid="mail.mt_note",
            partner_ids=recipients["partner_ids"],
            outgoing_email_to=recipients["email_to"] or False,
            attachment_ids=list(attachment_ids),
            email_layout_xmlid="mail.mail_notification_light",
            # otherwise the heading of the layout would repeat the subject, which may come from an unknown sender
            force_record_name=self.number,
            notify_author_mention=True,
        )
