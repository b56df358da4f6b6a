import { Composer } from "@mail/core/common/composer";
import { patch } from "@web/core/utils/patch";

const MODEL = "helpdesk_lite.ticket";

patch(Composer.prototype, {
    /**
     * Keeps the composer active when the server refuses a message, so that the corrected one can be
     * sent. Odoo leaves it disabled.
     */
    async processMessage(cb) {
        try {
            return await super.processMessage(cb);
        } catch (error) {
            this.state.active = true;
            throw error;
        }
    },

    /**
     * Passes only recipients with a contact to the full composer, because it supports no others.
     */
    get fullComposerAdditionalContext() {
        const context = super.fullComposerAdditionalContext;
        if (this.thread?.model !== MODEL || this.props.type === "note") {
            return context;
        }
        const recipients = [...this.thread.suggestedRecipients, ...this.thread.additionalRecipients];
        return {
            ...context,
            default_partner_ids: recipients.map((recipient) => recipient.partner_id).filter(Boolean),
        };
    },
});
