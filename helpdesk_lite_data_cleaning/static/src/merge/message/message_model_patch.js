import { Message } from "@mail/core/common/message_model";
import { patch } from "@web/core/utils/patch";

patch(Message.prototype, {
    setup() {
        super.setup(...arguments);
        /** @type {{id: number, number: string}|undefined} the ticket that a merge moved the message from */
        this.merge_origin = undefined;
    },
});
