import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** The tickets that may be the same request as the one on the form, best first. */
export class PossibleDuplicates extends Component {
    static template = "helpdesk_lite_data_cleaning.PossibleDuplicates";
    static props = standardFieldProps;

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.state = useState({ open: false });
    }

    get duplicates() {
        return this.props.record.data[this.props.name] || [];
    }

    get title() {
        return _t("Possible duplicates (%s)", this.duplicates.length);
    }

    openTicket(id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: this.props.record.resModel,
            res_id: id,
            views: [[false, "form"]],
        });
    }

    async merge(id) {
        if (await this.props.record.save()) {
            const ids = [this.props.record.resId, id];
            await this.action.doAction(await this.orm.call(this.props.record.resModel, "action_merge", [ids]));
        }
    }
}

registry.category("fields").add("helpdesk_lite_possible_duplicates", {
    component: PossibleDuplicates,
    supportedTypes: ["json"],
});
