import { registry } from "@web/core/registry";
import { BooleanField, booleanField } from "@web/views/fields/boolean/boolean_field";

/**
 * A checkbox in a list that says to a screen reader what it is for, and of which row: Odoo's have no label there.
 * The option `row` is the field that tells the rows apart.
 */
export class LabelledBoolean extends BooleanField {
    static template = "helpdesk_lite_data_cleaning.LabelledBoolean";
    static props = { ...BooleanField.props, row: { type: String, optional: true } };

    get label() {
        const { data, fields } = this.props.record;
        const value = data[this.props.row];
        return [fields[this.props.name].string, value?.display_name ?? value].filter(Boolean).join(": ");
    }
}

registry.category("fields").add("helpdesk_lite_labelled", {
    ...booleanField,
    component: LabelledBoolean,
    // also in a row that is not edited: otherwise, no key reaches it
    extractProps: ({ options }, { readonly }) => ({ row: options.row, readonly }),
});
