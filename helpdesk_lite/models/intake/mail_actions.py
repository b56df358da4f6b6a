from odoo import fields, models
from odoo.exceptions import UserError

from ..short_cursor import short_cursor

# how many mails are processed while somebody waits; the rest of a larger selection is left to the scheduled action
MOST_AT_ONCE = 50
# bytes of the mails that are downloaded together
LARGEST_DOWNLOAD = 100_000_000
# the mails that an administrator may still send somewhere
UNSETTLED = ("received", "failed", "parked", "discarded")


class MailActions(models.Model):
    """What an administrator does with incoming mail, one or many at once.

    Rows are read with the rights of the administrator, who may not write them: each verb checks what it needs and
    writes as superuser. Whatever is done to several mails ends in a list that says for each what became of it.
    """

    _inherit = "helpdesk_lite.mail"

    discard_reason = fields.Char(readonly=True)

    # ------------------------------------------------------------
    # VERBS
    # ------------------------------------------------------------

    def action_process_again(self):
        """Process mails as if they had just arrived: those that failed, were parked or were discarded.

        :return: an action that shows what became of them
        :raise AccessError: when the user cannot read one of the mails
        """
        self.check_access("read")
        outcomes = self._get_left_out()
        ready = self.filtered(lambda mail: mail not in outcomes)
        now, later = ready[:MOST_AT_ONCE], ready[MOST_AT_ONCE:]
        later._process_later()
        # sudo: only the server writes incoming mails
        tickets = now.sudo()._process()
        outcomes |= now._get_outcomes()
        outcomes |= {mail: (True, self.env._("It will be processed within minutes.")) for mail in later}
        return self._show_outcomes(outcomes, tickets)

    def _process_later(self):
        """Let the scheduled action process mails, because a request could not wait for so many."""
        if not self:
            return
        # sudo: only the server writes incoming mails
        self.sudo().write({"state": "received", "reason": False, "tries": 0, "next_try": fields.Datetime.now()})
        self.env.ref("helpdesk_lite.cron_mail_again").sudo()._trigger()  # sudo: users may not start jobs themselves

    def action_make_ticket(self):
        """Ask for the team in which the mails become tickets.

        :return: a window action
        """
        return self._open_wizard("helpdesk_lite.mail.place", self.env._("Make a Ticket in…"), kind="team")

    def action_attach(self):
        """Ask for the ticket to which the mails are posted.

        :return: a window action
        """
        return self._open_wizard("helpdesk_lite.mail.place", self.env._("Attach to Ticket…"), kind="ticket")

    def action_discard(self):
        """Ask why the mails are discarded.

        :return: a window action
        """
        return self._open_wizard("helpdesk_lite.mail.discard", self.env._("Discard"))

    def action_download(self):
        """Download the mails as they came: one as an ``.eml`` file, several in a ``.zip`` file.

        :return: an action that downloads them
        :raise UserError: when they are too large together, or no longer stored
        """
        self.check_access("read")
        if sum(self.mapped("size")) > LARGEST_DOWNLOAD and len(self) > 1:
            raise UserError(self.env._("These mails are too large to be downloaded together. Select fewer."))
        ids = ",".join(map(str, self.ids))
        return {"type": "ir.actions.act_url", "url": f"/helpdesk/incoming-mail/{ids}", "target": "self"}

    def _place(self, place):
        """Process mails as if they had been sent to this team, or were answers on this ticket.

        Who may choose the place is asked by the caller. The mails are processed with the rights of whoever delivered them,
        as they would have been when they arrived.

        :param place: record of ``helpdesk_lite.team`` or ``helpdesk_lite.ticket``
        :return: an action that shows what became of them
        :raise UserError: when there are too many of them
        """
        Ticket = self.env["helpdesk_lite.ticket"]
        is_ticket = place._name == Ticket._name
        destination = (Ticket._name, place.id, {}) if is_ticket else (Ticket._name, False, {"team_id": place.id})
        outcomes = self._get_left_out()
        ready = self.filtered(lambda mail: mail not in outcomes)
        if len(ready) > MOST_AT_ONCE:
            raise UserError(self.env._("Select at most %s mails.", MOST_AT_ONCE))
        # sudo: only the server writes incoming mails
        tickets = ready.sudo()._process(destination)
        return self._show_outcomes(outcomes | ready._get_outcomes(), tickets)

    def _discard(self, reason):
        """Set mails aside for good: they are not processed any more, and deleted when their time is over.

        :param str reason: what the administrator says
        :return: an action that shows what became of them
        """
        outcomes = self._get_left_out(needs_text=False)
        discarded = self.filtered(lambda mail: mail not in outcomes)
        # sudo: only the server writes incoming mails, which the user can read
        discarded.sudo().write({"state": "discarded", "discard_reason": reason, "next_try": False})
        outcomes |= {mail: (True, self.env._("It was discarded.")) for mail in discarded}
        return self._show_outcomes(outcomes)

    # ------------------------------------------------------------
    # SHARED
    # ------------------------------------------------------------

    def _open_wizard(self, model, name, **defaults):
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "form",
            "target": "new",
            "context": {"default_mail_ids": self.ids, **{f"default_{key}": value for key, value in defaults.items()}},
        }

    def _get_outcomes(self):
        """What became of mails that transactions of their own have processed, which this one does not see.

        :return: dict of record to tuple (whether the mail is settled, sentence)
        """
        self.env.flush_all()
        with short_cursor(self.env) as cr:
            cr.execute("SELECT id, state, reason, error FROM helpdesk_lite_mail WHERE id = ANY(%s)", [self.ids])
            found = {row[0]: row[1:] for row in cr.fetchall()}
        return {mail: mail._get_outcome(*found.get(mail.id, ("deleted", None, None))) for mail in self}

    def _get_outcome(self, state, reason=None, error=None):
        """Say what became of a mail.

        :param str state: as in the field, or ``deleted``
        :param str reason: as in the field
        :param str error: as in the field
        :return: tuple (whether the mail is settled, sentence)
        """
        _ = self.env._
        if state == "failed":
            lines = (error or "").strip().splitlines()
            return False, _("It failed again: %s", lines[-1] if lines else "")
        if state == "parked":
            return False, _(
                "It was parked again: %s", dict(self._fields["reason"]._description_selection(self.env)).get(reason, "")
            )
        return {
            "done": (True, _("It was processed.")),
            "duplicate": (True, _("The same mail was processed before.")),
            "discarded": (False, _("Somebody discarded it in the meantime.")),
            "received": (False, _("It is still being processed.")),
        }.get(state, (False, _("It is no longer stored.")))

    def _get_left_out(self, needs_text=True):
        """The mails that cannot be sent anywhere: they reached their tickets before, or are not here.

        :param bool needs_text: whether the whole mail is needed, and not only its headers
        :return: dict of record to tuple (False, sentence)
        """
        _ = self.env._
        settled = {mail: (False, _("It was processed before.")) for mail in self if mail.state not in UNSETTLED}
        too_big = self.filtered(lambda mail: needs_text and mail.reason == "too_big" and mail.state == "parked")
        return settled | {
            mail: (False, _("Only its headers are here. Raise the largest size on its mail server, and it is fetched."))
            for mail in too_big
        }

    def _show_outcomes(self, outcomes, tickets=None):
        """Tell the user what became of each mail: of one in a notification, of several in a list.

        :param dict outcomes: of record to tuple (whether all is well, sentence)
        :param dict tickets: of id to tuple (state, ids of tickets), from ``_process``
        :return: an action
        """
        if len(outcomes) != 1:
            return self.env["helpdesk_lite.mail.result"]._show(outcomes)
        [(is_well, text)] = outcomes.values()
        ticket_ids = [ticket for _state, ids in (tickets or {}).values() for ticket in ids]
        links = [
            {"url": f"/odoo/helpdesk-lite-tickets/{ticket}", "label": self.env._("Open the Ticket")}
            for ticket in ticket_ids
            if is_well
        ]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if is_well else "warning",
                "sticky": not is_well,
                # each %s stands for a link
                "message": " ".join([text, *["%s"] * len(links)]),
                "links": links,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
