from markupsafe import Markup
from odoo import models


class TicketMergeNotes(models.Model):
    """What a merge says: on the master for its readers, and to customers where an agent asks for it."""

    _inherit = "helpdesk_lite.ticket"

    def _merge_note(self, sources, terms, filled, see_all):
        """Say on the master what came from where, to those who see where it came from."""
        inside = sources.filtered(lambda source: terms[source.id].inside)
        lines = [self.env._("Merged into this ticket:")] if inside else []
        body = Markup("").join([
            *(Markup("<p>%s</p>") % line for line in lines),
            Markup("<ul>%s</ul>") % Markup("").join(
                Markup("<li>%s</li>") % source._get_html_link(title=source.display_name) for source in inside
            ) if inside else Markup(""),
            Markup("<p>%s</p>") % self.env._("Taken over: %s.", ", ".join(filled)) if filled else Markup(""),
            Markup("<p>%s</p>") % self.env._(
                "These people were given sight of all of it: %s.", ", ".join(see_all.mapped("display_name")),
            ) if see_all else Markup(""),
        ])
        # as comments, for customers could read notes of the other kind by their id
        if body:
            self._message_log(body=body, message_type="comment")
        for source in sources - inside:
            self._message_log(message_type="comment", body=Markup("<p>%s</p><ul><li>%s</li></ul>") % (
                self.env._("Merged into this ticket, and visible only to those who may see it:"),
                source._get_html_link(title=source.display_name),
            )).merge_origin_id = source

    def _merge_note_undone(self, sources):
        self._message_log(body=self.env._("The last merge into this ticket was undone."))

    def _merge_tell_customers(self):
        """Tell the customers of these tickets, which were merged, that they go on elsewhere.

        Each mail names only the customer's own ticket; the answer to it reaches the master.
        """
        for ticket in self:
            # sudo: templates of mails read what the one who merges need not see
            recipients = ticket.sudo()._message_get_default_recipients()[ticket.id]
            if recipients["partner_ids"] or recipients["email_to"]:
                ticket.message_post(
                    body=self.env._(
                        "Your request %s was joined with another one about the same matter, and we go on working on "
                        "both as one. You can answer this e-mail as before.", ticket.number,
                    ),
                    message_type="auto_comment",
                    subtype_xmlid="mail.mt_note",
                    partner_ids=recipients["partner_ids"],
                    outgoing_email_to=recipients["email_to"] or False,
                )
