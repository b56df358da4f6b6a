import { Component, useEffect, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

// pictures above a form; a card and a row have room for one
const MOST_SHOWN = 3;

/** Pictures of those who have a ticket open, whoever writes first: on a card, in a row, and with their names above a form. */
export class People extends Component {
    static template = "helpdesk_lite.People";
    static props = { people: Array, named: { type: Boolean, optional: true } };

    get shown() {
        const people = [...this.props.people].sort((one, other) => other.writing - one.writing);
        return people.slice(0, this.props.named ? MOST_SHOWN : 1);
    }

    get more() {
        return this.props.people.length - this.shown.length;
    }

    get sentence() {
        const names = (writing) =>
            this.props.people.filter((one) => one.writing === writing).map((one) => one.name).join(", ");
        const writing = names(true);
        const reading = names(false);
        return [
            writing && _t("Writing now: %s", writing),
            reading && _t("Has this ticket open: %s", reading),
        ]
            .filter(Boolean)
            .join(" · ");
    }

    labelOf({ name, writing }) {
        return writing ? _t("Writing now: %s", name) : _t("Has this ticket open: %s", name);
    }
}

/** Who else has the ticket of a card or row open. */
export class PresenceWidget extends Component {
    static template = "helpdesk_lite.PresenceWidget";
    static components = { People };
    static props = standardWidgetProps;

    setup() {
        this.presence = useService("helpdesk_lite.presence");
        this.people = useState(this.presence.people);
        useEffect(
            (resId) => (resId ? this.presence.watch(resId) : undefined),
            () => [this.props.record.resId]
        );
    }

    get list() {
        return this.people[this.props.record.resId] ?? [];
    }
}

registry.category("view_widgets").add("helpdesk_lite_presence", {
    component: PresenceWidget,
    listViewWidth: 64,
});
