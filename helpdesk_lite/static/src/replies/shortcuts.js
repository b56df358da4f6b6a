import { Component } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { MODEL } from "./store_patch";

/** The keys that help with tickets, as the dialog behind "?" lists them. */
export class ShortcutList extends Component {
    static template = "helpdesk_lite.ShortcutList";
    static components = { Dialog };
    static props = { close: Function };

    get shortcuts() {
        return [
            { keys: "Alt + G", what: _t("Assign the ticket to me") },
            { keys: "Alt + M", what: _t("Write to the customer") },
            { keys: "Alt + Shift + M", what: _t("Log an internal note") },
            { keys: "::", what: _t("Find a reply while writing") },
            { keys: "Alt + Shift + R", what: _t("Search the replies") },
            { keys: "Ctrl + Enter", what: _t("Send") },
            { keys: "Ctrl + Shift + Enter", what: _t("Send and solve the ticket") },
            { keys: "Alt + Shift + S", what: _t("Send and…: everything that can follow") },
            { keys: "Alt + Shift + D", what: _t("Solve the ticket") },
            { keys: "Alt + N", what: _t("Next ticket") },
            { keys: "Alt + P", what: _t("Previous ticket") },
            { keys: "?", what: _t("Show this list") },
        ];
    }
}

/** Whether somebody is typing, and means the character itself. */
function isTyping(target) {
    return (
        target instanceof HTMLElement &&
        (target.isContentEditable ||
            ["TEXTAREA", "SELECT"].includes(target.tagName) ||
            (target.tagName === "INPUT" && !["checkbox", "radio", "button"].includes(target.type)))
    );
}

export const shortcutService = {
    dependencies: ["action", "dialog"],

    start(env, { action, dialog }) {
        let close;
        window.addEventListener("keydown", (ev) => {
            const ours = action.currentController?.props?.resModel === MODEL;
            if (ev.key !== "?" || !ours || isTyping(ev.target) || ev.ctrlKey || ev.metaKey) {
                return;
            }
            ev.preventDefault();
            close?.();
            close = dialog.add(ShortcutList, {}, { onClose: () => (close = undefined) });
        });
    },
};

registry.category("services").add("helpdesk_lite.shortcuts", shortcutService);
