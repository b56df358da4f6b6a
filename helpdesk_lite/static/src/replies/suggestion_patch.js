import { UseSuggestion } from "@mail/core/common/suggestion_hook";
import { SuggestionService } from "@mail/core/common/suggestion_service";
import { patch } from "@web/core/utils/patch";
import { MODEL } from "./store_patch";

/**
 * Offers the replies of a ticket where Odoo offers canned responses: after "::", and in front of them.
 * Odoo keeps all canned responses in the browser; there may be thousands of replies, so the server searches.
 */
patch(SuggestionService.prototype, {
    async fetchSuggestions({ delimiter, term }, { thread, abortSignal } = {}) {
        if (delimiter !== "::" || thread?.model !== MODEL || !thread.helpdesk_replies) {
            return super.fetchSuggestions(...arguments);
        }
        const [replies] = await Promise.all([
            this.makeOrmCall(
                "helpdesk_lite.reply",
                "get_suggestions",
                [thread.id, term],
                {},
                { abortSignal }
            ),
            super.fetchSuggestions(...arguments),
        ]);
        this.helpdeskReplies = { ticketId: thread.id, replies };
    },

    searchSuggestions({ delimiter, term }, { thread } = {}) {
        const found = super.searchSuggestions(...arguments);
        if (delimiter !== "::" || thread?.model !== MODEL || !thread.helpdesk_replies) {
            return found;
        }
        const { ticketId, replies = [] } = this.helpdeskReplies ?? {};
        const typed = term.trim().toLowerCase();
        const kept = replies.filter(
            (reply) =>
                ticketId === thread.id &&
                (reply.shortcut.includes(typed) || reply.name.toLowerCase().includes(typed))
        );
        return {
            type: "helpdesk_lite.reply",
            suggestions: [
                ...kept.map((reply) => ({ reply })),
                ...found.suggestions.map((canned) => ({ canned })),
            ],
        };
    },
});

patch(UseSuggestion.prototype, {
    /** The editor of a rich text may not be there yet when the composer has just become rich. */
    detect() {
        if (this.comp.composerService.htmlEnabled && !this.comp.editor?.editable) {
            this.clearSearch();
            return;
        }
        super.detect();
    },

    insert(option) {
        if (!option.helpdeskReply) {
            return super.insert(option);
        }
        const { position } = this.search;
        const { editor } = this.comp;
        if (this.comp.composerService.htmlEnabled) {
            const { startContainer, endContainer, endOffset } =
                editor.shared.selection.getEditableSelection();
            editor.shared.selection.setSelection({
                anchorNode: startContainer,
                anchorOffset: position,
                focusNode: endContainer,
                focusOffset: endOffset,
            });
            editor.shared.delete.deleteSelection();
        } else {
            const { composerText, selection } = this.composer;
            this.composer.composerText =
                composerText.slice(0, position) + composerText.slice(selection.end);
        }
        this.clearSearch();
        this.comp.insertReply(option.helpdeskReply.id);
    },
});
