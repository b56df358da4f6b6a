from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..guards.attached_mixin import OURS
from ..mail.ticket_recipients import CLAIM_LATER


class PartnerMerge(models.TransientModel):
    """Merging contacts: the one that is left follows what each of them followed.

    Standard Odoo moves the rows of followers, and deletes them all when two contacts follow one record.

    Followers are an access list. So a contact is not merged with others because of an address that somebody typed, and
    employees gain no sight of private teams by merging others with their own contact.
    """

    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        contacts = self.env["res.partner"].browse(partner_ids).exists()
        self._refuse_unverified(contacts)
        # sudo: who follows tickets that the user cannot see is kept as well
        employees = contacts.sudo().filtered(lambda contact: any(not user.share for user in contact.user_ids))
        followed = self._get_followed(contacts, employees)
        typed = {contact.email_normalized for contact in contacts if contact._has_unverified_email()}
        later = {CLAIM_LATER: True}
        result = super(PartnerMerge, self.with_context(**later))._merge(
            partner_ids, dst_partner=dst_partner and dst_partner.with_context(**later), extra_checks=extra_checks
        )
        left = contacts.exists()
        if len(contacts) > 1 and len(left) == 1:
            self._follow_again(left, followed)
            # what somebody typed is not verified because it was copied, or because another contact has it, too
            # sudo: the mark is nobody's to write
            left.sudo().unverified_email = left.email_normalized in typed and left.email_normalized
            left._claim_tickets()
        return result

    def _refuse_unverified(self, contacts):
        """Refuse to merge a contact with an unverified address with others that have tickets.

        :raise UserError: in this case: whoever typed the address would see these tickets, or get the answers
        """
        # sudo: tickets that the user cannot see count as well
        contacts = contacts.sudo().with_context(active_test=False)
        # sudo: see above
        Ticket = self.env["helpdesk_lite.ticket"].sudo().with_context(active_test=False)
        for typed in contacts.filtered(lambda contact: contact._has_unverified_email()):
            others = (contacts - typed).ids
            if not Ticket.search_count(["|", ("partner_id", "in", others), ("message_partner_ids", "in", others)], limit=1):
                continue
            raise UserError(
                self.env._(
                    "%(name)s entered the address %(email)s, and nobody has verified whose it is. After merging, %(name)s "
                    "could see the tickets of others. If you are sure that the address is right, open the contact and confirm "
                    "it first.",
                    name=typed.name,
                    email=typed.email,
                )
            )

    # ------------------------------------------------------------
    # FOLLOWING
    # ------------------------------------------------------------

    def _get_followed(self, contacts, employees):
        """What contacts follow of tickets and teams.

        :param contacts: records of ``res.partner``
        :param employees: those of them with an employee; the others do not bring them private teams
        :return: list of tuples (model, id, ids of the subtypes)
        """
        self.env["mail.followers"].flush_model()
        self.env["helpdesk_lite.ticket"].flush_model(["team_id"])
        self.env["helpdesk_lite.team"].flush_model(["privacy_visibility"])
        return self.env.execute_query(
            SQL(
                """ SELECT follower.res_model, follower.res_id,
                           array_remove(array_agg(DISTINCT chosen.mail_message_subtype_id), NULL)
                      FROM mail_followers follower
                 LEFT JOIN mail_followers_mail_message_subtype_rel chosen ON chosen.mail_followers_id = follower.id
                 LEFT JOIN helpdesk_lite_ticket ticket
                        ON follower.res_model = 'helpdesk_lite.ticket' AND ticket.id = follower.res_id
                 LEFT JOIN helpdesk_lite_team team
                        ON team.id = CASE follower.res_model
                                        WHEN 'helpdesk_lite.team' THEN follower.res_id ELSE ticket.team_id END
                     WHERE follower.partner_id = ANY(%(contacts)s) AND follower.res_model = ANY(%(models)s)
                       AND (follower.partner_id = ANY(%(employees)s) OR NOT %(any_employee)s
                            OR team.privacy_visibility != 'private')
                  GROUP BY follower.res_model, follower.res_id
                """,
                contacts=contacts.ids,
                models=list(OURS),
                employees=employees.ids,
                any_employee=bool(employees),
            )
        )

    def _follow_again(self, contact, followed):
        """Make a contact follow exactly what the merged contacts followed, in a constant number of statements.

        :param contact: record of ``res.partner``, the one that is left
        :param list followed: from ``_get_followed``
        """
        Followers = self.env["mail.followers"]
        Followers.flush_model()
        self.env.cr.execute(
            SQL("DELETE FROM mail_followers WHERE partner_id = %s AND res_model = ANY(%s)", contact.id, list(OURS))
        )
        for model in OURS:
            rows = [(res_id, subtypes) for of, res_id, subtypes in followed if of == model]
            if not rows:
                continue
            self.env.cr.execute(
                SQL(
                    """ WITH inserted AS (
                        INSERT INTO mail_followers (res_model, res_id, partner_id)
                        SELECT %s, unnest(%s), %s
                        RETURNING id, res_id
                    )
                    INSERT INTO mail_followers_mail_message_subtype_rel (mail_followers_id, mail_message_subtype_id)
                    SELECT inserted.id, chosen.subtype_id
                      FROM inserted
                      JOIN unnest(%s, %s) chosen (res_id, subtype_id) ON chosen.res_id = inserted.res_id
                    """,
                    model,
                    [res_id for res_id, _subtypes in rows],
                    contact.id,
                    [res_id for res_id, subtypes in rows for _subtype in subtypes],
                    [subtype for _res_id, subtypes in rows for subtype in subtypes],
                )
            )
        Followers.invalidate_model(flush=False)
        for model in OURS:
            self.env[model].invalidate_model(
                ["message_follower_ids", "message_partner_ids", "message_is_follower"], flush=False
            )
