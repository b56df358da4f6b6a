import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

/** Steps of a job, which takes at most so many clicks. */
function inClicks(most, steps) {
    const clicks = steps.filter(({ run }) => /click/.test(run ?? "")).length;
    if (clicks > most) {
        throw new Error(`${clicks} clicks, at most ${most} were promised`);
    }
    return steps;
}

function openTicket(name) {
    return [
        ...stepUtils.goToAppSteps("helpdesk_lite.menu_root", "Open the Helpdesk app"),
        {
            content: "Open what nobody has taken yet",
            trigger: ".o_kanban_record:contains(Tour Care) [name=figures] a:nth-child(2)",
            run: "click",
        },
        { trigger: ".o_searchview:has(.o_searchview_facet + .o_searchview_facet)" },
        { trigger: `.o_kanban_record:contains(${name})`, run: "click" },
        { trigger: ".o_form_view .o-mail-Chatter-sendMessage:enabled" },
    ];
}

// language-independent: run in English and Spanish
registry.category("web_tour.tours").add("helpdesk_lite_replies", {
    url: "/odoo",
    steps: () => [
        ...openTicket("The kettle leaks"),
        // answer from a reply, which solves the ticket
        ...inClicks(3, [
            { trigger: ".o-mail-Chatter-sendMessage", run: "click" },
            { trigger: ".o-mail-Composer-input", run: "edit ::ket" },
            { trigger: ".o-mail-Composer-suggestion:contains(ket)", run: "click" },
            { trigger: ".o-mail-Composer-html b:contains(Zoe), .o-mail-Composer-html strong:contains(Zoe)" },
            { trigger: ".o_staged_part" },
            { trigger: ".o-mail-Composer-send:enabled", run: "click" },
        ]),
        { trigger: ".o-mail-Message:contains(Zoe)" },
        {
            content: "It was solved in the same step",
            trigger: ".o_form_view:not(:has(button[name=action_close]))",
        },
        // the full composer, with the button
        { trigger: "button[name=action_reopen]", run: "click" },
        { trigger: "button[name=action_close]" },
        { trigger: ".o-mail-Chatter-sendMessage", run: "click" },
        { trigger: "button[name=open-full-composer]", run: "click" },
        { trigger: ".o_mail_composer_form_view .o_full_replies", run: "click" },
        { trigger: ".o_reply_search", run: "edit second" },
        { trigger: ".o_reply_option.active:contains(second)" },
        { trigger: ".o_reply_preview .o_reply_body:contains(Zoe)" },
        { trigger: ".o_reply_insert:enabled", run: "click" },
        { trigger: ".o_mail_composer_form_view .odoo-editor-editable:contains(Zoe)" },
        { trigger: ".o_mail_composer_form_view .o_staged_part" },
        { trigger: ".modal .o_send_and:enabled", run: "click" },
        { trigger: ".o-dropdown--menu .o_send_and_solve", run: "click" },
        { trigger: "body:not(:has(.modal)) .o-mail-Message:contains(second)" },
        { trigger: ".o_form_view:not(:has(button[name=action_close]))" },
    ],
});

registry.category("web_tour.tours").add("helpdesk_lite_few_clicks", {
    url: "/odoo",
    steps: () => [
        ...openTicket("The toaster burns"),
        ...inClicks(1, [
            { trigger: "button[name=action_assign_to_me]", run: "click" },
            { trigger: ".o_form_view:not(:has(button[name=action_assign_to_me]))" },
        ]),
        // answer and close
        ...inClicks(3, [
            { trigger: ".o-mail-Chatter-sendMessage", run: "click" },
            { trigger: ".o-mail-Composer-input", run: "edit A new toaster is on its way." },
            { trigger: ".o-mail-Composer .o_send_and:enabled", run: "click" },
            { trigger: ".o-dropdown--menu .o_send_and_solve", run: "click" },
            { trigger: ".o-mail-Message:contains(A new toaster is on its way.)" },
            { trigger: ".o_form_view:not(:has(button[name=action_close]))" },
        ]),
        {
            content: "The closed stages stand in the bar",
            trigger: ".o_statusbar_status .o_arrow_button_current:visible",
        },
        // the keys
        { trigger: ".o_form_view .oe_title", run: "press ?" },
        { trigger: ".o_helpdesk_lite_shortcuts kbd:contains(::)" },
        { trigger: ".o_helpdesk_lite_shortcuts footer .btn-primary", run: "click" },
        { trigger: ".o_breadcrumb .o_back_button", run: "click" },
        // on a card
        ...inClicks(1, [
            { trigger: ".o_kanban_record:contains(A fourth one) .o_solve", run: "click" },
            { trigger: "body:not(:has(.o_kanban_record:contains(A fourth one)))" },
        ]),
        { trigger: ".o_switch_view.o_list", run: "click" },
        // close three from the list
        ...inClicks(5, [
            { trigger: ".o_list_view thead .o_list_record_selector input", run: "click" },
            { trigger: ".o_control_panel button[name=action_close]", run: "click" },
            { trigger: ".o_list_view:not(:has(.o_data_row:contains(No heat)))" },
        ]),
    ],
});
