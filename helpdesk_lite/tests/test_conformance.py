from lxml import etree
from odoo.http import Controller
from odoo.tests import tagged

from .common import HelpdeskCase


class ConformanceCase(HelpdeskCase):
    """Rules for every model, view and action of an addon; bridges inherit this class."""

    module = None

    def own(self, model):
        names = self.env["ir.model.data"].search([("module", "=", self.module), ("model", "=", model)]).mapped("res_id")
        return self.env[model].browse(names).exists()

    def own_controllers(self, cls=Controller):
        for child in cls.__subclasses__():
            if child.__module__.startswith(f"odoo.addons.{self.module}."):
                yield child
            yield from self.own_controllers(child)

    def own_models(self):
        for name in self.env.registry:
            model = self.env[name]
            if model._original_module == self.module:
                yield model


@tagged("post_install", "-at_install")
class TestConformance(ConformanceCase):
    """The rules hold for the core."""

    module = "helpdesk_lite"

    def test_models_have_description_order_and_rights(self):
        for model in self.own_models():
            with self.subTest(model=model._name):
                self.assertNotEqual(model._description, model._name)
                self.assertRegex(model._order, r"\bid\b", "an order that ends in the id is the same each time")
                if not model._abstract and not model._transient:
                    self.assertTrue(self.env["ir.model.access"].search_count([("model_id.model", "=", model._name)]))

    def test_buttons_call_existing_methods(self):
        for view in self.own("ir.ui.view").filtered("model"):
            arch = etree.fromstring(view.arch_db)
            for button in arch.iter("button"):
                if button.get("type") == "object":
                    model = self.env[view.model]
                    for field in reversed(list(button.iterancestors("field"))):
                        # buttons in an embedded list belong to the list's model
                        if field.get("position") is None:
                            model = self.env[model._fields[field.get("name")].comodel_name]
                    with self.subTest(view=view.name, button=button.get("name")):
                        self.assertTrue(callable(getattr(model, button.get("name"), None)))

    def test_every_menu_opens_for_the_least_privileged_user(self):
        menus = self.own("ir.ui.menu")
        seen = set()
        for user in (self.employee, self.agent, self.manager):
            visible = self.env["ir.ui.menu"].with_user(user)._visible_menu_ids()
            for menu in menus.filtered(lambda menu, visible=visible: menu.id in visible and menu.action):
                if menu.id in seen:
                    continue
                seen.add(menu.id)
                action = menu.action
                if action._name != "ir.actions.act_window":
                    continue
                Model = self.env[action.res_model].with_user(user)
                with self.subTest(menu=menu.complete_name, user=user.login):
                    views = Model.get_views([(False, mode) for mode in action.view_mode.split(",")] + [(False, "search")])
                    for mode, view in views["views"].items():
                        self.assertTrue(view["arch"], mode)
                    Model.search_count([])
        self.assertTrue(seen)

    def test_paths_of_actions_are_those_of_no_other_helpdesk(self):
        """A database has each path once, so that another addon with the same one could not be installed."""
        for kind in ("act_window", "act_url", "client", "report", "server"):
            for action in self.own(f"ir.actions.{kind}").filtered("path"):
                with self.subTest(action=action.name):
                    self.assertRegex(action.path, r"^helpdesk-lite(-|$)")

    def test_methods_of_controllers_are_those_of_no_other_helpdesk(self):
        """Odoo makes one class of all that extend a controller, whose methods override each other by name."""
        for controller in self.own_controllers():
            theirs = [
                cls
                for cls in controller.__mro__[1:]
                if cls not in (Controller, object) and not cls.__module__.startswith("odoo.addons.helpdesk_lite")
            ]
            for name in vars(controller) if theirs else ():
                with self.subTest(controller=controller.__name__, name=name):
                    self.assertTrue(
                        name.startswith("__") or "helpdesk_lite" in name or any(hasattr(cls, name) for cls in theirs)
                    )
