import { Message } from "@mail/core/common/message";
import { Message as MessageModel } from "@mail/core/common/message_model";
import { patch } from "@web/core/utils/patch";

const MODEL = "helpdesk_lite.ticket";

/** The ticket of a message that is shown in the chatter of another one, with which it was joined. */
function findJoinedTicket(message, thread) {
    const shown = thread?.model === MODEL && message.thread?.model === MODEL;
    return shown && message.thread.notEq(thread) ? message.thread : undefined;
}

patch(Message.prototype, {
    get joinedTicket() {
        return findJoinedTicket(this.message, this.props.thread);
    },

    /** Odoo names the other record in the header, which a squashed message has not: ours stands on each one, once. */
    get isPersistentMessageFromAnotherThread() {
        return super.isPersistentMessageFromAnotherThread && !this.joinedTicket;
    },
});

patch(MessageModel.prototype, {
    /**
     * Not in the chatter of another ticket: the answer would go out from there, to the customer of this one.
     *
     * @param {import("models").Thread} thread
     */
    canForward(thread) {
        return super.canForward(thread) && !findJoinedTicket(this, thread);
    },
});
