import { Component, onWillDestroy, useEffect, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { deserializeDateTime, formatDate } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

const { DateTime } = luxon;
const KEY = "helpdesk_lite.customer_panel.folded";

/**
 * The customer at hand: what else they have asked, who works with them, and what other apps have on them. Asked for after the form is
 * there, and not at all while the panel is folded. Whether it is stays as the user left it.
 */
export class CustomerPanel extends Component {
    static template = "helpdesk_lite.CustomerPanel";
    static props = standardWidgetProps;

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.key = `${KEY}.${user.userId}`;
        this.state = useState({ folded: browser.localStorage.getItem(this.key) === "1", panel: null });
        this.alive = true;
        onWillDestroy(() => (this.alive = false));
        useEffect(
            (_resId, _partnerId, _email, folded, dirty) => {
                if (!folded && !dirty) {
                    this.load();
                }
            },
            () => {
                const { resId, data, dirty } = this.props.record;
                return [resId, data.partner_id?.id, data.partner_email, this.state.folded, dirty];
            }
        );
    }

    toggle() {
        this.state.folded = !this.state.folded;
        browser.localStorage.setItem(this.key, this.state.folded ? "1" : "0");
    }

    async load() {
        const { resModel, resId } = this.props.record;
        if (!resId) {
            this.state.panel = null;
            return;
        }
        const panel = await this.orm.silent.call(resModel, "get_customer_panel", [resId]);
        // the user may have gone on to another ticket meanwhile
        if (this.alive && this.props.record.resId === resId) {
            this.state.panel = panel;
        }
    }

    get parts() {
        const { open, closed } = this.state.panel;
        return [
            { key: "open", title: _t("Open tickets (%s)", open.count), ...open },
            { key: "closed", title: _t("Closed tickets (%s)", closed.count), ...closed },
        ].filter((part) => part.count);
    }

    /** What time it is where the customer is, if that is another one than here. */
    get localTime() {
        const { tz } = this.state.panel.contact;
        const there = tz && DateTime.now().setZone(tz);
        return there && there.isValid && there.offset !== DateTime.local().offset
            ? _t("%s there", there.toLocaleString(DateTime.TIME_SIMPLE))
            : "";
    }

    formatDay(date) {
        return formatDate(deserializeDateTime(date));
    }

    openRecord(resModel, resId) {
        return this.action.doAction({ type: "ir.actions.act_window", res_model: resModel, res_id: resId, views: [[false, "form"]] });
    }
}

registry.category("view_widgets").add("helpdesk_lite_customer", {
    component: CustomerPanel,
    fieldDependencies: [
        { name: "partner_id", type: "many2one" },
        { name: "partner_email", type: "char" },
    ],
});
