import { Composer } from "@mail/core/common/composer";
import { toRaw } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";
import { MODEL } from "../replies/store_patch";
import { CrossingDialog, isCrossing } from "./crossing_dialog";

/** The server stops an answer that crosses a message: its author chooses, and their text stays where it is until then. */
patch(Composer.prototype, {
    /** Up to which message of the answered ticket its author has seen the conversation, 0 for none. */
    get helpdeskSeen() {
        const composer = toRaw(this.props.composer);
        // a chatter may show the messages of several tickets, and another one may be answered
        const shown = this.env.inChatter?.thread ?? this.thread;
        const seen = shown.messages.findLast(
            (message) =>
                Number.isInteger(message.id) &&
                message.id <= shown.helpdesk_shown &&
                message.thread?.model === MODEL &&
                message.thread.id === this.thread.id
        );
        // elsewhere, such as in the inbox, they see what they answer
        const answered = this.env.inChatter ? 0 : (composer.replyToMessage?.id ?? 0);
        return Math.max(seen?.id ?? 0, answered, composer.helpdeskSeen);
    },

    get postData() {
        const data = super.postData;
        if (!this.isHelpdeskTicket) {
            return data;
        }
        if (this.helpdeskAsNote) {
            return { ...data, isNote: true, helpdeskStaged: [], helpdeskThen: undefined };
        }
        return { ...data, helpdeskSeen: this.helpdeskSeen };
    },

    async sendMessage() {
        const then = this.helpdeskChosen;
        try {
            return await super.sendMessage(...arguments);
        } catch (error) {
            if (!this.isHelpdeskTicket || !isCrossing(error)) {
                throw error;
            }
            await this.showCrossing(error.data.message, then);
        }
    },

    /**
     * @param {string} reason
     * @param {string|undefined} then what was to happen with the ticket
     */
    async showCrossing(reason, then) {
        const { thread } = this;
        const composer = toRaw(this.props.composer);
        this.saveContent();
        const { dialog, orm } = this.env.services;
        const arrived = await orm.call(MODEL, "get_arrived", [[thread.id], this.helpdeskSeen]);
        // it is shown now: the next attempt is compared with what comes after it
        composer.helpdeskSeen = arrived.seen_message_id;
        thread.fetchNewMessages();
        const props = {
            reason,
            messages: arrived.messages,
            body: composer.composerHtml,
            onSend: () => (then ? this.sendAnd(then) : this.sendMessage()),
            onNote: () => this.keepAsNote(),
            onEdit: () => {},
        };
        const focus = () => {
            composer.autofocus++;
        };
        dialog.add(CrossingDialog, props, { onClose: focus });
    },

    /** Logs the text as an internal note. Nothing of what was staged beside it happens. */
    async keepAsNote() {
        this.helpdeskAsNote = true;
        try {
            await this.sendMessage();
        } finally {
            this.helpdeskAsNote = false;
        }
        this.env.services.notification.add(_t("Kept as an internal note. The customer did not get it."), { type: "info" });
    },

    get fullComposerAdditionalContext() {
        const context = super.fullComposerAdditionalContext;
        if (!this.isHelpdeskTicket) {
            return context;
        }
        return { ...context, default_helpdesk_seen: String(this.helpdeskSeen) };
    },
});
