import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

// words in English or Spanish, since users of both languages take these tours

registry.category("web_tour.tours").add("helpdesk_lite_sla_policy", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps("helpdesk_lite.menu_root", "Open the Helpdesk app"),
        { trigger: "[data-menu-xmlid='helpdesk_lite.menu_configuration']", run: "click" },
        { trigger: ".dropdown-item[data-menu-xmlid='helpdesk_lite.menu_sla']", run: "click" },
        { trigger: ".o_list_button_add", run: "click" },
        { trigger: "[name=name] input, [name=name] textarea", run: "edit Tour Promise" },
        {
            content: "A first response and a resolution are proposed",
            trigger: "[name=target_ids] tr.o_data_row:nth-child(2)",
        },
        { trigger: "[name=target_ids] tr.o_data_row:first td[name=hours_low]", run: "click" },
        { trigger: "[name=target_ids] tr.o_data_row:first td[name=hours_low] input", run: "edit 01:30" },
        { trigger: ".o_form_button_save", run: "click" },
        {
            content: "Tickets that are open keep what they had",
            trigger: ".alert button[name=action_preview]",
        },
        { trigger: "[name=target_ids] td[name=hours_low]:contains(01:30)" },
    ],
});

/** Let the clock of the browser stand where that of the server does. */
function stopTheClock(...moment) {
    return { trigger: "body", run: () => (luxon.Settings.now = () => Date.UTC(...moment)) };
}

registry.category("web_tour.tours").add("helpdesk_lite_sla_answer", {
    url: "/odoo",
    steps: () => [
        stopTheClock(2026, 2, 2, 9, 30),
        ...stepUtils.goToAppSteps("helpdesk_lite.menu_root", "Open the Helpdesk app"),
        { trigger: ".o_kanban_record:contains(Tour Care) button[name=action_open_tickets]", run: "click" },
        { trigger: ".o_kanban_record:contains(The lamp is dark) .o_helpdesk_lite_sla:contains(/left|Quedan/)" },
        { trigger: ".o_kanban_record:contains(The lamp is dark)", run: "click" },
        {
            content: "An hour and a half, of which half an hour is over",
            trigger: ".o_form_view .o_helpdesk_lite_sla:contains(/^1 h left|^Quedan 1 h$/)",
            run: "click",
        },
        {
            content: "The pop-up adds it up",
            trigger: ".modal table tr:contains(/Working time|Tiempo de trabajo/) td:contains(1 h 30 min)",
        },
        { trigger: ".modal footer .btn-primary", run: "click" },
        { trigger: ".o-mail-Chatter-sendMessage", run: "click" },
        { trigger: ".o-mail-Composer-input", run: "edit A new lamp is on its way." },
        { trigger: ".o-mail-Composer-send:enabled", run: "click" },
        { trigger: ".o-mail-Message:contains(A new lamp is on its way.)" },
        {
            content: "The answer is given, the solution waits for the customer, and nothing needs to be loaded again",
            trigger: ".o_form_view .o_helpdesk_lite_sla:contains(/SLA paused|SLA en pausa/)",
        },
    ],
});

registry.category("web_tour.tours").add("helpdesk_lite_sla_late", {
    url: "/odoo",
    steps: () => [
        stopTheClock(2026, 2, 9, 12, 0),
        ...stepUtils.goToAppSteps("helpdesk_lite.menu_root", "Open the Helpdesk app"),
        {
            content: "The dashboard counts it",
            trigger: ".o_kanban_record:contains(Tour Care) a.text-danger:contains(/Late|Vencidos/)",
            run: "click",
        },
        { trigger: ".o_searchview_facet:contains(/Late|Vencidos/)" },
        {
            trigger: ".o_kanban_record:contains(The lamp is dark):has(.o_helpdesk_lite_sla:contains(/Late: 1 h 30 min|Retraso: 1 h 30 min/))",
            run: "click",
        },
        {
            content: "The escalation has planned something",
            trigger: ".o_form_view .o-mail-Activity:contains(/SLA deadline|Vencimiento de SLA/)",
        },
        { trigger: ".o_form_view .o_helpdesk_lite_sla:contains(/Late|Retraso/)", run: "click" },
        { trigger: ".modal table tr:contains(/Paused until|En pausa hasta/)" },
        { trigger: ".modal footer .btn-primary", run: "click" },
        { trigger: "body:not(:has(.modal))" },
    ],
});
