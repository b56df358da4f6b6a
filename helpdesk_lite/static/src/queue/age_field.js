import { Component } from "@odoo/owl";
import { formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { formatSpan } from "./span";

/** How long ago a ticket was opened, with the date on hover. */
export class AgeField extends Component {
    static template = "helpdesk_lite.AgeField";
    static props = standardFieldProps;

    get value() {
        return this.props.record.data[this.props.name];
    }

    get text() {
        return this.value ? formatSpan(this.value) : "";
    }

    get title() {
        return this.value ? _t("Opened on %s", formatDateTime(this.value)) : "";
    }
}

registry.category("fields").add("helpdesk_lite_age", { component: AgeField, supportedTypes: ["datetime"] });
