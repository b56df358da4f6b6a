import { Component, markup, useEffect, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { MODEL } from "../replies/store_patch";
import { CrossingDialog } from "./crossing_dialog";
import { People } from "./presence_widget";

// how long somebody who has stopped typing is still writing, in milliseconds
const PAUSE = 45000;

/**
 * Above the form of a ticket: who else is here, and which of the user's own answers were held. It says that the user is here,
 * and keeps the thread up to date.
 */
export class HereWidget extends Component {
    static template = "helpdesk_lite.HereWidget";
    static components = { People };
    static props = standardWidgetProps;

    setup() {
        this.orm = useService("orm");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.presence = useService("helpdesk_lite.presence");
        // followed, as the form itself does not change with the text of the composer
        this.store = useService("mail.store");
        this.people = useState(this.presence.people);
        this.state = useState({ held: [] });
        this.typed = 0;
        useEffect(
            (resId) => {
                this.state.held = [];
                if (!resId) {
                    return;
                }
                this.loadHeld();
                return this.presence.open(resId, {
                    isWriting: () => this.isWriting,
                    onNewest: (newest) => this.fetchNewest(resId, newest),
                });
            },
            () => [this.props.record.resId]
        );
        useEffect(
            (resId, text) => {
                // what was there when the ticket was opened was written before
                const isTyped = this.before?.resId === resId && this.before.text !== text;
                const wasWriting = this.isWriting;
                this.before = { resId, text };
                if (!isTyped) {
                    this.typed = 0;
                    return;
                }
                this.typed = text ? Date.now() : 0;
                if (wasWriting !== this.isWriting) {
                    this.presence.sign(resId);
                }
            },
            () => [this.props.record.resId, this.text]
        );
    }

    /** As the chatter has it, or nothing before it does. */
    get thread() {
        return this.store.Thread.get({ model: MODEL, id: this.props.record.resId });
    }

    /** What is in the composer of the chatter. */
    get text() {
        return this.props.record.resId ? (this.thread?.composer?.composerText ?? "").trim() : "";
    }

    get isWriting() {
        return Date.now() - this.typed < PAUSE;
    }

    get list() {
        return this.people[this.props.record.resId] ?? [];
    }

    get isSomebodyWriting() {
        return this.list.some((one) => one.writing);
    }

    /** Odoo fetches the messages of a record when it is opened, and after its user has written one. */
    async fetchNewest(resId, newest) {
        const thread = this.store.Thread.get({ model: MODEL, id: resId });
        const known = thread?.newestPersistentMessage?.id ?? 0;
        if (!thread?.isLoaded || thread.status === "loading" || known >= newest) {
            return;
        }
        await thread.fetchNewMessages();
        await this.loadHeld();
    }

    // ------------------------------------------------------------
    // HELD ANSWERS
    // ------------------------------------------------------------

    async loadHeld() {
        const { resId } = this.props.record;
        const held = await this.orm.silent.call(MODEL, "get_held", [[resId]]);
        if (this.props.record.resId === resId) {
            this.state.held = held;
        }
    }

    async showHeld(held) {
        const { resId } = this.props.record;
        const arrived = await this.orm.call(MODEL, "get_arrived", [[resId], held.seen_message_id]);
        this.dialog.add(CrossingDialog, {
            reason: _t("This message was not sent, because somebody else has written. It is kept as an internal note."),
            messages: arrived.messages,
            // markup: the server cleaned it when it stored the note
            body: markup(held.body),
            onSend: () => this.endHeld("send_held", held.id, arrived.seen_message_id),
            onNote: () => this.endHeld("leave_held", held.id),
            onEdit: () => this.editHeld(held),
        });
    }

    async endHeld(method, ...args) {
        const { resId } = this.props.record;
        try {
            await this.orm.call(MODEL, method, [[resId], ...args]);
        } finally {
            await this.loadHeld();
            await this.thread.fetchNewMessages();
        }
        await this.props.record.load();
    }

    async editHeld(held) {
        const { composer } = this.thread;
        composer.composerHtml = composer.composerText.trim()
            ? markup`${composer.composerHtml}<br>${markup(held.body)}`
            : markup(held.body);
        composer.helpdeskRich = true;
        composer.isDirty = true;
        this.env.bus.trigger("HELPDESK_LITE:WRITE", { ticketId: this.props.record.resId });
        await this.endHeld("leave_held", held.id);
        this.notification.add(_t("The text is in the composer. Its note stays."), { type: "info" });
    }
}

registry.category("view_widgets").add("helpdesk_lite_here", { component: HereWidget });
