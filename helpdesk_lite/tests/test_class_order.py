from odoo.tests import TransactionCase, tagged

# (model, method): files in ``models/``, outermost first, and the reason for their order
TICKET, TEAM, STAGE = "helpdesk_lite.ticket", "helpdesk_lite.team", "helpdesk_lite.stage"
CHAINS = {
    (TICKET, "create"): (
        ["ticket", "guards.links_mixin"],
        "Teams, stages and an assignee are entered before links are looked at: what is entered is looked at as well.",
    ),
    (TICKET, "write"): (
        ["assignment.ticket_assignment", "ticket_subscriptions", "ticket_number", "guards.links_mixin"],
        "Whoever follows the new team does so before somebody is assigned, and the links are checked before either.",
    ),
    (TICKET, "_message_post_after_hook"): (
        ["access.ticket_customer_post", "mail.ticket_posting"],
        "What follows from a customer's post happens as superuser: they may not read what it looks at.",
    ),
    (TICKET, "_notify_thread"): (
        ["access.ticket_customer_post", "mail.ticket_posting"],
        "Colleagues are told of a customer's post as superuser, for the same reason.",
    ),
    (TICKET, "_has_field_access"): (
        ["access.ticket_portal_fields", "guards.protected_mixin"],
        "The whitelist of customers narrows what is allowed to everybody.",
    ),
    (TICKET, "_is_protected"): (
        ["access.ticket_protected_fields", "guards.protected_mixin"],
        "What administrators import is an exception from what only the server writes.",
    ),
    (TICKET, "_evaluate_rule"): (
        ["access.ticket_rules", "guards.rules_mixin"], "The mixin gives the rule as it stands.",
    ),
    (TICKET, "_get_asked_ids"): (
        ["access.ticket_rules", "guards.rules_mixin"], "\"Tickets I follow\" is added to what the mixin finds in a domain.",
    ),
    (STAGE, "_evaluate_rule"): (
        ["access.stage_rules", "guards.rules_mixin"], "The mixin gives the rule as it stands.",
    ),
    (TEAM, "create"): (
        ["access.team_visibility", "team", "guards.links_mixin"],
        "Members are invited to a team that is there.",
    ),
    (TEAM, "write"): (
        ["access.team_visibility", "guards.links_mixin"],
        "Nobody is invited, and no customer welcomed, by a write that is refused.",
    ),
}


@tagged("post_install", "-at_install")
class TestClassOrder(TransactionCase):
    """When several files define one method of a model, their import order decides which one wraps which.

    ``models/__init__.py`` and the ``__init__`` of each room decide it. When you add a file to a chain, add it here
    as well, with the reason for its place.
    """

    def test_order(self):
        self.maxDiff = None
        self.assertEqual(self.get_chains("helpdesk_lite"), {key: files for key, (files, _reason) in CHAINS.items()})

    def get_chains(self, addon):
        """Find the methods that several files of an addon define, except methods of mixins only.

        :param str addon: name of an addon
        :return: dict of (model, method) to files, outermost first
        """
        prefix = f"odoo.addons.{addon}.models."
        chains = {}
        for name, model in self.env.registry.items():
            for cls in model.mro():
                if cls.__module__.startswith(prefix):
                    for method, value in vars(cls).items():
                        if callable(value) and not method.startswith("__"):
                            chains.setdefault((name, method), []).append(cls.__module__.removeprefix(prefix))
        return {
            key: files for key, files in chains.items()
            if len(files) > 1 and not all(file.startswith("guards.") for file in files)
            # the mixin does not define the method
            and key[1] != "_get_guard"
        }
