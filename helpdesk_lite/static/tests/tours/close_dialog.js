import { registry } from "@web/core/registry";

// Texts of Odoo and of the addon are those of a language, so the steps know none of them.
const chooseSolved = [
    {
        // the bar begins at the end: the last stage is for what was canceled
        content: "The stages in which tickets are closed stand in the bar",
        trigger: ".o_statusbar_status [role=radio]:eq(1)",
        run: "click",
    },
    { trigger: ".modal .o_field_widget[name=close_reason_id].o_required_modifier" },
];const fillIn = [
    {
        trigger: ".modal .o_field_widget[name=close_reason_id] input",
        run: "click",
    },
    {
        trigger: ".o_select_menu_item:contains(Tour reason)",
        run: "click",
    },
    {
        content: "This reason wants an explanation",
        trigger: ".modal .o_field_widget[name=note].o_required_modifier textarea",
        run: "edit They never wrote back.",
    },
    {
        trigger: ".modal footer button[name=action_move]",
        run: "click",
    },
    { trigger: "body:not(:has(.modal))" },
];

registry.category("web_tour.tours").add("helpdesk_lite_close_dialog", {
    steps: () => [
        ...chooseSolved,
        {
            content: "Nothing else is missing",
            trigger: ".modal:not(:has(.o_field_widget[name=user_id])):not(:has(.o_field_widget[name=type_id]))",
        },
        {
            content: "Rather not",
            trigger: ".modal footer .btn-secondary",
            run: "click",
        },
        {
            content: "The ticket is where it was, and nothing waits to be saved",
            trigger:
                "body:not(:has(.modal)) .o_form_view:has(.o_form_status_indicator_buttons.invisible)" +
                " .o_statusbar_status:not(:has(.dropdown-toggle + .o_arrow_button_current)) .o_arrow_button_current",
        },
        ...chooseSolved,
        ...fillIn,
        { trigger: ".o_field_widget[name=close_reason_id] input:value(Tour reason)" },
        { trigger: ".o-mail-Message:contains(They never wrote back.)" },
    ],
});

registry.category("web_tour.tours").add("helpdesk_lite_close_by_dragging", {
    steps: () => [
        {
            trigger: ".o_kanban_record:contains(Tour Care)",
            run: "click",
        },
        {
            trigger: ".o_kanban_group:not(.o_column_folded) .o_kanban_record:contains(The kettle leaks)",
            run: "drag_and_drop .o_kanban_group.o_column_folded:first",
        },
        ...fillIn,
        { trigger: ".o_kanban_group.o_column_folded:first:contains((1))" },
    ],
});
