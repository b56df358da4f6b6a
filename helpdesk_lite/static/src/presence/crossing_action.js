import { markup } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { CrossingDialog } from "./crossing_dialog";

/** Shows what a message of the full composer crosses, in front of that composer. */
function showCrossing(env, action) {
    const { composer_id: composerId, reason, arrived, body } = action.params;
    const { dialog, orm, action: actions } = env.services;
    // the answer closes the composer, or shows what has arrived by then
    const call = async (method) =>
        actions.doAction(await orm.call("mail.compose.message", method, [[composerId]], { context: action.context ?? {} }));
    dialog.add(CrossingDialog, {
        reason,
        messages: arrived.messages,
        // markup: the server cleaned it when it stored the composer
        body: markup(body),
        onSend: () => call("action_send_mail"),
        onNote: () => call("action_keep_as_note"),
        onEdit: () => {},
    });
}

registry.category("actions").add("helpdesk_lite_crossing", showCrossing);
