import { Component, markup } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { deserializeDateTime, toLocaleDateTimeString } from "@web/core/l10n/dates";
import { RPCError } from "@web/core/network/rpc";

const NAME = "odoo.addons.helpdesk_lite.models.presence.ticket_crossing.CrossingMessage";

/** @returns {boolean} whether the server stopped a message because it crosses another one */
export function isCrossing(error) {
    return error instanceof RPCError && error.exceptionName === NAME;
}

/** What arrived and what its reader was about to send, side by side. Closing it is like *Edit*: nothing is sent or lost. */
export class CrossingDialog extends Component {
    static template = "helpdesk_lite.CrossingDialog";
    static components = { Dialog };
    static props = {
        reason: String,
        messages: Array,
        // markup: of the user's own editor, or cleaned by the server
        body: true,
        onSend: Function,
        onNote: Function,
        onEdit: Function,
        close: Function,
    };

    get messages() {
        return this.props.messages.map((message) => ({
            ...message,
            shownDate: toLocaleDateTimeString(deserializeDateTime(message.date)),
            // markup: the server cleans messages when it stores them
            shownBody: markup(message.body),
        }));
    }

    choose(callback) {
        this.props.close();
        return callback();
    }
}
