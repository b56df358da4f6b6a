import { Thread } from "@mail/core/common/thread_model";
import { patch } from "@web/core/utils/patch";

patch(Thread.prototype, {
    setup() {
        super.setup(...arguments);
        /** @type {{id: number, number: string, customer: string}[]} tickets that were merged into this one and can be answered */
        this.merged_tickets = [];
    },
});
