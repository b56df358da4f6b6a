import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const open = () => [
    ...stepUtils.goToAppSteps("helpdesk_lite.menu_root", "Open the Helpdesk app"),
    { trigger: "[data-menu-xmlid='helpdesk_lite.menu_reporting']", run: "click" },
    { trigger: ".dropdown-item[data-menu-xmlid='helpdesk_lite.menu_figures']", run: "click" },
];
const back = () => [{ trigger: ".o_breadcrumb .o_back_button", run: "click" }];

registry.category("web_tour.tours").add("helpdesk_lite_figures", {
    url: "/odoo",
    steps: () => [
        ...open(),
        { trigger: "select[name=team]", run: "selectByLabel Tour Care" },
        {
            content: "Three tickets are open, and a click shows them",
            trigger: "[data-figure=open] .h3:contains(/^3$/)",
            run: "click",
        },
        { trigger: ".o_list_view .o_data_row:eq(2)" },
        ...back(),
        {
            content: "The team is still chosen",
            trigger: "[data-figure=unassigned] .h3:contains(/^2$/)",
            run: "click",
        },
        { trigger: ".o_list_view .o_data_row:eq(1)" },
        ...back(),
        { trigger: ".o_helpdesk_lite_chart canvas" },
        { trigger: "select[name=period]", run: "select year" },
        { trigger: "[data-figure=new] .h3:contains(/^4$/)", run: "click" },
        { trigger: ".o_list_view .o_data_row:eq(3)" },
        ...back(),
        { trigger: ".o_helpdesk_lite_heat" },
        { trigger: "[data-person] [data-figure=people_open]:contains(/^1$/)", run: "click" },
        { trigger: ".o_list_view .o_data_row" },
    ],
});
