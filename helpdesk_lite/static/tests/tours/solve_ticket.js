import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

registry.category("web_tour.tours").add("helpdesk_lite_solve_ticket", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps("helpdesk_lite.menu_root", "Open the Helpdesk app"),
        {
            content: "Open what nobody has taken yet",
            trigger: ".o_kanban_record:contains(Tour Care) [name=figures] a:nth-child(2)",
            run: "click",
        },
        {
            content: "Filtered by open and unassigned",
            trigger: ".o_searchview:has(.o_searchview_facet + .o_searchview_facet)",
        },
        {
            content: "Open the ticket",
            trigger: ".o_kanban_record:contains(The kettle leaks)",
            run: "click",
        },
        {
            trigger: "button[name=action_assign_to_me]",
            run: "click",
        },
        {
            content: "It is assigned, so nobody needs to take it",
            trigger: ".o_form_view:not(:has(button[name=action_assign_to_me])) [name=user_id] input:value(Tour Agent)",
        },
        {
            trigger: ".o-mail-Chatter-sendMessage",
            run: "click",
        },
        {
            trigger: ".o-mail-Composer-input",
            run: "edit A new kettle is on its way.",
        },
        {
            trigger: ".o-mail-Composer-send:enabled",
            run: "click",
        },
        { trigger: ".o-mail-Message:contains(A new kettle is on its way.)" },
        {
            trigger: "button[name=action_close]",
            run: "click",
        },
        {
            // leaving earlier would drop it: the form reloads after the answer, and the change waits for that
            content: "It is solved",
            trigger: ".o_form_view:not(:has(button[name=action_close]))",
        },
        {
            content: "Back to the pipeline",
            trigger: ".o_breadcrumb .o_back_button",
            run: "click",
        },
        {
            trigger: ".o_searchview_facet + .o_searchview_facet .o_facet_remove",
            run: "click",
        },
        {
            trigger: ".o_searchview:not(:has(.o_searchview_facet + .o_searchview_facet)) .o_searchview_facet .o_facet_remove",
            run: "click",
        },
        { trigger: ".o_kanban_group.o_column_folded:contains((1))" },
    ],
});
