import { Component } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";

/** The menu beside the button Send: what happens with the ticket when the message is sent. */
export class SendAnd extends Component {
    static template = "helpdesk_lite.SendAnd";
    static components = { Dropdown, DropdownItem };
    static props = { then: Array, next: Boolean, disabled: Boolean, onSelected: Function };

    get items() {
        const items = { solve: _t("Send and Solve"), wait: _t("Send and Wait for the Customer") };
        const chosen = this.props.then.map((then) => ({ then, label: items[then] }));
        return this.props.next ? [...chosen, { then: "next", label: _t("Send and Next") }] : chosen;
    }
}
