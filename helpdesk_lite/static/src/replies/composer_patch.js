import { Composer } from "@mail/core/common/composer";
import { registerComposerAction } from "@mail/core/common/composer_actions";
import { markup, toRaw } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { createDocumentFragmentFromContent, isHtmlEmpty } from "@web/core/utils/html";
import { patch } from "@web/core/utils/patch";
import { ReplyPicker } from "./reply_picker";
import { SendAnd } from "./send_and";
import { MODEL } from "./store_patch";
import { warnOfGaps } from "./prepared";

// what the plain composer would lose
const FORMATS =
    "b, strong, i, em, u, s, h1, h2, h3, h4, h5, h6, ul, ol, table, img, blockquote, pre, code, hr, [style]";

Composer.components = { ...Composer.components, SendAnd };

patch(Composer.prototype, {
    setup() {
        super.setup();
        if (this.thread?.model !== MODEL) {
            return;
        }
        const service = this.composerService;
        const component = this;
        this.helpdeskIsHtml = () => service.htmlEnabled;
        // one text is rich because a reply is in it; all others stay as Odoo has them
        this.composerService = {
            get htmlEnabled() {
                return service.htmlEnabled || component.props.composer.helpdeskRich;
            },
        };
    },

    get isHelpdeskTicket() {
        return this.thread?.model === MODEL && !this.props.composer.message;
    },

    /** What can follow an answer, as items of the menu beside Send. */
    get helpdeskThen() {
        return this.props.type === "note" ? [] : this.thread.helpdesk_then;
    },

    get postData() {
        return {
            ...super.postData,
            helpdeskStaged: toRaw(this.props.composer).helpdeskStaged,
            helpdeskThen: this.helpdeskChosen,
        };
    },

    /**
     * Sends the message, then does something with the ticket.
     *
     * @param {string} then "solve", "wait" or "next"
     */
    async sendAnd(then) {
        this.helpdeskChosen = then === "next" ? undefined : then;
        this.helpdeskSent = false;
        // looked up now: the list may be another one when the message is sent
        const nextId = this.env.inChatter?.getNextId?.();
        try {
            await this.sendMessage();
        } finally {
            this.helpdeskChosen = undefined;
        }
        if (this.helpdeskSent && then === "next" && nextId) {
            await this.env.inChatter.openRecord(nextId);
        }
    },

    async _sendMessage() {
        const message = await super._sendMessage(...arguments);
        this.helpdeskSent = true;
        return message;
    },

    onKeydown(ev) {
        if (
            this.isHelpdeskTicket &&
            ev.key === "Enter" &&
            ev.shiftKey &&
            (ev.ctrlKey || ev.metaKey) &&
            this.helpdeskThen.includes("solve")
        ) {
            ev.preventDefault();
            this.sendAnd("solve");
            return;
        }
        super.onKeydown(ev);
    },

    // ------------------------------------------------------------
    // REPLIES
    // ------------------------------------------------------------

    get navigableListProps() {
        const props = super.navigableListProps;
        if (!this.hasSuggestions || this.suggestion.state.items.type !== "helpdesk_lite.reply") {
            return props;
        }
        return {
            ...props,
            options: this.suggestion.state.items.suggestions.map(({ reply, canned }) =>
                reply
                    ? {
                          helpdeskReply: reply,
                          label: reply.name,
                          title: reply.text,
                          optionTemplate: "helpdesk_lite.Composer.suggestionReply",
                          classList: "o-mail-Composer-suggestion",
                      }
                    : {
                          cannedResponse: canned,
                          label: canned.substitution,
                          source: canned.source,
                          title: canned.substitution,
                          optionTemplate: "mail.Composer.suggestionCannedResponse",
                          classList: "o-mail-Composer-suggestion",
                      }
            ),
        };
    },

    onClickReplies() {
        this.env.services.dialog.add(ReplyPicker, {
            ticketId: this.thread.id,
            onPicked: (prepared) => this.insertPrepared(prepared),
        });
    },

    /** @param {number} id of the reply */
    async insertReply(id) {
        const prepared = await this.env.services.orm.call("helpdesk_lite.reply", "get_prepared", [
            [id],
            this.thread.id,
        ]);
        this.insertPrepared(prepared);
    },

    /** @param {Object} prepared the text for the customer and the parts of a reply, from the server */
    insertPrepared(prepared) {
        const composer = this.props.composer;
        // markup: the server has cleaned the text, and escaped what it put into it
        const body = markup(prepared.body);
        if (this.composerService.htmlEnabled && this.editor?.editable) {
            const fragment = document.createDocumentFragment();
            fragment.append(...createDocumentFragmentFromContent(body).body.childNodes);
            this.editor.shared.selection.focusEditable();
            this.editor.shared.dom.insert(fragment);
            this.editor.shared.history.addStep();
        } else {
            const before = composer.composerHtml;
            composer.helpdeskRich = true;
            composer.composerHtml = isHtmlEmpty(before) ? body : markup`${before}${body}`;
        }
        composer.isDirty = true;
        composer.helpdeskStaged = [
            ...composer.helpdeskStaged.filter((staged) => staged.id !== prepared.id),
            {
                id: prepared.id,
                name: prepared.name,
                parts: prepared.parts.filter((part) => !part.obstacle),
                obstacles: prepared.parts.filter((part) => part.obstacle),
            },
        ];
        warnOfGaps(this.env.services.notification, prepared);
        composer.autofocus++;
    },

    /** The chips above the text. */
    get helpdeskParts() {
        return this.props.composer.helpdeskStaged.flatMap((staged) => [
            ...staged.parts.map((part) => ({ ...part, id: staged.id, name: staged.name })),
            ...staged.obstacles.map((part) => ({ ...part, id: staged.id, name: staged.name })),
        ]);
    },

    removePart(id, key) {
        this.props.composer.helpdeskStaged = this.props.composer.helpdeskStaged.map((staged) =>
            staged.id === id
                ? {
                      ...staged,
                      parts: staged.parts.filter((part) => part.key !== key),
                      obstacles: staged.obstacles.filter((part) => part.key !== key),
                  }
                : staged
        );
    },

    clear() {
        // where only a reply made the text rich, the editor ends with it
        if (this.props.composer.helpdeskRich && this.helpdeskIsHtml && !this.helpdeskIsHtml()) {
            this.editor = undefined;
        }
        super.clear();
    },

    restoreContent() {
        super.restoreContent();
        const { composer } = this.props;
        if (
            this.thread?.model === MODEL &&
            createDocumentFragmentFromContent(composer.composerHtml).querySelector(FORMATS)
        ) {
            composer.helpdeskRich = true;
        }
    },

    get fullComposerAdditionalContext() {
        const context = super.fullComposerAdditionalContext;
        if (this.thread?.model !== MODEL) {
            return context;
        }
        const staged = toRaw(this.props.composer).helpdeskStaged;
        return {
            ...context,
            helpdesk_then: this.helpdeskThen,
            ...(staged.length ? { default_helpdesk_staged: staged } : {}),
        };
    },
});

registerComposerAction("helpdesk-lite-replies", {
    condition: ({ composer }) =>
        !composer.message &&
        composer.targetThread?.model === MODEL &&
        composer.targetThread.helpdesk_replies,
    icon: "fa fa-bolt",
    name: _t("Replies"),
    hotkey: "shift+r",
    onSelected: ({ owner }) => owner.onClickReplies(),
    sequence: 4,
});
