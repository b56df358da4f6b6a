from markupsafe import Markup
from odoo import models

# the texts that are rendered for the mail of a stage
RENDERED = {
    "subject",
    "body_html",
    "email_from",
    "reply_to",
    "email_to",
    "email_cc",
    "partner_to",
    "use_default_to",
    "model_id",
}


class MailTemplate(models.Model):
    """Tells who edits the template of a stage that it fails for customers who have no contact.

    Standard Odoo tries a template with the first ticket that there is. Most templates that fail do so for the first mail of
    somebody new. The template is saved nevertheless: it may be half of a change, and its mails are replaced until it works.
    """

    _inherit = "mail.template"

    def write(self, vals):
        result = super().write(vals)
        if RENDERED & vals.keys():
            self._warn_of_unknown_senders()
        return result

    def _warn_of_unknown_senders(self):
        """Tell the user which of these templates fail for an unknown sender, if a stage uses them."""
        # sudo: editors of templates need not have access to stages
        used = self.env["helpdesk_lite.stage"].sudo().search([("template_id", "in", self.ids)]).template_id
        for template in used:
            if error := template._try_unknown_sender():
                self.env.user._bus_send(
                    "simple_notification",
                    {
                        "type": "warning",
                        "sticky": True,
                        "message": self.env._(
                            "The template “%(template)s” was saved, but it fails for customers who have no contact, such as "
                            "somebody who writes for the first time: %(error)s",
                            template=template.name,
                            error=str(error.__cause__ or error.__context__ or error)[:500],
                        ),
                    },
                )

    def _try_unknown_sender(self):
        """Render this template for a ticket of an unknown sender, of which nothing is kept.

        :return: the exception that it raised, or None
        """
        # sudo: the ticket is made up, and may be in any team
        Ticket = self.env["helpdesk_lite.ticket"].sudo()
        # sudo: see above
        team = self.env["helpdesk_lite.team"].sudo().search([], limit=1)
        if not team:
            return None
        values = {
            "name": "?",
            # a number that no sequence has, so that none is used up
            "number": "?",
            "team_id": team.id,
            "description": Markup("<p>?</p>"),
            "partner_email": "unknown@example.invalid",
            # archived tickets are not assigned
            "active": False,
        }
        self.env.flush_all()
        savepoint, made = self.env.cr.savepoint(flush=False), []
        quiet = Ticket.with_context(tracking_disable=True, mail_create_nolog=True, mail_notrack=True)
        quiet._attempt(lambda: made.append(quiet.create(values)))
        # sudo: as it will be sent
        error = made and made[0]._attempt(lambda: made[0]._render_stage_mail(self.sudo(), lang=self.env.lang or "en_US"))
        savepoint.close(rollback=True)
        self.env.transaction.clear()
        return error or None
