from functools import partial

from odoo import api, models
from odoo.sql_db import PoolError
from psycopg2 import OperationalError

from ..short_cursor import is_separate, short_cursor
from .delivery import OURS, current_delivery, forget_answers


class MailAlias(models.Model):
    """An error of ours is no reason to write to the customer, or to declare the alias of a team invalid."""

    _inherit = "mail.alias"

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, **kwargs):
        """Find the aliases of an address once for each mail: Odoo looks for them to read it and to route it."""
        search = partial(super()._search, domain, offset, limit, order, **kwargs)
        delivery = current_delivery()
        if not delivery or not self.env.su or offset or limit:
            return search()
        return delivery.remember(self, search, domain, order, kwargs)._as_query()

    @api.model_create_multi
    def create(self, vals_list):
        result = super().create(vals_list)
        forget_answers()
        return result

    def unlink(self):
        result = super().unlink()
        forget_answers()
        return result

    def write(self, vals):
        """Note that an alias works once the mail that shows it is stored: two first mails at once would both write it here,
        and one of them would fail and be processed again.
        """
        delivery = current_delivery()
        if not delivery or vals != {"alias_status": "valid"} or not is_separate(self.env):
            result = super().write(vals)
            if vals.keys() != {"alias_status"}:
                forget_answers()
            return result
        ids, env = self.ids, self.env

        def note_now():
            try:
                with short_cursor(env) as cr:
                    cr.execute(
                        "UPDATE mail_alias SET alias_status = 'valid' WHERE id = ANY(%s) AND alias_status != 'valid'", [ids]
                    )
            except (OperationalError, PoolError):
                # the mail is stored, and the next one notes it
                return

        env.cr.postcommit.add(note_now)
        return True

    def _alias_bounce_incoming_email(self, message, message_dict, set_invalid=True):
        """Tell the sender only that the alias does not accept their mails; errors are kept for those who can mend them."""
        delivery = current_delivery()
        # sudo: the gateway's user need not have access to the alias; a new transaction may not see it
        alias = self.sudo().exists()
        if delivery and alias and alias.alias_model_id.model not in OURS:
            # told when it is known whether Odoo processes the mail itself
            delivery.others_refusals.append((self, message, message_dict, set_invalid))
            return None
        if delivery and set_invalid:
            delivery.is_misconfigured = True
            return None
        if delivery:
            delivery.is_refused = True
            delivery.is_archived = bool(self._get_archived_team())
        return super()._alias_bounce_incoming_email(message, message_dict, set_invalid=set_invalid)
