from odoo.tests import TransactionCase, tagged

ADDON = "odoo.addons.helpdesk_lite_data_cleaning."
# what this addon depends on
BELOW = tuple(f"odoo.addons.{name}." for name in ("helpdesk_lite", "data_recycle", "mail", "portal", "base"))
GUARD = "models.merge.group_visibility.MergeGroupVisibility"
# (model, method): the classes of this addon that define it, the one that runs first at the top;
# a method that is not here is defined in at most one of them
ORDER = {
    # a group is its own group; a line has one
    ("helpdesk_lite.merge.group", "_get_groups"): ["models.merge.group.MergeGroup", GUARD]
}
# (model, method): the one class of this addon that defines it; it runs before those of the core and of Odoo
FIRST = {
    ("helpdesk_lite.ticket", "message_post"): "models.merge.thread.TicketMergedThread",
    ("helpdesk_lite.ticket", "_get_thread_of_answer"): "models.merge.thread.TicketMergedThread",
    ("helpdesk_lite.ticket", "_log_message"): "models.merge.thread.TicketMergedThread",
    ("helpdesk_lite.ticket", "_notify_get_recipients"): "models.merge.thread.TicketMergedThread",
    ("helpdesk_lite.ticket", "_get_access_action"): "models.merge.thread.TicketMergedThread",
    ("helpdesk_lite.ticket", "_reopen"): "models.merge.chain.TicketChain",
    ("helpdesk_lite.ticket", "_get_closing_condition"): "models.merge.closing.TicketMergedClosing",
    ("helpdesk_lite.ticket", "_get_message_kind"): "models.merge.closing.TicketMergedClosing",
    ("helpdesk_lite.ticket", "_find_closing_date"): "models.merge.closing.TicketMergedClosing",
    ("helpdesk_lite.ticket", "_get_portal_domain"): "models.merge.merged.TicketMerged",
    ("helpdesk_lite.ticket", "_thread_to_store"): "models.merge.timeline.TicketTimeline",
    ("helpdesk_lite.ticket", "_auto_init"): "models.duplicates.similarity.TicketSimilarity",
    ("helpdesk_lite.merge.group", "_search"): GUARD,
    ("helpdesk_lite.merge.group", "_check_access"): GUARD,
    ("helpdesk_lite.merge.record", "_search"): GUARD,
    ("helpdesk_lite.merge.record", "_check_access"): GUARD,
    ("helpdesk_lite.merge.record", "write"): "models.merge.record.MergeRecord",
    ("helpdesk_lite.merge.rule", "create"): "models.duplicates.rule.MergeRule",
    ("helpdesk_lite.merge.rule", "write"): "models.duplicates.rule.MergeRule",
    ("mail.message", "_message_fetch"): "models.merge.timeline.MailMessage",
    ("ir.attachment", "_check_link_signature"): "models.merge.files.IrAttachment",
}


@tagged("post_install", "-at_install")
class TestClassOrder(TransactionCase):
    """Overrides run in the order that the ``__init__`` of each room in ``models/`` states."""

    def defined(self, model, method):
        """The classes that define a method of a model, the one that runs first at the top."""
        return [
            f"{cls.__module__}.{cls.__name__}"
            for cls in self.registry[model].__mro__
            if method in vars(cls) and cls.__module__.startswith("odoo.addons.")
        ]

    def test_methods_that_two_of_our_classes_define_run_in_the_order_stated(self):
        found = {}
        for model, cls in self.registry.items():
            ours = [base for base in cls.__mro__ if base.__module__.startswith(ADDON)]
            for method in {name for base in ours for name, value in vars(base).items() if callable(value)}:
                classes = [f"{base.__module__}.{base.__name__}".removeprefix(ADDON) for base in ours if method in vars(base)]
                if len(classes) > 1 and not method.startswith("__"):
                    found[model, method] = classes
        self.assertEqual(found, ORDER)

    def test_ours_run_before_the_cores_and_these_before_odoos(self):
        for (model, method), first in FIRST.items():
            with self.subTest(model=model, method=method):
                places = self.defined(model, method)
                self.assertEqual([place for place in places if place.startswith(ADDON)], [ADDON + first], "ours")
                # nothing is stated about addons on which this one does not depend
                below = [place for place in places if place.startswith(BELOW)]
                self.assertLess(places.index(ADDON + first), min(map(places.index, below), default=len(places)))
