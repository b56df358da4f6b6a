import { Component, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { deserializeDateTime, formatDateTime } from "@web/core/l10n/dates";
import { usePopover } from "@web/core/popover/popover_hook";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { formatSpan } from "./span";

/** The last line of the conversation. */
export class LastMessage extends Component {
    static template = "helpdesk_lite.LastMessage";
    static props = { message: Object, close: { type: Function, optional: true } };

    get date() {
        return formatDateTime(deserializeDateTime(this.props.message.date));
    }
}

/** Who waits for whom, and the last message on hover, by the keyboard or by a tap. */
export class WaitingField extends Component {
    static template = "helpdesk_lite.WaitingField";
    static props = standardFieldProps;

    setup() {
        this.orm = useService("orm");
        this.popover = usePopover(LastMessage, { position: "bottom-start", popoverClass: "o_helpdesk_lite_last_message" });
        this.root = useRef("root");
        this.state = useState({ wanted: false });
    }

    get text() {
        const { is_closed, last_agent_date } = this.props.record.data;
        const waiting = this.props.record.data[this.props.name];
        if (is_closed) {
            return "";
        }
        if (waiting) {
            return _t("Waiting %s", formatSpan(waiting));
        }
        return last_agent_date ? _t("Answered %s ago", formatSpan(last_agent_date)) : "";
    }

    get isWaiting() {
        return Boolean(this.props.record.data[this.props.name]);
    }

    get isNew() {
        return this.props.record.data.has_new_message;
    }

    /** Asks only when somebody wants to know: a list of eighty tickets costs nothing. */
    async show() {
        this.state.wanted = true;
        const { resModel, resId } = this.props.record;
        const message = resId && (await this.orm.silent.call(resModel, "get_last_message", [resId]));
        // the pointer may have gone on meanwhile
        if (message?.date && this.state.wanted && this.root.el) {
            this.popover.open(this.root.el, { message });
        }
    }

    hide() {
        this.state.wanted = false;
        this.popover.close();
    }

    toggle() {
        return this.popover.isOpen ? this.hide() : this.show();
    }
}

registry.category("fields").add("helpdesk_lite_waiting", {
    component: WaitingField,
    supportedTypes: ["datetime"],
    fieldDependencies: [
        { name: "has_new_message", type: "boolean" },
        { name: "is_closed", type: "boolean" },
        { name: "last_agent_date", type: "datetime" },
    ],
});
