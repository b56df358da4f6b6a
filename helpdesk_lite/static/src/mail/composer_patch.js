import { Composer } from "@mail/core/common/composer";
import { patch } from "@web/core/utils/patch";

const MODEL = "helpdesk_lite.ticket";

patch(Composer.prototype, {
    /**
     * A message that the server refuses stays in a composer that can send the corrected one.
     * Odoo leaves it switched off.
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
     * The full composer takes contacts only: an address that could not be made one has none to show.
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
