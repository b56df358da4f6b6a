import { Composer } from "@mail/core/common/composer";
import { toRaw } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { isHtmlEmpty } from "@web/core/utils/html";
import { patch } from "@web/core/utils/patch";
import { useDebounced } from "@web/core/utils/timing";
import { MODEL } from "../replies/store_patch";

const stampKey = (composer) => `${composer.localId}:helpdesk_lite`;

/** What is begun on a ticket is kept by the server too, for another device. Odoo keeps it in the browser. */
patch(Composer.prototype, {
    setup() {
        super.setup();
        if (this.thread?.model === MODEL) {
            // Odoo asks the full composer too, some seconds after it was opened, and fails while its editor is made (again).
            // That one is asked when it closes, or when the page is left.
            this.saveContentDebounced = useDebounced(
                () => this.state.isFullComposerOpen || this.saveContent(),
                5000,
                { execBeforeUnmount: true }
            );
        }
    },

    saveContent() {
        super.saveContent(...arguments);
        // the full composer has a text of its own
        if (this.isHelpdeskTicket && this.thread?.id && !this.state.isFullComposerOpen) {
            this.saveDraft();
        }
    },

    saveDraft() {
        const composer = toRaw(this.props.composer);
        const html = isHtmlEmpty(composer.composerHtml) ? "" : String(composer.composerHtml);
        // nothing is said before the server was asked: an empty composer would end a draft that is still to come
        if (composer.helpdeskDraft === undefined || composer.helpdeskDraft === html) {
            return;
        }
        composer.helpdeskDraft = html;
        const stamp = Date.now();
        browser.localStorage.setItem(stampKey(composer), stamp);
        const { orm } = this.env.services;
        const ticketId = this.thread.id;
        // one after the other: a draft must not arrive after its end
        composer.helpdeskSaved = composer.helpdeskSaved
            .then(() => orm.silent.call(MODEL, "save_draft", [[ticketId], html, stamp]))
            .catch(() => {
                // the browser has it, and the next change is sent again
                composer.helpdeskDraft = null;
            });
    },

    restoreContent() {
        super.restoreContent(...arguments);
        if (this.isHelpdeskTicket && this.thread?.id) {
            this.restoreDraft(() => super.restoreContent());
        }
    },

    /** @param {function} restore what Odoo does with a text that the browser has kept */
    async restoreDraft(restore) {
        const composer = toRaw(this.props.composer);
        const before = String(composer.composerHtml);
        let kept;
        try {
            kept = await this.env.services.orm.silent.call(MODEL, "get_draft", [[this.thread.id]]);
        } catch {
            return;
        }
        composer.helpdeskDraft = kept.body ?? "";
        const stamp = Number(browser.localStorage.getItem(stampKey(composer)) ?? 0);
        // whoever has typed meanwhile goes on with that
        if (!kept.body || String(composer.composerHtml) !== before || (kept.stamp <= stamp && !isHtmlEmpty(before))) {
            return;
        }
        browser.localStorage.setItem(stampKey(composer), kept.stamp);
        browser.localStorage.setItem(
            composer.localId,
            JSON.stringify({ emailAddSignature: true, composerHtml: ["markup", kept.body] })
        );
        restore();
    },

    clear() {
        super.clear(...arguments);
        if (this.isHelpdeskTicket && this.thread?.id) {
            this.saveDraft();
        }
    },
});
