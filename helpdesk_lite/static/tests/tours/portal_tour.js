import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("helpdesk_lite_portal", {
    steps: () => [
        { trigger: "a[href='/my/helpdesk-tickets']:visible", run: "click", expectUnloadPage: true },
        { trigger: "td a:contains('Tour lamp')", run: "click", expectUnloadPage: true },
        { trigger: "#chatterRoot:shadow .o-mail-Message:contains('Did you turn it on?')" },
        { trigger: "#chatterRoot:shadow .o-mail-Composer-input", run: "edit Now it works" },
        { trigger: "#chatterRoot:shadow .o-mail-Composer-send:enabled", run: "click" },
        { trigger: "#chatterRoot:shadow .o-mail-Message:contains('Now it works')" },
        { trigger: ".o_helpdesk_lite_close button", run: "click", expectUnloadPage: true },
        { trigger: ".o_helpdesk_lite_ticket:not(:has(.o_helpdesk_lite_close)) section > p" },
    ],
});
