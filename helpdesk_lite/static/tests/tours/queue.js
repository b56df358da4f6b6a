import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const row = (name, rest = "") => `.o_data_row:contains(${name})${rest}`;

// The same in English and in Spanish.
registry.category("web_tour.tours").add("helpdesk_lite_queue", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps("helpdesk_lite.menu_root", "Open the Helpdesk app"),
        { trigger: ".o_menu_sections button[data-menu-xmlid='helpdesk_lite.menu_tickets']", run: "click" },
        { trigger: ".dropdown-item[data-menu-xmlid='helpdesk_lite.menu_tickets_my']", run: "click" },
        {
            content: "A message that nobody has read is bold, whoever waits is told how long",
            trigger: row("Queue lamp", ".fw-bold [name=waiting_since] button.fw-bold .fa-envelope"),
        },
        { trigger: row("Queue lamp", " [name=waiting_since] button"), run: "hover" },
        {
            content: "The last line of the conversation",
            trigger: ".o_helpdesk_lite_last_message:contains(It flickers again)",
        },
        { trigger: row("Queue lamp", " td[name=name]"), run: "click" },
        { trigger: ".o_form_view .o-mail-Message:contains(It flickers again)" },
        { trigger: ".o_breadcrumb .o_back_button", run: "click" },
        {
            content: "Seen, and still waiting",
            trigger: row("Queue lamp", ":not(.fw-bold) [name=waiting_since] button:not(.fw-bold)"),
        },
        { trigger: ".o_searchview_dropdown_toggler", run: "click" },
        {
            content: "New messages only",
            trigger: ".o_filter_menu .o_menu_item:contains(New Message), .o_filter_menu .o_menu_item:contains(Mensaje nuevo)",
            run: "click",
        },
        { trigger: `.o_list_view:not(:has(${row("Queue lamp")})) ${row("Queue chair")}` },
        { trigger: ".o_searchview_facet:last .o_facet_remove", run: "click" },
        {
            content: "Put aside until tomorrow",
            trigger: row("Queue desk", " td[name=name]"),
            run: "click",
        },
        { trigger: "button[name=action_snooze]", run: "click" },
        { trigger: ".modal button[name=action_snooze]", run: "click" },
        { trigger: ".o_form_view button[name=action_wake]" },
        { trigger: ".o_breadcrumb .o_back_button", run: "click" },
        {
            content: "It is not among the open ones",
            trigger: `.o_list_view:not(:has(${row("Queue desk")})) ${row("Queue lamp", " td[name=name]")}`,
            run: "click",
        },
        {
            content: "Done",
            trigger: ".o_form_view [name=name] textarea:value(Queue lamp)",
        },
        {
            content: "The last stage closes, and stands in the bar",
            trigger: ".o_statusbar_status [role=radio]:first",
            run: "click",
        },
        {
            content: "The next one of the list",
            trigger: ".o_form_view [name=name] textarea:value(Queue chair)",
        },
        { trigger: "button[name=action_close]", run: "click" },
        {
            content: "There is no further one",
            trigger: ".o_list_view .o_searchview_facet",
        },
    ],
});
