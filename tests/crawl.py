"""Opens everything that a person can open, and collects the displayed texts.

There is no list of screens: the walk reads the menus, views, buttons and actions of our addons
from Odoo, so that it visits those of new addons as well.
"""

import re
from dataclasses import dataclass

from browser import settle
from playwright.sync_api import TimeoutError as Late

# displayed texts and attributes, including shadow trees: [text, where]
TEXTS = r"""(() => {
    const found = [];
    const UNSEEN = ["SCRIPT", "STYLE", "NOSCRIPT", "SVG", "CANVAS"];
    const ATTRIBUTES = ["title", "placeholder", "aria-label", "alt", "data-tooltip"];
    const tell = (text, node) => {
        if (text && text.trim()) {
            const path = [];
            for (let at = node; at && at.tagName && path.length < 3; at = at.parentElement) {
                path.unshift(at.tagName.toLowerCase() + (at.classList.length ? "." + at.classList[0] : ""));
            }
            found.push([text.trim().replace(/\s+/g, " "), path.join(" > ")]);
        }
    };
    const walk = (node) => {
        if (node.nodeType === Node.TEXT_NODE) {
            tell(node.data, node.parentElement);
        } else if (node.nodeType === Node.ELEMENT_NODE && !UNSEEN.includes(node.tagName.toUpperCase())) {
            for (const name of ATTRIBUTES) {
                tell(node.getAttribute(name), node);
            }
            if (node.tagName === "INPUT" && ["submit", "button"].includes(node.type)) {
                tell(node.value, node);
            }
            for (const child of [...node.childNodes, ...(node.shadowRoot ? node.shadowRoot.childNodes : [])]) {
                walk(child);
            }
        }
    };
    walk(document.body);
    tell(document.title, document.documentElement);
    return found;
})()"""
# clicks by script, because some elements are visible only under the mouse pointer
PRESS = """selector => {
    const first = document.querySelector(selector);
    first?.click();
    return Boolean(first);
}"""
CLOSE_DIALOGS = "odoo.__WOWL_DEBUG__.root.env.services.dialog.closeAll()"
DO = """([action, options]) =>
    odoo.__WOWL_DEBUG__.root.env.services.action.doAction(action, options).then(() => true)"""
# what a program says when nobody has told it how to say it to people
PYTHONIC = re.compile(
    r"\b(res\.\w+|[a-z_]+\.[a-z_.]+)\((\d+(, ?\d+)*,?|<NewId[^>]*>,?)?\)|\bNone\b|\bFalse\b|\bTrue\b|<odoo|%\(\w+\)s"
    r"|\bundefined\b|\bNaN\b|\[object \w+\]|Invalid DateTime"
)

# the word of a person, which is translated
WRAPPED = re.compile(r"⟦None⟧")


@dataclass(frozen=True)
class Seen:
    """A displayed text and its place."""

    screen: str
    text: str
    where: str


def pythonic(seen):
    """The texts that look like a program's own.

    :param seen: of :class:`Seen`
    :return: list of str, sorted
    """
    return sorted(
        f"{one.screen}: {one.text[:160]!r} in {one.where}" for one in seen if PYTHONIC.search(WRAPPED.sub("", one.text))
    )


class Walk:
    """A walk as one person; ``seen`` collects :class:`Seen`."""

    def __init__(self, page, site, login, addons):
        self.page, self.site, self.login, self.addons = page, site, login, addons
        self.seen = set()
        self.screens = []
        # the opened menus: menus of one model are the same everywhere
        self.unfolded = set()

    def look(self, screen):
        """Collect the texts that are displayed now."""
        settle(self.page)
        self.screens.append(screen)
        for text, where in self.page.evaluate(TEXTS):
            self.seen.add(Seen(f"{self.login or 'visitor'}, {screen}", text, where))

    def visit(self, path):
        """Open a page of the website."""
        self.page.goto(path)
        self.look(path)

    def call(self, model, method, *args, **kwargs):
        return self.site.model(self.login, model, method, *args, **kwargs)

    # THE WEB CLIENT

    def open_web_client(self):
        """Open the first screen, without open dialogs and menus."""
        if not self.page.locator(".o_web_client").count():
            self.page.goto("/odoo/helpdesk-lite")
            self.page.locator(".o_action_manager .o_view_controller").first.wait_for()
        else:
            self.page.evaluate(CLOSE_DIALOGS)
            self.do("helpdesk-lite", clearBreadcrumbs=True)

    def walk_web_client(self):
        """Open every menu of our addons that this person can see, in every kind of view, with all drop-down menus."""
        self.open_web_client()
        for menu, action in self.our_menus():
            for kind in action["view_mode"].split(","):
                self.open_view(menu, action, kind)
        for action in self.bound_actions():
            self.open_dialog(action)

    def our_menus(self):
        """Find the menus with a window action in the data of the web client: name of the menu, and the action."""
        menus = [
            menu
            for menu in self.call("ir.ui.menu", "load_menus", False).values()
            if (menu.get("xmlid") or "").split(".")[0] in self.addons and menu.get("action_model") == "ir.actions.act_window"
        ]
        actions = {
            action["id"]: action
            for action in self.site.model(
                "admin", "ir.actions.act_window", "read", [menu["action_id"] for menu in menus], ["res_model", "view_mode"]
            )
        }
        return [(menu["name"], actions[menu["action_id"]]) for menu in menus]

    def do(self, action, **options):
        """Run an action in the web client, given by its id or as a dict; it must finish."""
        try:
            self.page.wait_for_function(DO, arg=[action, options])
        except Late:
            raise AssertionError(f"action {action} has no end")

    def push(self, model, method, ids, context=None):
        """Call the method of a button in a form, and run the returned action.

        :param dict context: additional context for the returned action
        :return: that action, if there is one
        """
        action = self.site.button(self.login, model, method, ids)
        if action:
            self.do(action, additionalContext=context or {})
        self.look(f"{model}, {method}")
        # notifications close by themselves, and may have disappeared
        params = (action or {}).get("params", {})
        self.seen |= {
            Seen(f"{self.login}, {model}, {method}", params[name], name) for name in ("title", "message") if name in params
        }
        self.press(".modal .btn-close")
        return action

    def open_record(self, model, record):
        """Open the form of a record, with all drop-down menus."""
        self.do(
            {"type": "ir.actions.act_window", "res_model": model, "res_id": record, "views": [[False, "form"]]},
            clearBreadcrumbs=True,
        )
        self.look(f"{model}, form of a record")

    def walk_records(self, most=None):
        """Open every form of our addons with the records that this person can read, archived ones included.

        :param int most: so many of each model at most
        :return: dict of model to the number of its records
        """
        self.open_web_client()
        opened = {}
        for model in self.our_forms():
            if not self.call(model, "has_access", [], "read"):
                continue
            records = self.call(model, "search", [], limit=most, context={"active_test": False})
            opened[model] = len(records)
            for record in records:
                self.do(
                    {"type": "ir.actions.act_window", "res_model": model, "res_id": record, "views": [[False, "form"]]},
                    clearBreadcrumbs=True,
                )
                self.look(f"{model} {record}")
                for number, tab in enumerate(self.page.locator(".o_form_view .o_notebook .nav-link:not(.active)").all()):
                    tab.click()
                    self.look(f"{model} {record}, tab {number + 2}")
        return opened

    def our_forms(self):
        """The models with a form in one of our addons, wizards left out: those are opened by their buttons."""
        named = self.site.model(
            "admin",
            "ir.model.data",
            "search_read",
            [("model", "=", "ir.ui.view"), ("module", "in", list(self.addons))],
            ["res_id"],
        )
        views = self.site.model(
            "admin",
            "ir.ui.view",
            "search_read",
            [("id", "in", [row["res_id"] for row in named]), ("type", "=", "form"), ("inherit_id", "=", False)],
            ["model"],
        )
        lasting = self.site.model(
            "admin",
            "ir.model",
            "search_read",
            [("model", "in", [view["model"] for view in views]), ("transient", "=", False)],
            ["model"],
        )
        return sorted(row["model"] for row in lasting)

    def open_view(self, name, action, kind):
        action_id, model = action["id"], action["res_model"]
        known = (model, kind) in self.unfolded
        if kind == "form":
            return None if known else self.open_forms(name, action_id, model)
        self.do(action_id, viewType=kind, clearBreadcrumbs=True)
        self.look(f"{name}, {kind}")
        if known or self.page.locator(".o_view_sample_data").count():
            return None
        self.unfolded.add((model, kind))
        self.unfold(f"{name}, {kind}, filters", ".o_searchview_dropdown_toggler")
        if kind == "kanban":
            self.unfold(f"{name}, {kind}, menu", ".o_kanban_record .o_dropdown_kanban button")
            self.unfold(f"{name}, {kind}, column", ".o_kanban_group .o_kanban_config button")
            if self.press(".o-kanban-button-new"):
                self.look(f"{name}, {kind}, new")
        if kind == "list":
            self.unfold(f"{name}, {kind}, columns", ".o_optional_columns_dropdown button")
            if self.press(".o_data_row .o_list_record_selector input"):
                self.look(f"{name}, {kind}, selected")
                self.unfold(f"{name}, {kind}, actions", ".o_cp_action_menus .dropdown-toggle")
        return None

    def open_forms(self, name, action_id, model):
        self.unfolded.add((model, "form"))
        records = self.call(model, "search", [], limit=1) if self.call(model, "has_access", [], "read") else []
        ways = [("record", {"resId": record}) for record in records]
        if self.call(model, "has_access", [], "create"):
            ways.append(("new", {}))
        for way, props in ways:
            self.do(action_id, viewType="form", props=props, clearBreadcrumbs=True)
            self.look(f"{name}, form, {way}")
            for number, tab in enumerate(self.page.locator(".o_form_view .o_notebook .nav-link").all()):
                tab.click()
                self.look(f"{name}, form, {way}, tab {number + 1}")
            self.unfold(f"{name}, form, {way}, stages", ".o_statusbar_status .dropdown-toggle")
            self.unfold(f"{name}, form, {way}, menu", ".o_cp_action_menus .dropdown-toggle")

    def bound_actions(self):
        """Find our window actions that no menu opens: dialogs and targets of buttons."""
        known = {action["id"] for _name, action in self.our_menus()}
        named = self.site.model(
            "admin",
            "ir.model.data",
            "search_read",
            [("model", "=", "ir.actions.act_window"), ("module", "in", list(self.addons))],
            ["res_id"],
        )
        actions = self.site.model(
            "admin",
            "ir.actions.act_window",
            "search_read",
            [("id", "in", [row["res_id"] for row in named])],
            ["name", "res_model", "binding_model_id", "target"],
        )
        return [
            action
            for action in actions
            if action["id"] not in known and self.call(action["res_model"], "has_access", [], "read")
        ]

    def open_dialog(self, action):
        """Run an action on a ticket, as its button or the action menu does."""
        tickets = self.call("helpdesk_lite.ticket", "search", [], limit=2, order="id")
        context = {"active_model": "helpdesk_lite.ticket", "active_id": tickets[0], "active_ids": tickets} if tickets else {}
        self.do(action["id"], additionalContext=context)
        self.look(f"action {action['name']}")
        self.press(".modal .btn-close")

    def press(self, selector):
        """Click on the first matching element, if there is one."""
        return self.page.evaluate(PRESS, selector)

    def unfold(self, screen, selector):
        if self.press(selector):
            self.look(screen)
            self.press("body")
            settle(self.page)
