from odoo.tests import TransactionCase, tagged

# (model, method): files in ``models/``, outermost first, and the reason for their order
TICKET, TEAM, STAGE = "helpdesk_lite.ticket", "helpdesk_lite.team", "helpdesk_lite.stage"
CHAINS = {
    (TICKET, "create"): (
        ["ticket", "guards.links_mixin"],
        "Teams, stages and assignees are filled in before the links are checked, so that these are checked as well.",
    ),
    (TICKET, "write"): (
        ["assignment.ticket_assignment", "ticket_subscriptions", "ticket_number", "guards.links_mixin"],
        "The followers of the new team are added before an assignee is chosen, and the links are checked before both.",
    ),
    (TICKET, "message_new"): (
        ["leaving.ticket_redirect", "mail.ticket_incoming"],
        "The team that takes the e-mail is known before anything is taken from the e-mail for it.",
    ),
    (TICKET, "_message_post_after_hook"): (
        ["access.ticket_customer_post", "mail.ticket_posting"],
        "The effects of a post need superuser rights, because they use fields that customers cannot read.",
    ),
    (TICKET, "_notify_thread"): (
        ["access.ticket_customer_post", "mail.ticket_posting"],
        "Agents are notified of a customer's post with superuser rights, for the same reason.",
    ),
    (TICKET, "_has_field_access"): (
        ["access.ticket_portal_fields", "guards.protected_mixin"],
        "The list of fields for customers narrows the general rights.",
    ),
    (TICKET, "_is_protected"): (
        ["access.ticket_protected_fields", "guards.protected_mixin"],
        "Imports by administrators are an exception to the protected fields.",
    ),
    (TICKET, "_evaluate_rule"): (["access.ticket_rules", "guards.rules_mixin"], "The mixin returns the rule unchanged."),
    (TICKET, "_get_asked_ids"): (
        ["access.ticket_rules", "guards.rules_mixin"],
        '"Tickets I follow" is added to the ids that the mixin finds.',
    ),
    (STAGE, "_evaluate_rule"): (["access.stage_rules", "guards.rules_mixin"], "The mixin returns the rule unchanged."),
    (STAGE, "write"): (["stage", "guards.links_mixin"], "The pipelines of the teams are checked after the stage is written."),
    (TEAM, "create"): (["access.team_visibility", "team", "guards.links_mixin"], "Members are invited after the team exists."),
    (TEAM, "write"): (
        ["access.team_visibility", "guards.links_mixin"],
        "A refused write must neither invite members nor add customers.",
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
            key: files
            for key, files in chains.items()
            if len(files) > 1
            and not all(file.startswith("guards.") for file in files)
            # the mixin does not define the method
            and key[1] != "_get_guard"
        }
