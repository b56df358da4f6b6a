"""Walks through everything that a person can open, and tells what texts it shows.

The walk is not a list of screens: it asks Odoo which menus, views, buttons and actions of our
addons there are, so that those of a new addon are visited as well.
"""

import json
import time
from dataclasses import dataclass

from chromium import PATIENCE

# texts and texts in attributes of what is shown, shadow trees included: [text, where]
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
QUIET = """(async () => {
    let last = null;
    for (let same = 0, turn = 0; same < 2 && turn < 100; turn++) {
        await new Promise((resolve) => setTimeout(resolve, 60));
        const now = document.body.innerHTML.length + ":" + document.querySelectorAll(".o_loading_indicator, .o_blockUI").length;
        same = now === last && now.endsWith(":0") ? same + 1 : 0;
        last = now;
    }
})()"""
ACTION = "odoo.__WOWL_DEBUG__.root.env.services.action"


@dataclass(frozen=True)
class Seen:
    """A text, and where it was seen."""

    screen: str
    text: str
    where: str


class Walk:
    """One person's walk; ``seen`` fills with :class:`Seen`."""

    def __init__(self, page, site, login, addons):
        self.page, self.site, self.login, self.addons = page, site, login, addons
        self.seen = set()
        self.screens = []
        # what was unfolded already: menus of one model look alike wherever they come from
        self.unfolded = set()

    def look(self, screen):
        """Take down what is shown now."""
        self.page.evaluate(QUIET)
        self.screens.append(screen)
        for text, where in self.page.evaluate(TEXTS):
            self.seen.add(Seen(f"{self.login or 'visitor'}, {screen}", text, where))

    def visit(self, path, size=(1400, 900)):
        """Open a page of the website."""
        self.page.open(self.site.url + path, self.site.session(self.login)[1] if self.login else None, size)
        self.page.wait_for("document.readyState === 'complete'")
        self.page.evaluate(QUIET)
        self.look(path)

    def call(self, model, method, *args, **kwargs):
        return self.site.model(self.login, model, method, *args, **kwargs)

    # THE WEB CLIENT

    def open_web_client(self):
        self.page.open(f"{self.site.url}/odoo/helpdesk", self.site.session(self.login)[1])
        self.page.wait_for_element(".o_action_manager .o_view_controller")

    def walk_web_client(self):
        """Every menu of our addons that this person sees, in every kind of view, with what can be unfolded there."""
        self.open_web_client()
        for menu in self.our_menus():
            for kind in self.views_of(menu["action_id"]):
                self.open_view(menu["name"], menu["action_id"], kind)
        for action in self.bound_actions():
            self.open_dialog(action)

    def our_menus(self):
        """Menus with a window action, from what the web client itself loads."""
        menus = self.call("ir.ui.menu", "load_menus", False).values()
        return [
            {"name": menu["name"], "action_id": menu["action_id"]} for menu in menus
            if (menu.get("xmlid") or "").split(".")[0] in self.addons and menu.get("action_model") == "ir.actions.act_window"
        ]

    def views_of(self, action_id):
        (action,) = self.site.model("admin", "ir.actions.act_window", "read", [action_id], ["view_mode"])
        return action["view_mode"].split(",")

    def do(self, action, **options):
        """Do an action, by its id or as a dict, in the web client; it must come to an end."""
        message = json.dumps(f"action {action} has no end")
        late = f"new Promise((_, fail) => setTimeout(() => fail(new Error({message})), {PATIENCE}000))"
        self.page.evaluate(f"Promise.race([{ACTION}.doAction({json.dumps(action)}, {json.dumps(options)}), {late}])")

    def push(self, model, method, ids, context=None):
        """Do what a button of a form does that calls a method.

        :param dict context: more of it for the action that comes back
        :return: that action, if there is one
        """
        action = self.site.button(self.login, model, method, ids)
        if action:
            self.do(action, additionalContext=context or {})
        self.look(f"{model}, {method}")
        self.press(".modal .btn-close")
        return action

    def open_record(self, model, record):
        """The form of a record, with what was unfolded there."""
        self.do({
            "type": "ir.actions.act_window", "res_model": model, "res_id": record, "views": [[False, "form"]],
        }, clearBreadcrumbs=True)
        self.look(f"{model}, form of a record")

    def open_view(self, name, action_id, kind):
        (action,) = self.site.model("admin", "ir.actions.act_window", "read", [action_id], ["res_model"])
        model = action["res_model"]
        known = (model, kind) in self.unfolded
        if kind == "form":
            return None if known else self.open_forms(name, action_id, model)
        self.do(action_id, viewType=kind, clearBreadcrumbs=True)
        self.look(f"{name}, {kind}")
        if known or self.page.evaluate("Boolean(document.querySelector('.o_view_sample_data'))"):
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
            for number in range(self.page.evaluate("document.querySelectorAll('.o_form_view .o_notebook .nav-link').length")):
                self.page.evaluate(f"document.querySelectorAll('.o_form_view .o_notebook .nav-link')[{number}].click()")
                self.look(f"{name}, form, {way}, tab {number + 1}")
            self.unfold(f"{name}, form, {way}, stages", ".o_statusbar_status .dropdown-toggle")
            self.unfold(f"{name}, form, {way}, menu", ".o_cp_action_menus .dropdown-toggle")

    def bound_actions(self):
        """Window actions of ours that no menu opens: dialogs and what buttons lead to."""
        known = {menu["action_id"] for menu in self.our_menus()}
        named = self.site.model(
            "admin", "ir.model.data", "search_read",
            [("model", "=", "ir.actions.act_window"), ("module", "in", list(self.addons))], ["res_id"])
        actions = self.site.model(
            "admin", "ir.actions.act_window", "search_read", [("id", "in", [row["res_id"] for row in named])],
            ["name", "res_model", "binding_model_id", "target"])
        return [
            action for action in actions
            if action["id"] not in known and self.call(action["res_model"], "has_access", [], "read")
        ]

    def open_dialog(self, action):
        """An action that starts from a ticket, as its button or the action menu would."""
        tickets = self.call("helpdesk_lite.ticket", "search", [], limit=2, order="id")
        context = {"active_model": "helpdesk_lite.ticket", "active_id": tickets[0], "active_ids": tickets} if tickets else {}
        self.do(action["id"], additionalContext=context)
        self.look(f"action {action['name']}")
        self.press(".modal .btn-close")

    def press(self, selector):
        """Click on the first of these, if there is one."""
        first = f"document.querySelector({json.dumps(selector)})"
        return self.page.evaluate(f"Boolean({first} && ({first}.click() || true))")

    def unfold(self, screen, selector):
        if self.press(selector):
            self.look(screen)
            self.page.evaluate("document.body.click()")
            time.sleep(0.05)    # a menu closes with the next frame
