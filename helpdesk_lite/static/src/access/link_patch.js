import { Store } from "@mail/core/common/store_service";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { patch } from "@web/core/utils/patch";

/** Models whose links in messages are seen by people who cannot see the record. Bridges add theirs. */
export const linkedModels = registry.category("helpdesk_lite.linked_models");
linkedModels.add("helpdesk_lite.ticket", {});

patch(Store.prototype, {
    handleClickOnLink(ev, thread) {
        const { oeModel: model, oeId } = ev.target.closest("a")?.dataset ?? {};
        if (!model || !Number(oeId) || !linkedModels.contains(model)) {
            return super.handleClickOnLink(...arguments);
        }
        ev.preventDefault();
        this.openLinkedRecord(model, Number(oeId), thread);
        return true;
    },

    /** Says in a sentence that there is nothing to see. Odoo opens the form, which answers with an Access Error. */
    async openLinkedRecord(model, id, thread) {
        const { action, notification, orm } = this.env.services;
        if (!(await orm.call(model, "has_access", [[id], "read"]))) {
            notification.add(_t("You do not have access to what this link leads to."), { type: "info" });
            return;
        }
        await action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            views: [[false, "form"]],
            res_id: id,
        });
        this.onLinkFollowed(thread);
    },
});
