import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

// The same in English and in Spanish.
registry.category("web_tour.tours").add("helpdesk_lite_customer", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps("helpdesk_lite.menu_root", "Open the Helpdesk app"),
        { trigger: ".o_menu_sections button[data-menu-xmlid='helpdesk_lite.menu_tickets']", run: "click" },
        { trigger: ".dropdown-item[data-menu-xmlid='helpdesk_lite.menu_tickets_my']", run: "click" },
        { trigger: ".o_data_row:contains(The mail server is down) td[name=name]", run: "click" },
        {
            content: "What else the customer has asked is there without a click",
            trigger: ".o_helpdesk_lite_customer .o_helpdesk_lite_open:contains(My mail does not arrive):not(:contains(Secret))",
        },
        { content: "Who else works there", trigger: ".o_helpdesk_lite_colleagues a:contains(Tom Reed)" },
        { content: "Relate it to what came of it", trigger: ".o_helpdesk_lite_relate", run: "click" },
        { trigger: ".modal [name=role] input[data-value=part]", run: "click" },
        { trigger: ".modal [name=other_ids] input", run: "edit My mail does not arrive" },
        { trigger: ".o-autocomplete--dropdown-menu .dropdown-item:contains(My mail does not arrive)", run: "click" },
        { trigger: ".modal [name=other_ids] .o_tag:contains(My mail does not arrive)" },
        { trigger: ".modal button[name=action_relate]", run: "click" },
        {
            content: "None of its parts is done",
            trigger: "body:not(:has(.modal)) .o_helpdesk_lite_related:has([data-role=part] a:contains(My mail does not arrive)) .o_helpdesk_lite_progress:contains(0)",
        },
        { content: "Answer and close all parts", trigger: ".o_helpdesk_lite_answer_parts", run: "click" },
        { trigger: ".modal .o_data_row:contains(My mail does not arrive)" },
        { trigger: ".modal [name=body] .odoo-editor-editable", run: "editor It works again." },
        { trigger: ".modal button[name=action_send]", run: "click" },
        { trigger: ".modal button[name=action_close]", run: "click" },
        {
            content: "The part is done",
            trigger: "body:not(:has(.modal)) .o_helpdesk_lite_related:not(:has(.o_helpdesk_lite_answer_parts)) .o_helpdesk_lite_progress:contains(1)",
        },
        { trigger: ".o_helpdesk_lite_related [data-role=part] button", run: "click" },
        { trigger: ".o_helpdesk_lite_related:not(:has([data-role=part]))" },
        { content: "Fold the panel", trigger: ".o_helpdesk_lite_customer button[aria-expanded=true]", run: "click" },
        { trigger: ".o_breadcrumb .o_back_button", run: "click" },
        { trigger: ".o_data_row:contains(The mail server is down) td[name=name]", run: "click" },
        {
            content: "It stays folded",
            trigger: ".o_helpdesk_lite_customer:not(:has(.o_helpdesk_lite_open)) button[aria-expanded=false]",
            run: "click",
        },
        { trigger: ".o_helpdesk_lite_customer .o_helpdesk_lite_closed:contains(My mail does not arrive)" },
    ],
});
