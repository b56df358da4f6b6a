import { registerMessageAction } from "@mail/core/common/message_actions";
import { _t } from "@web/core/l10n/translation";
import { toRaw } from "@odoo/owl";

const MODEL = "helpdesk_lite.ticket";
// what people write, as the server knows it
const BY_PEOPLE = ["comment", "email", "email_outgoing"];

registerMessageAction("helpdesk-lite-split", {
    // not in the timeline of another ticket: a message is split off its own one
    condition: ({ message, thread }) =>
        thread?.model === MODEL &&
        thread.hasWriteAccess &&
        thread.helpdesk_replies &&
        message.thread?.eq(thread) &&
        BY_PEOPLE.includes(message.message_type),
    icon: "fa fa-code-fork",
    name: _t("Split to New Ticket"),
    onSelected: async ({ message: msg, store, thread: thr }) => {
        const [message, thread] = [toRaw(msg), toRaw(thr)];
        const { action, orm } = store.env.services;
        await action.doAction(await orm.call(MODEL, "action_split", [[thread.id], message.id]));
    },
    sequence: 105, // behind forwarding, in the menu
});
