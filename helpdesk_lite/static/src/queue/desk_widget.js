import { Component, useEffect, xml } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { serializeDateTime } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/**
 * What happens beside the form of a ticket: what is shown was seen, and when the ticket is done, the next one of the list comes, if
 * the user wants that. However it was closed.
 */
export class Desk extends Component {
    static template = xml`<span class="d-none"/>`;
    static props = standardWidgetProps;

    setup() {
        this.orm = useService("orm");
        this.notification = useService("notification");
        this.before = {};
        useEffect(
            (resId, date) => {
                if (resId && date) {
                    this.orm.silent.call(this.props.record.resModel, "mark_seen", [[resId], date]);
                }
            },
            () => [this.props.record.resId, this.lastCustomerDate]
        );
        useEffect(
            (resId, isClosed, isDirty) => {
                if (isDirty) {
                    return;
                }
                const { before } = this;
                this.before = { resId, isClosed };
                if (resId && before.resId === resId && !before.isClosed && isClosed) {
                    this.goOn(resId);
                }
            },
            () => [this.props.record.resId, this.props.record.data.is_closed, this.props.record.dirty]
        );
    }

    get lastCustomerDate() {
        const date = this.props.record.data.last_customer_date;
        return date ? serializeDateTime(date) : false;
    }

    /** Shows what comes next in the list. A ticket that was opened alone, or in a dialog, stays. */
    async goOn(resId) {
        const { model, resIds } = this.props.record;
        if (!user.settings.helpdesk_lite_next_when_done || this.env.inDialog || resIds.length < 2) {
            return;
        }
        const next = resIds[resIds.indexOf(resId) + 1];
        if (next) {
            await model.load({ resId: next });
        } else {
            this.notification.add(_t("That was the last ticket of the list."), { type: "info" });
            this.env.config.historyBack();
        }
    }
}

registry.category("view_widgets").add("helpdesk_lite_desk", {
    component: Desk,
    fieldDependencies: [
        { name: "is_closed", type: "boolean" },
        { name: "last_customer_date", type: "datetime" },
    ],
});
