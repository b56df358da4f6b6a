from odoo import models
from odoo.exceptions import UserError


class ResCompany(models.Model):
    """Says who of some people cannot see anything of a company, because they work for other ones only."""

    _inherit = "res.company"

    def _refuse_employees_elsewhere(self, partner_ids, customers=None):
        """Check the new followers of a record of this company.

        :param list partner_ids: ids of ``res.partner``
        :param customers: records of ``res.partner`` who may follow in any case: they follow their own requests
        :return: list of the ids that may follow; where the server itself adds followers, the others are left out
        :raise UserError: when somebody else adds an employee of other companies only
        """
        self.ensure_one()
        # sudo: who adds a follower need not have access to the user
        partners = self.env["res.partner"].sudo().browse(partner_ids or [])
        elsewhere = (partners - (customers or partners.browse()))._filter_employees_elsewhere(self)
        if elsewhere and not self.env.su:
            raise UserError(
                self.env._(
                    "%(names)s cannot follow, because they have no access to the company “%(company)s” and could not read "
                    "what they would get by e-mail.",
                    names=", ".join(elsewhere.mapped("name")),
                    # sudo: the name of the company whose ticket the user sees
                    company=self.sudo().name,
                )
            )
        return (partners - elsewhere).ids


class ResPartner(models.Model):
    """Tells employees of a company from those of other ones."""

    _inherit = "res.partner"

    def _filter_employees_elsewhere(self, company):
        """Those of these contacts who are employees, but none of a company.

        :param company: record of ``res.company``
        :return: records of ``res.partner``
        """

        def works_elsewhere(partner):
            users = partner.user_ids.filtered(lambda user: user.active and not user.share)
            return bool(users) and company not in users.company_ids

        return self.filtered(works_elsewhere)
