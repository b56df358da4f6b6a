import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const openTicket = (name) => [
    ...stepUtils.goToAppSteps("helpdesk_lite.menu_root", "Open the Helpdesk app"),
    { trigger: ".o_menu_sections button[data-menu-xmlid='helpdesk_lite.menu_tickets']", run: "click" },
    { trigger: ".dropdown-item[data-menu-xmlid='helpdesk_lite.menu_tickets_all']", run: "click" },
    { trigger: `.o_data_row td[name=name]:contains(${name})`, run: "click" },
    { trigger: ".o_form_view .o-mail-Chatter" },
];

registry.category("web_tour.tours").add("helpdesk_lite_crm_opportunity", {
    url: "/odoo",
    steps: () => [
        ...openTicket("Forty lamps"),
        { trigger: "button[name=action_open_convert]:contains(Convert to Opportunity)", run: "click" },
        {
            content: "An address that nobody knows is proposed as a new customer",
            trigger: ".modal [name=partner_action] input[data-value=create]:checked",
        },
        { trigger: ".modal [name=user_id] input", run: "edit Tour Seller" },
        { trigger: ".o-autocomplete--dropdown-item:contains(Tour Seller)", run: "click" },
        {
            content: "The salesperson brings their team",
            trigger: ".modal [name=sales_team_id] input:value(Sales for Tests)",
        },
        { trigger: ".modal [name=copy_conversation] input:checked" },
        { trigger: ".modal button:contains(Convert to Opportunity)", run: "click" },
        { trigger: ".o_lead_opportunity_form [name=partner_id] input:value(Zoe Quill)" },
        { trigger: ".o-mail-Message:contains(I ask sales.)" },
        {
            content: "From the opportunity's chatter to the ticket",
            trigger: ".o-mail-Message a[data-oe-model='helpdesk_lite.ticket']",
            run: "click",
        },
        { trigger: ".o_form_view .ribbon:contains(Archived)" },
        { trigger: ".o_form_view:not(:has(button[name=action_open_convert]))" },
        { trigger: ".o-mail-Message a[data-oe-model='crm.lead']:contains(opportunity)" },
        {
            content: "And by the button to the opportunity",
            trigger: "button[name=action_open_leads]",
            run: "click",
        },
        { trigger: ".o_lead_opportunity_form button[name=action_open_helpdesk_tickets]:contains(1)" },
        {
            content: "It was a mistake",
            trigger: "button[name=action_undo_convert]:contains(Restore Ticket)",
            run: "click",
        },
        { trigger: ".o_lead_opportunity_form .ribbon:contains(Archived)" },
        { trigger: ".o-mail-Message:contains(was undone)" },
        {
            trigger: ".o-mail-Message:contains(was undone) a[data-oe-model='helpdesk_lite.ticket']",
            run: "click",
        },
        { trigger: ".o_form_view button[name=action_open_convert]:contains(Convert to Opportunity)" },
        { trigger: ".o-mail-Message:contains(was undone)" },
    ],
});

registry.category("web_tour.tours").add("helpdesk_lite_crm_lead", {
    url: "/odoo",
    steps: () => [
        ...openTicket("Forty lamps"),
        { trigger: "button[name=action_open_convert]:contains(Convert to Lead)", run: "click" },
        { trigger: ".modal [name=partner_action] input[data-value=none]", run: "click" },
        { trigger: ".modal button:contains(Convert to Lead)", run: "click" },
        {
            content: "An agent without rights in CRM is told",
            trigger: ".o_notification:contains(The lead was created):contains(do not have access)",
        },
        { trigger: ".o_form_view .ribbon:contains(Archived)" },
        { trigger: ".o-mail-Message a[data-oe-model='crm.lead']:contains(lead)", run: "click" },
        {
            content: "A sentence, and no Access Error over the ticket",
            trigger: ".o_notification:contains(You do not have access to what this link leads to.)",
        },
        { trigger: "body:not(:has(.modal)) button[name=action_undo_convert]:contains(Restore Ticket)", run: "click" },
        { trigger: ".o_form_view button[name=action_open_convert]:contains(Convert to Lead)" },
        { trigger: ".o-mail-Message:contains(was undone)" },
        {
            content: "A selection from the list",
            trigger: ".o_breadcrumb .o_back_button",
            run: "click",
        },
        { trigger: ".o_data_row:contains(Forty lamps) .o_list_record_selector input", run: "click" },
        { trigger: ".o_data_row:contains(Ten chairs) .o_list_record_selector input", run: "click" },
        { trigger: ".o_control_panel button[name=action_open_convert]:contains(Convert to Lead)", run: "click" },
        { trigger: ".modal:contains(2 tickets are handed over)" },
        { trigger: ".modal button:contains(Convert to Lead)", run: "click" },
        { trigger: ".modal [name=result]:contains(Converted tickets: 2.)" },
        { trigger: ".modal button:contains(Close)", run: "click" },
        { trigger: ".o_list_view:not(:has(.o_data_row:contains(Forty lamps)))" },
    ],
});

registry.category("web_tour.tours").add("helpdesk_lite_crm_ticket", {
    steps: () => [
        { trigger: ".o_lead_opportunity_form" },
        { trigger: "button[name=action_open_convert_to_ticket]:contains(Convert to Ticket)", run: "click" },
        { trigger: ".modal [name=name] input:value(My lamp is broken)" },
        { trigger: ".modal [name=team_id] input:value(Team public)" },
        { trigger: ".modal button:contains(Create Ticket)", run: "click" },
        { trigger: ".o_form_view .o-mail-Message a[data-oe-model='crm.lead']", run: "click" },
        { trigger: ".o_lead_opportunity_form .ribbon:contains(Archived)" },
        { trigger: "button[name=action_undo_convert_to_ticket]", run: "click" },
        { trigger: ".o_lead_opportunity_form button[name=action_open_convert_to_ticket]" },
    ],
});

registry.category("web_tour.tours").add("helpdesk_lite_crm_stage_line", {
    steps: () => [
        { trigger: "button[name=action_assign_to_me]:visible" },
        { trigger: "button[name=action_open_convert]:visible" },
        {
            content: "No stage gives way while a line has room for all",
            trigger:
                ".o_statusbar_status:has(.o_arrow_button_current:contains(New)):not(:has(.o_arrow_button[data-value].d-none)) .o_arrow_button:contains(On Hold)",
        },
    ],
});

registry.category("web_tour.tours").add("helpdesk_lite_crm_stage_bar", {
    steps: () => [
        { trigger: "button[name=action_assign_to_me]:visible" },
        { trigger: "button[name=action_open_convert]:visible" },
        {
            content: "Open stages make room for those that close",
            trigger:
                ".o_statusbar_status:has(.o_arrow_button_current:contains(New)):has(.o_arrow_button.d-none:contains(On Hold)) .o_arrow_button:not(.d-none):contains(Solved)",
        },
        {
            content: "What has made room is one click away",
            trigger: ".o_statusbar_status button[aria-label='More...']:not(.d-none)",
            run: "click",
        },
        { trigger: ".o-dropdown--menu .dropdown-item:contains(On Hold)" },
        { trigger: ".o_statusbar_status .o_arrow_button:not(.d-none):contains(Cancelled)", run: "click" },
        { trigger: ".o_statusbar_status .o_arrow_button_current:contains(Cancelled)" },
        {
            content: "It is stored",
            trigger: ".o_form_view:has(.o_form_status_indicator_buttons.invisible) button[name=action_reopen]:visible",
        },
    ],
});
