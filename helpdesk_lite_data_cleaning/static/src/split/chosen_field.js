import { registry } from "@web/core/registry";
import { BooleanField, booleanField } from "@web/views/fields/boolean/boolean_field";

/** A checkbox in a list that says what it chooses. */
export class ChosenField extends BooleanField {
    static template = "helpdesk_lite_data_cleaning.ChosenField";

    get label() {
        return this.props.record.data.preview || "";
    }
}

registry.category("fields").add("helpdesk_lite_chosen", {
    ...booleanField,
    component: ChosenField,
    fieldDependencies: [{ name: "preview", type: "char" }],
});
