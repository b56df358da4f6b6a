import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

/* The tours are run in English and in Spanish. */

/** From the list of all tickets to the page of a group of two of them. */
function chooseAndMerge() {
    return [
        ...stepUtils.goToAppSteps("helpdesk_lite.menu_root", "Open the Helpdesk app"),
        { trigger: "button[data-menu-xmlid='helpdesk_lite.menu_tickets']", run: "click" },
        { trigger: ".dropdown-item[data-menu-xmlid='helpdesk_lite.menu_tickets_all']", run: "click" },
        { trigger: ".o_list_view .o_data_row:contains(Kettle is leaking) .o_list_record_selector input", run: "click" },
        { trigger: ".o_list_view .o_data_row:contains(The kettle leaks) .o_list_record_selector input", run: "click" },
        { trigger: ".o_cp_action_menus .dropdown-toggle:has(.fa-cog)", run: "click" },
        { trigger: ".o-dropdown--menu .o-dropdown-item:contains(/^(Merge|Fusionar)$/)", run: "click" },
        {
            content: "Of equal tickets, the oldest is the master",
            trigger: ".o_form_view .o_data_row:contains(The kettle leaks):has([name=is_master] input:checked)",
        },
    ];
}

registry.category("web_tour.tours").add("helpdesk_lite_merge", {
    url: "/odoo",
    steps: () => [
        ...chooseAndMerge(),
        {
            content: "Swap the master",
            trigger: ".o_data_row:contains(Kettle is leaking) button[name=action_set_master]",
            run: "click",
        },
        { trigger: ".o_data_row:contains(Kettle is leaking):has([name=is_master] input:checked)" },
        { trigger: ".o_data_row:contains(The kettle leaks) button[name=action_set_master]" },
        { trigger: "button[name=action_merge]", run: "click" },
        { trigger: ".modal .modal-footer .btn-primary", run: "click" },
        {
            content: "The master opens, and shows which tickets were merged into it",
            trigger: ".o_form_view:has([name=name] textarea:value(Kettle is leaking)) .o_merged_tickets",
        },
        { content: "Its messages are the master's", trigger: ".o-mail-Message:contains(Water everywhere):not(:has(.o_joined_ticket))" },
        {
            content: "The banner leads to the old ticket",
            trigger: ".o_merged_tickets button[name=action_open_merged_tickets]",
            run: "click",
        },
        {
            content: "And back",
            trigger: ".o_form_view:has([name=name] textarea:value(The kettle leaks)) .o_merged_into a:contains(Kettle is leaking)",
            run: "click",
        },
        { trigger: ".o_form_view:has([name=name] textarea:value(Kettle is leaking)) button[name=action_undo_merge]", run: "click" },
        { trigger: ".modal .modal-footer .btn-primary", run: "click" },
        { trigger: ".o_form_view:not(:has(.o_merged_tickets)):not(:has(button[name=action_undo_merge]))" },
        { trigger: ".o-mail-Message:contains(/was undone|Se ha deshecho/)" },
    ],
});

registry.category("web_tour.tours").add("helpdesk_lite_discard_duplicates", {
    url: "/odoo",
    steps: () => [
        ...chooseAndMerge(),
        { trigger: "button[name=action_discard]", run: "click" },
        { trigger: ".o_statusbar_status .o_arrow_button_current:contains(Discarded)" },
        {
            content: "The breadcrumb leads back to the list",
            trigger: ".o_breadcrumb .breadcrumb-item a:contains(All Tickets), .o_breadcrumb .o_back_button:contains(All Tickets)",
        },
        ...stepUtils.goToAppSteps("data_recycle.menu_data_cleaning_root", "Open the Data Cleaning app"),
        { trigger: ".o_searchview_facet:contains(To Review) .o_facet_remove", run: "click" },
        { trigger: ".o_searchview_dropdown_toggler", run: "click" },
        { trigger: ".o-dropdown--menu .o_menu_item:contains(Discarded)", run: "click" },
        { trigger: ".o_searchview_facet:contains(Discarded)" },
        { trigger: ".o_data_row:contains(The kettle leaks):contains(Discarded)" },
    ],
});

registry.category("web_tour.tours").add("helpdesk_lite_join", {
    url: "/odoo",
    steps: () => [
        ...chooseAndMerge(),
        { content: "The page says why", trigger: "[name=joined_text]:contains(/another customer|otro cliente/)" },
        {
            content: "Who would gain sight is named",
            trigger: ".o_data_row:contains(Kettle is leaking) [name=gains]:contains(hl_customer)",
        },
        { trigger: ".o_data_row:contains(Kettle is leaking) button[name=action_absorb]", run: "click" },
        {
            content: "And somebody has to confirm it",
            trigger: ".modal:contains(/on the portal|del portal/) .modal-footer .btn-primary",
            run: "click",
        },
        { trigger: "[name=absorbed_text]:contains(Kettle is leaking):contains(hl_customer)" },
        { content: "Or takes it back", trigger: ".o_data_row:contains(Kettle is leaking) button[name=action_absorb]", run: "click" },
        { trigger: "[name=joined_text]:contains(Kettle is leaking)" },
        { trigger: "button[name=action_merge]", run: "click" },
        { trigger: ".modal .modal-footer .btn-primary", run: "click" },
        {
            content: "The master's chatter shows the messages of the joined ticket, with its number",
            trigger: ".o-mail-Message:contains(Water everywhere) .o_joined_ticket a:contains(Kettle is leaking \\(#)",
        },
        { trigger: ".o-mail-Chatter-sendMessage", run: "click" },
        { content: "To the master's customer", trigger: ".o-mail-RecipientsInput:contains(hl_customer)" },
        {
            content: "Or to the other one, on their own ticket",
            trigger: ".o_answered_ticket select",
            run: ({ anchor }) => {
                anchor.selectedIndex = 1;
                anchor.dispatchEvent(new Event("change", { bubbles: true }));
            },
        },
        { trigger: ".o-mail-RecipientsInput:contains(Other Customer):not(:contains(hl_customer))" },
        { trigger: ".o-mail-Composer-input", run: "edit We are on it" },
        { trigger: ".o-mail-Composer-send:enabled", run: "click" },
        { trigger: ".o-mail-Message:contains(We are on it) .o_joined_ticket" },
        { trigger: "button[name=action_undo_merge]", run: "click" },
        { trigger: ".modal .modal-footer .btn-primary", run: "click" },
        { trigger: ".o_form_view:not(:has(.o_merged_tickets)):not(:has(button[name=action_undo_merge]))" },
        {
            content: "The chatter is the master's own again, without a reload of the page",
            trigger: ".o-mail-Chatter:not(:has(.o_joined_ticket))",
        },
    ],
});
