import { registry } from "@web/core/registry";

// Odoo's own menu item: only the browser shows whether it can open the dialog that it gets
const archive = [
    {
        content: "The menu of the record",
        trigger: ".o_cp_action_menus .fa-cog",
        run: "click",
    },
    {
        trigger: ".o-dropdown--menu .o_menu_item:contains(Archive)",
        run: "click",
    },
    {
        content: "Odoo asks whether one is sure",
        trigger: ".modal-footer .btn-primary:contains(Archive)",
        run: "click",
    },
];

registry.category("web_tour.tours").add("helpdesk_lite_archive_user", {
    steps: () => [
        ...archive,
        {
            content: "The ticket that the user can see, and that there is another one",
            trigger: ".modal .o_data_row:contains(Tour lamp)",
        },
        {
            content: "Of one user, the assignee is known",
            trigger: ".modal .o_list_table:not(:has(th[data-name=user_id]))",
        },
        { trigger: ".modal .o_field_widget[name=hidden_count]:contains(1)" },
        {
            content: "Give it to nobody",
            trigger: ".modal .o_field_widget[name=ticket_action] .o_radio_item:contains(Unassign) input",
            run: "click",
        },
        {
            trigger: ".modal footer button[name=action_confirm]",
            run: "click",
        },
        {
            content: "The form is loaded again",
            trigger: "body:not(:has(.modal)) .o_widget_web_ribbon .ribbon:contains(Archived)",
        },
    ],
});

registry.category("web_tour.tours").add("helpdesk_lite_archive_team", {
    steps: () => [
        ...archive,
        {
            content: "Close the tickets",
            trigger: ".modal .o_field_widget[name=ticket_action] .o_radio_item:contains(Close) input",
            run: "click",
        },
        {
            content: "Another team gets the e-mails",
            trigger: ".modal .o_field_widget[name=mail_action] .o_radio_item:contains(Redirect) input",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=mail_team_id] input",
            run: "edit Team private",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(Team private)",
            run: "click",
        },
        {
            trigger: ".modal footer button[name=action_confirm]",
            run: "click",
        },
        {
            content: "The form is loaded again, with the choice",
            trigger: "body:not(:has(.modal)) .o_widget_web_ribbon .ribbon:contains(Archived)",
        },
        { trigger: ".o_field_widget[name=redirect_team_id] input:value(Team private)" },
    ],
});
