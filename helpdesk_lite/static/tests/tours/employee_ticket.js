import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

registry.category("web_tour.tours").add("helpdesk_lite_employee_ticket", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps("helpdesk_lite.menu_root", "Open the Helpdesk app"),
        {
            content: "Their own tickets come first",
            trigger: ".o_list_view",
        },
        {
            trigger: ".o_menu_sections [data-menu-xmlid='helpdesk_lite.menu_overview']",
            run: "click",
        },
        {
            content: "Employees set no teams up",
            trigger: ".o_kanban_view:not(:has(.o-kanban-button-new))",
        },
        {
            trigger: ".o_kanban_record span:contains(Tour Care)",
            run: "click",
        },
        { trigger: ".o_kanban_group" },
        {
            trigger: ".o_control_panel .o-kanban-button-new",
            run: "click",
        },
        {
            trigger: ".o_kanban_quick_create .o_field_widget[name=name] input",
            run: "edit My badge does not open the door",
        },
        {
            trigger: ".o_kanban_quick_create .o_field_widget[name=description] .odoo-editor-editable",
            run: "editor It blinks red.",
        },
        {
            trigger: ".o_kanban_quick_create .o_kanban_add",
            run: "click",
        },
        {
            content: "Open the ticket",
            trigger: ".o_kanban_group .o_kanban_record:contains(My badge does not open the door)",
            run: "click",
        },
        {
            content: "It can be read and talked about, not changed",
            trigger: ".o_form_view .o_form_readonly:contains(It blinks red.)",
        },
        { trigger: ".o_form_view:not(:has(button[name=action_assign_to_me]))" },
        {
            trigger: ".o-mail-Chatter-sendMessage",
            run: "click",
        },
        {
            trigger: ".o-mail-Composer-input",
            run: "edit It is the door to the yard.",
        },
        {
            trigger: ".o-mail-Composer-send:enabled",
            run: "click",
        },
        { trigger: ".o-mail-Message:contains(It is the door to the yard.)" },
        {
            content: "It is among the tickets that they follow",
            trigger: "button[data-menu-xmlid='helpdesk_lite.menu_tickets']",
            run: "click",
        },
        {
            trigger: "a[data-menu-xmlid='helpdesk_lite.menu_tickets_followed']",
            run: "click",
        },
        { trigger: ".o_list_view .o_data_row:contains(My badge does not open the door)" },
    ],
});
