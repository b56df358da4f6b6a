import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { RadioField, radioField } from "@web/views/fields/radio/radio_field";

/** The visibility of a team: radio buttons with an explanation under each choice. */
export class VisibilityField extends RadioField {
    static template = "helpdesk_lite.VisibilityField";

    get sentences() {
        return {
            private: _t(
                "Only team members, invited followers, assignees and Helpdesk administrators see the tickets. Customers see nothing on the portal."
            ),
            company: _t(
                "Every employee sees the team and all its tickets. Customers see nothing on the portal."
            ),
            public: _t(
                "Every employee sees the team and all its tickets. Customers see the tickets that they follow on the portal."
            ),
        };
    }
}

registry.category("fields").add("helpdesk_lite_visibility", {
    ...radioField,
    component: VisibilityField,
    supportedTypes: ["selection"],
});
