import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const DONE = ".o_statusbar_status button[data-value=done].o_arrow_button_current";

registry.category("web_tour.tours").add("helpdesk_lite_incoming_mail", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps("helpdesk_lite.menu_root", "Open the Helpdesk app"),
        {
            content: "The dashboard tells that mails failed",
            trigger: "[name=mail_alarm] button[name=show_mails]",
            run: "click",
        },
        {
            content: "Open the mail that failed",
            trigger: ".o_data_row:contains(The kettle whistles) .o_data_cell[name=subject]",
            run: "click",
        },
        {
            content: "The error is told, and the text is shown without what comes from elsewhere",
            trigger: ".o_form_view:has(.alert-danger:contains(Tour error)) [name=preview]:contains(It whistles all day)",
        },
        {
            trigger: "[name=preview]:not(:has(script)):not(:has(img)):not(:has(a))",
        },
        {
            content: "Its size has a unit",
            trigger: "[name=size]:contains(2.5 kB), [name=size]:contains(2,5 kB)",
        },
        {
            trigger: "button[name=action_process_again]",
            run: "click",
        },
        {
            trigger: `.o_form_view ${DONE}`,
        },
        {
            content: "It has a ticket now",
            trigger: "[name=ticket_ids] .o_tag",
        },
        {
            content: "Nothing more can be done with it",
            trigger: ".o_form_view:not(:has(button[name=action_process_again]))",
        },
        {
            content: "Back to the list",
            trigger: ".o_breadcrumb .o_back_button",
            run: "click",
        },
        {
            content: "It is not among the failed ones any more",
            trigger: ".o_list_view:not(:has(.o_data_row:contains(The kettle whistles)))",
        },
        {
            trigger: ".o_data_row:contains(Win a car) .o_data_cell[name=subject]",
            run: "click",
        },
        {
            trigger: "button[name=action_block_sender]",
            run: "click",
        },
        {
            content: "The whole domain",
            trigger: ".modal .o_radio_input[data-value=domain]",
            run: "click",
        },
        {
            trigger: ".modal [name=names]:contains(@offers.example)",
        },
        {
            trigger: ".modal button[name=action_block]",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .o_notification:contains(@offers.example)",
        },
        {
            trigger: "button[name=action_discard]",
            run: "click",
        },
        {
            trigger: ".modal [name=reason] input",
            run: "edit Advertising",
        },
        {
            trigger: ".modal footer button[name=action_discard]",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .o_form_view [name=discard_reason]:contains(Advertising)",
        },
        {
            content: "Blocked senders have a list of their own",
            trigger: "[data-menu-xmlid='helpdesk_lite.menu_configuration']",
            run: "click",
        },
        {
            trigger: "[data-menu-xmlid='helpdesk_lite.menu_blocked_senders']",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row:contains(@offers.example) button[name=action_unblock]",
            run: "click",
        },
        {
            trigger: ".o_list_view:not(:has(.o_data_row:contains(@offers.example)))",
        },
        {
            content: "The dashboard has nothing to tell",
            trigger: "[data-menu-xmlid='helpdesk_lite.menu_overview']",
            run: "click",
        },
        {
            trigger: ".o_kanban_view:not(:has([name=mail_alarm])) .o_kanban_record:contains(Tour Care)",
        },
    ],
});

/** Agents and employees, who get the same dashboard without the banner and the menus. */
registry.category("web_tour.tours").add("helpdesk_lite_no_incoming_mail", {
    // the app opens with the tickets of an employee who is no agent
    url: "/odoo/action-helpdesk_lite.team_action_dashboard",
    steps: () => [
        {
            trigger: ".o_kanban_view:not(:has([name=mail_alarm])) .o_kanban_record:contains(Tour Care)",
        },
        {
            trigger: ".o_main_navbar:not(:has([data-menu-xmlid='helpdesk_lite.menu_incoming_mail']))",
        },
    ],
});
