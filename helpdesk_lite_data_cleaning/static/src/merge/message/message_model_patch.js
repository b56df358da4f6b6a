import { Message } from "@mail/core/common/message_model";
import { patch } from "@web/core/utils/patch";

patch(Message.prototype, {
    setup() {
        super.setup(...arguments);
        /** @type {{id: number, number: string}|undefined} the ticket that the message came from by a merge */
        this.merge_origin = undefined;
    },
});
