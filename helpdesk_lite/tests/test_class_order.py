from odoo.tests import TransactionCase, tagged

# Outermost first: what runs before the next one, and after it. Modules below odoo.addons.helpdesk_lite.models.
CHAINS = {}


@tagged("post_install", "-at_install")
class TestClassOrder(TransactionCase):
    """Several files say what one method of a model does: the order in which they are loaded decides who wraps whom.

    It is decided in ``models/__init__.py`` and in the ``__init__`` of each room. Whoever adds a file to a chain
    enters it here, with the reason for its place.
    """

    def test_order(self):
        self.maxDiff = None
        self.assertEqual(self.get_chains("helpdesk_lite"), {
            key: files for key, (files, _reason) in CHAINS.items()
        })

    def get_chains(self, addon):
        """:return: dict of (model, method) to the files of an addon that define it, outermost first"""
        prefix = f"odoo.addons.{addon}.models."
        chains = {}
        for name, model in self.env.registry.items():
            for cls in model.mro():
                if cls.__module__.startswith(prefix) and "_name" in vars(cls) | {"_name": 1}:
                    for method, value in vars(cls).items():
                        if callable(getattr(value, "__func__", value)) and not method.startswith("__"):
                            chains.setdefault((name, method), []).append(cls.__module__.removeprefix(prefix))
        return {key: files for key, files in chains.items() if len(files) > 1}
