from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL
from odoo.tools.mail import html_sanitize, is_html_empty

LONGEST_DRAFT = 500_000
MOST_MILLISECONDS = 10**14


class TicketDraft(models.Model):
    """What a user has begun to write on a ticket, so that they can go on elsewhere.

    The browser keeps a draft too, which is there at once and without a connection. The newer one is taken.
    """

    _inherit = "helpdesk_lite.ticket"

    def save_draft(self, body, stamp):
        """Keep what the user has begun to write; an older draft than the one that is kept changes nothing.

        :param str body: HTML; an empty one ends the draft
        :param int stamp: when it was written by the clock of the browser, in milliseconds since 1970
        :raise AccessError: when the user cannot read the ticket, or is a customer
        :raise UserError: when it is too long, or the arguments are of another kind
        :return: True, because XML-RPC has no None
        """
        self._check_employee_reads()
        if not isinstance(body or "", str) or type(stamp) is not int or not 0 <= stamp < MOST_MILLISECONDS:
            raise UserError(self.env._("The draft was sent in a form that is not understood. Reload the page."))
        if len(body or "") > LONGEST_DRAFT:
            raise UserError(self.env._("This text is too long to be kept as a draft."))
        if not body or is_html_empty(body):
            self.env.cr.execute(
                SQL(
                    "DELETE FROM helpdesk_lite_draft WHERE ticket_id = %s AND user_id = %s AND stamp::bigint <= %s",
                    self.id,
                    self.env.uid,
                    stamp,
                )
            )
            return True
        self.env.cr.execute(
            SQL(
                """ INSERT INTO helpdesk_lite_draft AS draft (ticket_id, user_id, body, date, stamp)
                    VALUES (%s, %s, %s, now() AT TIME ZONE 'UTC', %s)
                        ON CONFLICT (ticket_id, user_id) DO UPDATE
                       SET body = EXCLUDED.body, date = EXCLUDED.date, stamp = EXCLUDED.stamp
                     WHERE draft.stamp::bigint < EXCLUDED.stamp::bigint
                """,
                self.id,
                self.env.uid,
                str(html_sanitize(body, sanitize_attributes=False, sanitize_style=True)),
                str(stamp),
            )
        )
        return True

    def get_draft(self):
        """The user's own draft on this ticket.

        :raise AccessError: when the user cannot read the ticket, or is a customer
        :return: dict with ``body`` (HTML) and ``stamp``, or an empty one
        """
        self._check_employee_reads()
        rows = self.env.execute_query(
            SQL("SELECT body, stamp FROM helpdesk_lite_draft WHERE ticket_id = %s AND user_id = %s", self.id, self.env.uid)
        )
        return {"body": rows[0][0], "stamp": int(rows[0][1])} if rows else {}
