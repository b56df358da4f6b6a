import { Dialog } from "@web/core/dialog/dialog";
import { patch } from "@web/core/utils/patch";

import { useEffect } from "@odoo/owl";

// Odoo's dialogs have a role and no name, so a screen reader says "dialog" and nothing else. Named are all of them, because
// confirmations and composers that our screens open are Odoo's own. An attribute that is set afterwards, instead of a template
// that is extended, reaches the dialogs of actions too, whose template is a copy.
patch(Dialog.prototype, {
    setup() {
        super.setup();
        useEffect(
            (dialog, title) => {
                if (dialog && !dialog.hasAttribute("aria-labelledby")) {
                    dialog.setAttribute("aria-label", title);
                }
            },
            () => [this.modalRef.el, this.props.title]
        );
    },
});
