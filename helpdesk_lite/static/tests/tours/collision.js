import { rpc } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";

const MODEL = "helpdesk_lite.ticket";

function call(model, method, args, kwargs = {}) {
    return rpc(`/web/dataset/call_kw/${model}/${method}`, { model, method, args, kwargs });
}

/** A colleague writes, and nobody tells this tab. */
async function cross(body) {
    const id = Number(document.location.pathname.match(/\/(\d+)$/)[1]);
    const [author] = await call("res.partner", "search", [[["name", "=", "Kim Colleague"]]]);
    await call(MODEL, "message_post", [[id]], {
        body,
        author_id: author,
        message_type: "comment",
        subtype_xmlid: "mail.mt_comment",
    });
}

const write = (text) => [
    { trigger: ".o-mail-Chatter-sendMessage:enabled", run: "click" },
    { trigger: ".o-mail-Composer-input", run: `edit ${text}` },
];
const send = { trigger: ".o-mail-Composer-send:enabled", run: "click" };
const shows = (arrived, yours) => [
    { trigger: `.o_helpdesk_lite_crossing .o_helpdesk_lite_arrived:contains(${arrived})` },
    { trigger: `.o_helpdesk_lite_crossing .o_helpdesk_lite_yours:contains(${yours})` },
];

// language-independent: run in English and Spanish
registry.category("web_tour.tours").add("helpdesk_lite_collision", {
    steps: () => [
        { trigger: ".o-mail-Message:contains(Where is the kettle)" },
        ...write("First answer"),
        { trigger: ".o-mail-Composer-input:value(First answer)", run: () => cross("Kim was faster") },
        send,
        ...shows("Kim was faster", "First answer"),
        { content: "The text is still there", trigger: ".o_helpdesk_lite_crossing .o_edit", run: "click" },
        { trigger: "body:not(:has(.modal)) .o-mail-Composer-input:value(First answer)", run: () => cross("Kim again") },
        send,
        ...shows("Kim again", "First answer"),
        { trigger: ".o_helpdesk_lite_crossing .o_send_anyway", run: "click" },
        { trigger: "body:not(:has(.modal)) .o-mail-Message:contains(First answer)" },
        ...write("Second answer"),
        { trigger: ".o-mail-Composer-input:value(Second answer)", run: () => cross("Kim a third time") },
        send,
        ...shows("Kim a third time", "Second answer"),
        { trigger: ".o_helpdesk_lite_crossing .o_keep_as_note", run: "click" },
        { trigger: "body:not(:has(.modal)) .o-mail-Message:contains(Second answer)" },
        ...write("Third answer"),
        { trigger: "button[name=open-full-composer]", run: "click" },
        {
            trigger: ".o_mail_composer_form_view .odoo-editor-editable:contains(Third answer)",
            run: () => cross("Kim before the letter"),
        },
        { trigger: ".modal button[name=action_send_mail]", run: "click" },
        ...shows("Kim before the letter", "Third answer"),
        { trigger: ".o_helpdesk_lite_crossing .o_send_anyway", run: "click" },
        { trigger: "body:not(:has(.modal)) .o-mail-Message:contains(Third answer)" },
    ],
});
