import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

// the Time Off app's own form: what it enters decides who is given tickets
registry.category("web_tour.tours").add("helpdesk_lite_time_off", {
    url: "/odoo/time-off-approval",
    steps: () => [
        {
            content: "Enter somebody's time off",
            trigger: ".o_control_panel .o-kanban-button-new, .o_control_panel .o_list_button_add",
            run: "click",
        },
        {
            content: "Who is away",
            trigger: ".o_form_view .o_field_widget[name=employee_id] input",
            run: "edit Tour Ana",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(Tour Ana)",
            run: "click",
        },
        {
            content: "For which reason",
            trigger: ".o_field_widget[name=holiday_status_id] input",
            run: "edit Tour Leave",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(Tour Leave)",
            run: "click",
        },
        ...stepUtils.saveForm(),
        {
            content: "It is today, as proposed",
            trigger: ".o_statusbar_buttons button[name=action_approve]",
            run: "click",
        },
        {
            trigger: ".o_statusbar_buttons button[name=action_refuse]",
        },
        {
            trigger: ".o_arrow_button_current:contains(Approved)",
        },
    ],
});

registry.category("web_tour.tours").add("helpdesk_lite_workload", {
    url: "/odoo/helpdesk-lite",
    steps: () => [
        {
            content: "The menu of the team's card",
            trigger: ".o_kanban_record:contains(Tour Care)",
            run: "hover && click .o_kanban_record:contains(Tour Care) .o_dropdown_kanban button",
        },
        {
            content: "How much everybody has to do",
            trigger: ".o-dropdown--menu a:contains(Workload)",
            run: "click",
        },
        {
            content: "A chart of everybody, with who is away",
            trigger: ".o_graph_view .o_graph_canvas_container canvas",
            run() {
                const labels = window.Chart.getChart(this.anchor).data.labels.join("; ");
                for (const label of ["Tour Ana is off until", "Luis", "Mia"]) {
                    if (!labels.includes(label)) {
                        throw new Error(`${label} is not among the bars: ${labels}`);
                    }
                }
            },
        },
        {
            content: "Back, and whom to give on what waits for Ana",
            trigger: ".o_breadcrumb .o_back_button, .breadcrumb-item a",
            run: "click",
        },
        {
            trigger: ".o_kanban_record:contains(Tour Care)",
            run: "hover && click .o_kanban_record:contains(Tour Care) .o_dropdown_kanban button",
        },
        {
            trigger: ".o-dropdown--menu a:contains(Reassign)",
            run: "click",
        },
        {
            content: "The proposal",
            trigger: ".modal .o_field_widget[name=line_ids] td[name=time_off]:contains(Ana is off until)",
        },
        {
            trigger: ".modal button[name=action_confirm]",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal))",
        },
    ],
});
