import logging

from markupsafe import Markup
from odoo import fields, models
from psycopg2 import OperationalError

_logger = logging.getLogger(__name__)


class TicketStageMail(models.Model):
    """The mail that a customer gets when a ticket arrives in a stage; in the first one it acknowledges.

    Templates are written by people, and fail: a field that an unknown sender does not have, a
    template of another model. A mail that fails never takes the ticket with it. It is told: in a note
    to the agents, and to the administrators by one activity a day. The customer of a new ticket gets
    a plain acknowledgement in its place.
    """

    _inherit = "helpdesk_lite.ticket"

    def _get_customer_url(self):
        """The address of the ticket's page for its customer.

        :return: str, or False when customers cannot open tickets of this team
        """
        self.ensure_one()
        # sudo: the mail is made for the customer in the name of whoever moved the ticket
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
        """Let the change of stage that is being made in this transaction pass without its mail."""
        self.env.cr.precommit.data.setdefault("helpdesk_lite.skip_stage_mail", set()).update(self.ids)

    def _send_stage_mail(self):
        """Send the template of the ticket's stage to its customer, in the customer's language.

        It goes to the contact or, when there is none, to the bare address; never to one of
        our own aliases, which could answer it. Imports and automatic mails get none.
        """
        self.ensure_one()
        # sudo: a template may read what the one who moved the ticket cannot
        ticket = self.sudo()
        template = ticket.stage_id.template_id
        skipped = self.env.cr.precommit.data.get("helpdesk_lite.skip_stage_mail", set())
        if not template or self.id in skipped or self.env.context.get("import_file"):
            skipped.discard(self.id)
            return
        recipients = ticket._message_get_default_recipients()[self.id]
        if not recipients["partner_ids"] and not recipients["email_to"]:
            return
        error = ticket._attempt(lambda: ticket._post_stage_mail(recipients, **ticket._render_stage_mail(template)))
        if not error:
            return
        _logger.warning("Template %s (%s) failed for ticket %s: %s", template.id, template.name, self.id, error)
        acknowledged = ticket.stage_id == ticket.team_id._get_first_stage()
        ticket._report_failed_template(template, error, acknowledged)
        if acknowledged:
            ticket._attempt(lambda: ticket._post_stage_mail(recipients, **ticket._get_plain_acknowledgement()))

    def _attempt(self, act):
        """Do something that may fail without harm to the transaction.

        Not by a savepoint that flushes: this runs before a commit, and such a one would run, and drop,
        what else waits for the commit.

        :param act: function without arguments
        :return: the exception that it ended in, or None
        """
        # what fails from here on is in there, and nothing that waited to be written
        self.env.flush_all()
        try:
            with self.env.cr.savepoint(flush=False):
                act()
                self.env.flush_all()
        except OperationalError:
            # of the database, which tries the whole transaction again
            raise
        except Exception as error:
            self.env.transaction.clear()
            return error
        return None

    def _render_stage_mail(self, template):
        """:return: dict of what the template says: ``lang``, ``subject``, ``body``, ``email_from``, ``attachment_ids``"""
        lang = template._render_lang(self.ids)[self.id] or self._get_customer_lang()
        template = template.with_context(lang=lang)
        content = template._generate_template(self.ids, ("subject", "body_html", "email_from"))[self.id]
        return {
            "lang": lang,
            "subject": content["subject"],
            "body": Markup(content["body_html"]),
            "email_from": content.get("email_from"),
            "attachment_ids": template.attachment_ids.ids,
        }

    def _get_plain_acknowledgement(self):
        """What a customer is told when the template cannot be used, in the form of ``_render_stage_mail``."""
        lang = self._get_customer_lang()
        _ = self.with_context(lang=lang).env._
        return {
            "lang": lang,
            "subject": _("[%s] We received your request", self.number),
            "body": Markup("<p>%s</p><p>%s</p>") % (
                _("We received your request. Its number is %s.", self.number),
                _("To add something, just reply to this e-mail."),
            ),
        }

    def _post_stage_mail(self, recipients, lang, subject, body, email_from=None, attachment_ids=()):
        by_employee = self.env.user._is_internal() and self.env.user.active
        self.with_context(lang=lang, helpdesk_lite_automatic=True).message_post(
            author_id=(self.env.user.partner_id if by_employee else self.company_id.partner_id).id,
            email_from=email_from or self.company_id.email_formatted or None,
            subject=subject,
            body=body,
            message_type="auto_comment",
            subtype_xmlid="mail.mt_note",
            partner_ids=recipients["partner_ids"],
            outgoing_email_to=recipients["email_to"] or False,
            attachment_ids=list(attachment_ids),
            email_layout_xmlid="mail.mail_notification_light",
            # the layout's heading would repeat the subject that an unknown sender wrote
            force_record_name=self.number,
            notify_author_mention=True,
        )

    def _report_failed_template(self, template, error, acknowledged):
        """Tell the agents on the ticket, and each administrator once a day, that a template does not work.

        :param template: record of ``mail.template``
        :param Exception error: why it failed
        :param bool acknowledged: whether the customer gets a plain acknowledgement in its place
        """
        cause = error.__cause__ or error.__context__
        why = f"{error} ({cause})" if cause else str(error)
        # not in the name of the visitor or customer whose ticket it is
        self._message_log(author_id=self.env.ref("base.partner_root").id, body=self.env._(
            "The e-mail of the stage “%(stage)s” was not sent, because its template “%(template)s” failed: %(error)s",
            stage=self.stage_id.name, template=template.name, error=why[:500],
        ))
        activity_type = self.env.ref("helpdesk_lite.activity_type_failed_template", raise_if_not_found=False)
        if not activity_type:
            # somebody did not want to be told
            return
        managers = self.team_id._users_of_company("helpdesk_lite.group_manager")
        today = fields.Datetime.now().replace(hour=0, minute=0, second=0, microsecond=0)
        # done ones count as well
        told = self.env["mail.activity"].with_context(active_test=False).search([
            ("activity_type_id", "=", activity_type.id), ("user_id", "in", managers.ids), ("create_date", ">=", today),
        ]).user_id
        followers = self.message_partner_ids
        for manager in managers - told:
            _ = self.with_context(lang=manager.lang).env._
            self.activity_schedule(
                "helpdesk_lite.activity_type_failed_template",
                summary=_("The e-mail template “%s” fails", template.name),
                note=_(
                    "Customers get a plain acknowledgement instead. Correct the template or choose another for the stage “%s”.",
                    self.stage_id.name,
                ) if acknowledged else _(
                    "Customers are not told that their tickets arrive in the stage “%s”. "
                    "Correct the template or choose another.", self.stage_id.name,
                ),
                user_id=manager.id,
            )
        # an activity makes its person a follower, who would get all that is said on this ticket from now on
        self.message_unsubscribe((managers.partner_id - followers).ids)

    def _notify_by_email_get_headers(self, headers=None):
        headers = super()._notify_by_email_get_headers(headers=headers)
        if self.env.context.get("helpdesk_lite_automatic"):
            headers["Auto-Submitted"] = "auto-replied"
        return headers
