import { Thread } from "@mail/core/common/thread_model";
import { patch } from "@web/core/utils/patch";

patch(Thread.prototype, {
    setup() {
        super.setup(...arguments);
        /** @type {number[]} tickets whose messages are shown here */
        this.timeline_ids = [];
    },

    /**
     * A merge brings older messages and its undoing takes some away, but Odoo fetches those that are newer than the last
     * one it knows: whoever had the master open would miss what the other customer wrote.
     */
    async fetchThreadData() {
        const before = String(this.timeline_ids);
        await super.fetchThreadData(...arguments);
        if (!before || String(this.timeline_ids) === before) {
            return;
        }
        const messages = await this.fetchMessages();
        this.messages = messages;
        this.loadOlder = messages.length === this.store.FETCH_LIMIT;
    },
});
