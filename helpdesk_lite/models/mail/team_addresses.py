from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.mail import email_normalize, email_split

from ...tools.mail_addresses import without_tag

# what the further addresses of a team have in common with its alias
SHARED = ("alias_contact", "alias_defaults", "alias_bounced_content")


class TeamAddresses(models.Model):
    """The addresses of a team besides its alias: mails to them become its tickets, and nothing is sent from them.

    Each is a ``mail.alias`` like the one of the team, and hidden with it. A team that changes its alias keeps the former
    one until somebody removes it, because customers and printed paper do not change theirs.
    """

    _inherit = "helpdesk_lite.team"

    further_addresses = fields.Char(
        compute="_compute_further_addresses",
        inverse="_inverse_further_addresses",
        help="More e-mail addresses of this team, separated by commas: e-mails to them become tickets as well. Former aliases "
        "are added here when the alias changes. Customers are answered from the alias.",
    )

    @api.depends("alias_id")
    def _compute_further_addresses(self):
        further = self._get_further_aliases()
        for team in self:
            names = further.filtered(lambda alias, team=team: alias.alias_parent_thread_id == team._origin.id)
            team.further_addresses = ", ".join(sorted(alias.display_name for alias in names)) or False

    def _inverse_further_addresses(self):
        """Make and remove aliases until they are those that were typed.

        :raise UserError: when something is no address of one of our domains, or an address is taken
        """
        # sudo: people who may change a team change its addresses, but few may change aliases
        Alias = self.env["mail.alias"].sudo()
        for team in self:
            wanted = team._read_further_addresses()
            wanted.pop(team.alias_email, None)
            existing = {alias.display_name: alias for alias in team._get_further_aliases()}
            for address, alias in existing.items():
                if address not in wanted:
                    alias.unlink()
            Alias.create(
                [
                    team._prepare_further_alias(name, domain)
                    for address, (name, domain) in wanted.items()
                    if address not in existing
                ]
            )

    def _read_further_addresses(self):
        """The typed addresses.

        :return: dict of str to tuple (local part, record of ``mail.alias.domain``, sudoed)
        :raise UserError: when something is no address of one of our domains
        """
        self.ensure_one()
        # sudo: the names of the domains are part of each address
        domains = self.env["mail.alias.domain"].sudo().search_fetch([], ["name"])
        wanted = {}
        for typed in (self.further_addresses or "").replace(";", ",").replace("\n", ",").split(","):
            if not (typed := typed.strip()):
                continue
            name, at, domain_name = typed.rpartition("@") if "@" in typed else (typed, "", "")
            # sudo: see above
            domain = (
                self.sudo().alias_domain_id if not at else domains.filtered(lambda d, n=domain_name: d.name == n.lower())[:1]
            )
            name = self.env["mail.alias"]._sanitize_alias_name(name)
            if not name or (at and not domain):
                raise UserError(
                    self.env._(
                        "“%(address)s” cannot be an address of the team “%(team)s”: use a name, or an address with one of "
                        "these domains: %(domains)s.",
                        address=typed,
                        team=self.name,
                        domains=", ".join(domains.mapped("name")) or "–",
                    )
                )
            wanted[f"{name}@{domain.name}" if domain else name] = (name, domain)
        return wanted

    def _get_further_aliases(self):
        """:return: records of ``mail.alias``, sudoed, of all these teams"""
        # sudo: whoever sees a team sees its addresses; their own rules hide those of other teams
        return (
            self.env["mail.alias"]
            .sudo()
            .search(
                [
                    ("alias_parent_model_id", "=", self.env["ir.model"]._get_id(self._name)),
                    ("alias_parent_thread_id", "in", self._origin.ids),
                    ("id", "not in", self._origin.alias_id.ids),
                ]
            )
        )

    def _prepare_further_alias(self, name, domain):
        # sudo: see ``_inverse_further_addresses``
        own = self.sudo().alias_id
        return {
            **self._alias_get_creation_values(),
            **{fname: own[fname] for fname in SHARED},
            "alias_name": name,
            "alias_domain_id": domain.id,
        }

    def write(self, vals):
        """Keep the former alias of a team as a further address, and let further addresses follow the alias's settings."""
        if not vals.keys() & {"alias_name", "alias_domain_id", *SHARED}:
            return super().write(vals)
        # sudo: the write below checks whether the user may change the team
        former = {team: (team.alias_name, team.alias_domain_id) for team in self.sudo()}
        if vals.get("alias_name"):
            self._release_address(vals)
        result = super().write(vals)
        # sudo: see above
        for team, (name, domain) in former.items():
            changed = (name, domain) != (team.alias_name, team.alias_domain_id)
            # without a name the team takes no mails, and the domain of another company is not its own any more
            foreign = domain.company_ids and team.company_id not in domain.company_ids
            if changed and name and team.alias_name and not foreign:
                # sudo: whoever may change the team's address keeps the former one, and need not have access to aliases
                self.env["mail.alias"].sudo().create(team._prepare_further_alias(name, domain))
        if shared := {fname: vals[fname] for fname in SHARED if fname in vals}:
            self._get_further_aliases().write(shared)
        self.invalidate_recordset(["further_addresses"])
        return result

    def _release_address(self, vals):
        """Remove a further address that becomes the alias again."""
        self.check_access("write")
        name = self.env["mail.alias"]._sanitize_alias_name(vals["alias_name"])
        for team in self.sudo():  # sudo: see ``write``
            domain_id = vals.get("alias_domain_id", team.alias_domain_id.id)
            team._get_further_aliases().filtered(
                lambda alias, domain_id=domain_id: alias.alias_name == name and alias.alias_domain_id.id == domain_id
            ).unlink()

    def unlink(self):
        further = self._get_further_aliases()
        result = super().unlink()
        further.unlink()
        return result

    # ------------------------------------------------------------
    # ADDRESSES OF MAILS
    # ------------------------------------------------------------

    @api.model
    def _find_aliases_of_teams(self, emails):
        """Which addresses make tickets.

        :param emails: normalized addresses
        :return: list of str
        """
        emails = list(emails)
        # sudo: the aliases are only compared with addresses, not shown
        aliases = (
            self.env["mail.alias"]
            .sudo()
            .search(
                [
                    ("alias_model_id", "=", self.env["ir.model"]._get_id("helpdesk_lite.ticket")),
                    "|",
                    ("alias_full_name", "in", emails),
                    "&",
                    ("alias_name", "in", [email.partition("@")[0] for email in emails]),
                    ("alias_incoming_local", "=", True),
                ]
            )
        )
        full = set(aliases.mapped("alias_full_name"))
        local = set(aliases.filtered("alias_incoming_local").mapped("alias_name"))
        return [email for email in emails if email in full or email.partition("@")[0] in local]

    @api.model
    def _find_addresses(self, delivered, recipients):
        """The addresses of teams that a mail was delivered to, where Odoo does not look.

        :param list delivered: addresses from headers of mail servers
        :param str recipients: the addresses that Odoo has read
        :return: list of normalized addresses, of teams only and none of which Odoo has read
        """
        known = [email for text in email_split(recipients or "") if (email := email_normalize(text))]
        missing = [email for text in delivered if (email := email_normalize(text)) and email not in known]
        bases = {email: base for email in dict.fromkeys(known + missing) if (base := without_tag(email)) and base not in known}
        if not missing and not bases:
            return []
        found = self._find_aliases_of_teams({*missing, *bases.values()})
        if bases and found:
            # sudo: the aliases are only compared with addresses, not shown
            literal = self.env["mail.alias"].sudo().search([("alias_full_name", "in", list(bases))])
            bases = {email: base for email, base in bases.items() if email not in literal.mapped("alias_full_name")}
        return [email for email in found if email in missing or email in bases.values()]
