from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize

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
        unsettled = self.filtered(lambda mail: mail.state in UNSETTLED)
        # sudo: only the server writes incoming mails
        unsettled[:MOST_AT_ONCE].sudo()._process()
        later = unsettled[MOST_AT_ONCE:]
        later.sudo()._process_later()  # sudo: as above
        outcomes = unsettled[:MOST_AT_ONCE]._get_outcomes()
        outcomes |= {mail: (True, self.env._("This mail will be processed within minutes.")) for mail in later}
        outcomes |= {mail: (False, mail._get_settled_text()) for mail in self - unsettled}
        return self._show_outcomes(outcomes)

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

    def action_block_sender(self):
        """Ask whether to block the addresses or the domains of the senders.

        :return: a window action
        """
        return self._open_wizard("helpdesk_lite.mail.block.sender", self.env._("Block Sender"))

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

    def action_allow_sender(self):
        """Let the senders send as many mails as they want: they are added to the list of allowed senders of Odoo.

        :return: an action that shows for each mail whether its sender was added
        """
        self.check_access("read")
        # sudo: the list of Odoo is for its administrators. It lifts a limit on the number of mails and nothing else.
        Allowed = self.env["mail.gateway.allowed"].sudo()
        addresses = {mail: email_normalize(mail.email_from or "") for mail in self}
        known = set(Allowed.search([("email_normalized", "in", list(addresses.values()))]).mapped("email_normalized"))
        Allowed.create([{"email": address} for address in sorted({*filter(None, addresses.values())} - known)])
        _ = self.env._
        return self._show_outcomes(
            {
                mail: (False, _("This mail has no sender."))
                if not address
                else (False, _("%s is allowed already.", address))
                if address in known
                else (True, _("%s may now send any number of mails.", address))
                for mail, address in addresses.items()
            }
        )

    def _discard(self, reason):
        """Set mails aside for good: they are not processed any more, and deleted when their time is over.

        :param str reason: what the administrator says
        :return: an action that shows what became of them
        """
        settled = self.filtered(lambda mail: mail.state not in UNSETTLED or mail.state == "discarded")
        # sudo: only the server writes incoming mails, which the user can read
        (self - settled).sudo().write({"state": "discarded", "discard_reason": reason, "next_try": False})
        _ = self.env._
        return self._show_outcomes(
            {mail: (True, _("It was discarded.")) for mail in self - settled}
            | {mail: (False, mail._get_settled_text()) for mail in settled}
        )

    # ------------------------------------------------------------
    # BLOCKING
    # ------------------------------------------------------------

    def _get_block_name(self, kind):
        """The name under which the sender is blocked.

        :param str kind: ``address`` or ``domain``
        :return: str, empty if the mail has no sender
        """
        names = self.env["helpdesk_lite.mail.block"]._get_names(self.email_from or "")
        return names[kind == "domain"] if names else ""

    def _block_senders(self, kind):
        """Block the senders in the companies that they wrote to, with the rights of the user.

        :param str kind: ``address`` or ``domain``
        :return: an action that shows for each mail whether its sender was blocked
        """
        Block = self.env["helpdesk_lite.mail.block"]
        _ = self.env._
        outcomes, blocked = {}, set()
        for mail in self:
            name, company = mail._get_block_name(kind), mail.company_id or self.env.company
            if not name:
                outcomes[mail] = (False, _("This mail has no sender."))
            elif refusal := Block._get_refusal(name):
                outcomes[mail] = (False, refusal)
            elif (name, company) in blocked:
                outcomes[mail] = (True, _("%s is blocked.", name))
            elif Block.search_count([("name", "=", name), ("company_id", "=", company.id)], limit=1):
                outcomes[mail] = (False, _("%s was blocked before.", name))
            else:
                Block.create({"name": name, "company_id": company.id})
                blocked.add((name, company))
                outcomes[mail] = (True, _("%s is blocked.", name))
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

    def _get_settled_text(self):
        return self.env._("It was processed before.")

    def _show_outcomes(self, outcomes):
        """Tell the user what became of each mail: of one in a notification, of several in a list.

        :param dict outcomes: of record to tuple (whether all is well, sentence)
        :return: an action
        """
        if len(outcomes) != 1:
            return self.env["helpdesk_lite.mail.result"]._show(outcomes)
        [(is_well, text)] = outcomes.values()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if is_well else "warning",
                "sticky": not is_well,
                "message": text,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
