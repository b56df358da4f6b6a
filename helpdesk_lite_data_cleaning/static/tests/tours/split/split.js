import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

// by its file: what came by e-mail is in a shadow tree, which no selector enters
const message = (text, rest = "") => `.o-mail-Message:contains(${text})${rest}`;

// The same in English and in Spanish.
registry.category("web_tour.tours").add("helpdesk_lite_split", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps("helpdesk_lite.menu_root", "Open the Helpdesk app"),
        { trigger: "button[data-menu-xmlid='helpdesk_lite.menu_tickets']", run: "click" },
        { trigger: ".dropdown-item[data-menu-xmlid='helpdesk_lite.menu_tickets_all']", run: "click" },
        { trigger: ".o_data_row:contains(Lamp and invoice) td[name=name]", run: "click" },
        { trigger: message("Whe.txt"), run: "hover" },
        // the menu of a message, which has its name in the language of the user
        { trigger: message("Whe.txt", " .o-mail-Message-actions button:has(.oi-ellipsis-v)"), run: "click" },
        { trigger: ".o-dropdown--menu [name=helpdesk-lite-split]", run: "click" },
        {
            content: "The message is chosen, the others are not",
            trigger:
                ".modal:has(.o_data_row:contains(The lamp is broken) [name=chosen] input:not(:checked)) .o_data_row:contains(Where is my invoice) [name=chosen] input:checked",
        },
        { trigger: ".modal [name=name] input", run: "edit An invoice" },
        { trigger: ".modal button[name=action_split]", run: "click" },
        {
            content: "The new ticket opens with the message",
            trigger: `.o_form_view:has([name=name] textarea:value(An invoice)) ${message("Whe.txt")}`,
        },
        {
            content: "And leads to the former one",
            trigger: ".o_helpdesk_lite_related [data-role=former] a:contains(Lamp and invoice)",
        },
        { trigger: "button[name=action_undo_split]", run: "click" },
        { trigger: ".modal .modal-footer .btn-primary", run: "click" },
        {
            content: "Everything is back",
            trigger: `.o_form_view:has([name=name] textarea:value(Lamp and invoice)):has(${message("The.txt")}) ${message("Whe.txt")}`,
        },
    ],
});
