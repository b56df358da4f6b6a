from markupsafe import Markup
from odoo import models


class TicketMergeNotes(models.Model):
    """What is said about a merge: on the master, and to customers if the agent asks for it."""

    _inherit = "helpdesk_lite.ticket"

    def _merge_note(self, sources, terms, filled, see_all):
        """Note on the master which tickets were merged; a source that some readers cannot see gets a note of its own."""
        inside = sources.filtered(lambda source: terms[source.id].inside)
        lines = [self.env._("Merged into this ticket:")] if inside else []
        body = Markup("").join(
            [
                *(Markup("<p>%s</p>") % line for line in lines),
                Markup("<ul>%s</ul>")
                % Markup("").join(Markup("<li>%s</li>") % source._get_html_link(title=source.display_name) for source in inside)
                if inside
                else Markup(""),
                Markup("<p>%s</p>") % self.env._("Taken over: %s.", ", ".join(filled)) if filled else Markup(""),
                Markup("<p>%s</p>")
                % self.env._("These people can now see all of it: %s.", ", ".join(see_all.mapped("display_name")))
                if see_all
                else Markup(""),
            ]
        )
        # as comments: customers could read messages of the type notification by their id
        if body:
            self._message_log(body=body, message_type="comment")
        for source in sources - inside:
            self._message_log(
                message_type="comment",
                body=Markup("<p>%s</p><ul><li>%s</li></ul>")
                % (
                    self.env._("Merged into this ticket, and visible only to people who can see that ticket:"),
                    source._get_html_link(title=source.display_name),
                ),
            ).merge_origin_id = source

    def _merge_note_undone(self, sources):
        self._message_log(body=self.env._("The last merge into this ticket was undone."))

    def _merge_tell_customers(self):
        """Tell the customers of these merged tickets that their request was joined with another one.

        Each e-mail names only the customer's own ticket; answers to it reach the master.
        """
        for ticket in self:
            # sudo: the recipients of an e-mail depend on records that the agent may not see
            recipients = ticket.sudo()._message_get_default_recipients()[ticket.id]
            if recipients["partner_ids"] or recipients["email_to"]:
                ticket.message_post(
                    body=self.env._(
                        "Your request %s was joined with another one about the same matter, and we are working on "
                        "both together. You can answer this e-mail as before.",
                        ticket.number,
                    ),
                    message_type="auto_comment",
                    subtype_xmlid="mail.mt_note",
                    partner_ids=recipients["partner_ids"],
                    outgoing_email_to=recipients["email_to"] or False,
                )
