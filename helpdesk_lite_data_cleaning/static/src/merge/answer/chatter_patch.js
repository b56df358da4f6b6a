import { Chatter } from "@mail/chatter/web_portal/chatter";
import { patch } from "@web/core/utils/patch";

/** An answer is written on one ticket, to its customer: on the one that is open, or on one that was joined with it. */
patch(Chatter.prototype, {
    setup() {
        super.setup(...arguments);
        this.state.answeredTicketId = undefined;
    },

    changeThread() {
        super.changeThread(...arguments);
        this.state.answeredTicketId = undefined;
    },

    /** The thread on which the composer posts. */
    get answeredThread() {
        const { answeredTicketId, thread } = this.state;
        return answeredTicketId ? this.store.Thread.insert({ model: thread.model, id: answeredTicketId }) : thread;
    },

    /** @param {Event} ev of the list of tickets */
    async onChangeAnsweredTicket(ev) {
        const id = Number(ev.target.value);
        this.state.answeredTicketId = id === this.state.thread.id ? undefined : id;
        if (this.state.answeredTicketId) {
            await this.answeredThread.fetchThreadData(["contact_fields", "suggestedRecipients"]);
        }
    },
});
