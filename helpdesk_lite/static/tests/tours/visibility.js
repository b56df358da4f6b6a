import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

registry.category("web_tour.tours").add("helpdesk_lite_make_team_private", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps("helpdesk_lite.menu_root", "Open the Helpdesk app"),
        {
            trigger: ".o_kanban_record:contains(Tour Care) .btn-link:contains(Settings)",
            run: "click",
        },
        {
            content: "Each choice has a sentence of its own",
            trigger: ".o_field_widget[name=privacy_visibility] .o_radio_item:contains(Customers see nothing on the portal)",
        },
        {
            trigger: ".o_field_widget[name=privacy_visibility] input[data-value=private]",
            run: "click",
        },
        {
            content: "What saving will do is said before, in numbers",
            trigger: ".alert:contains(Customers and portal users will lose access to tickets):contains(people: 1, tickets: 1)",
        },
        ...stepUtils.saveForm(),
        {
            content: "The change stands in the chatter",
            trigger: ".o-mail-Message:contains(lost access to tickets):contains(people: 1, tickets: 1)",
        },
        {
            content: "Who is left?",
            trigger: "button[name=action_show_access]",
            run: "click",
        },
        { trigger: ".modal .o_data_row:contains(Tour Manager):contains(Helpdesk administrator)" },
        {
            trigger: ".modal:not(:contains(All internal users)) .modal-footer button:contains(Close)",
            run: "click",
        },
        { trigger: "body:not(:has(.modal))" },
    ],
});

registry.category("web_tour.tours").add("helpdesk_lite_invited_employee", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps("helpdesk_lite.menu_root", "Open the Helpdesk app"),
        { trigger: ".o_list_view" },
        { trigger: ".o_menu_sections [data-menu-xmlid='helpdesk_lite.menu_overview']", run: "click" },
        {
            content: "The private team is not on the dashboard",
            trigger: ".o_kanban_view:contains(Tour Care):not(:contains(Tour Payroll))",
        },
        {
            trigger: "button[data-menu-xmlid='helpdesk_lite.menu_tickets']",
            run: "click",
        },
        {
            trigger: ".dropdown-item[data-menu-xmlid='helpdesk_lite.menu_tickets_all']",
            run: "click",
        },
        {
            content: "One ticket of the private team is there, and no other",
            trigger: ".o_view_controller:contains(Invited to this):not(:contains(Not invited to that))",
        },
        {
            trigger: ".o_data_row:contains(Invited to this) td[name=name], .o_kanban_record:contains(Invited to this)",
            run: "click",
        },
        { trigger: ".o_form_view .o_form_readonly:contains(For your eyes)" },
        {
            trigger: ".o-mail-Chatter-logNote",
            run: "click",
        },
        {
            trigger: ".o-mail-Composer-input",
            run: "edit I have seen it.",
        },
        {
            trigger: ".o-mail-Composer-send:enabled",
            run: "click",
        },
        { trigger: ".o-mail-Message:contains(I have seen it.)" },
    ],
});
