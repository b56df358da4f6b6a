import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

registry.category("web_tour.tours").add("helpdesk_lite_create_team", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps("helpdesk_lite.menu_root", "Open the Helpdesk app"),
        {
            content: "Create a team from the dashboard",
            trigger: ".o_control_panel .o-kanban-button-new",
            run: "click",
        },
        {
            content: "Its name is all that it needs",
            trigger: ".o_form_view .o_field_widget[name=name] input",
            run: "edit Tour Deliveries && press Tab",
        },
        {
            content: "An alias is proposed",
            trigger: ".o_field_widget[name=alias_name] input:value(tour-deliveries)",
        },
        ...stepUtils.saveForm(),
        {
            content: "Back to the dashboard",
            trigger: ".o_breadcrumb .o_back_button",
            run: "click",
        },
        {
            content: "Open the team's pipeline by its card",
            trigger: ".o_kanban_record span:contains(Tour Deliveries)",
            run: "click",
        },
        { trigger: ".o_breadcrumb .active:contains(Tour Deliveries)" },
        {
            content: "Three open stages, then two folded ones",
            trigger: [...Array(3).fill(".o_kanban_group:not(.o_column_folded)"), ...Array(2).fill(".o_kanban_group.o_column_folded")].join(" + "),
        },
        {
            content: "Nothing in it yet, and a word on what to do next",
            trigger: ".o_view_nocontent .o_view_nocontent_smiling_face",
        },
    ],
});
