import { Component, onWillDestroy, useEffect, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** The tickets that have to do with the one on the form, and how many of its parts are done. Asked for after the form is there. */
export class RelatedTickets extends Component {
    static template = "helpdesk_lite.RelatedTickets";
    static props = standardWidgetProps;

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ related: null });
        this.alive = true;
        onWillDestroy(() => (this.alive = false));
        useEffect(
            () => {
                this.load();
            },
            () => [this.props.record.resId, this.props.record.data.is_closed]
        );
    }

    get progress() {
        const { done, parts } = this.state.related;
        return _t("%(done)s of %(parts)s done", { done, parts });
    }

    get percent() {
        const { done, parts } = this.state.related;
        return Math.round((100 * done) / parts);
    }

    async load() {
        const { resModel, resId } = this.props.record;
        if (!resId) {
            this.state.related = null;
            return;
        }
        const related = await this.orm.silent.call(resModel, "get_related_tickets", [resId]);
        // the user may have gone on to another ticket meanwhile
        if (this.alive && this.props.record.resId === resId) {
            this.state.related = related;
        }
    }

    openTicket(id) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: this.props.record.resModel,
            res_id: id,
            views: [[false, "form"]],
        });
    }

    async run(method) {
        const { resModel, resId } = this.props.record;
        if (await this.props.record.save()) {
            const action = await this.orm.call(resModel, method, [resId]);
            await this.action.doAction(action, { onClose: () => this.load() });
        }
    }

    async remove(relationId) {
        const { resModel, resId } = this.props.record;
        await this.orm.call(resModel, "unrelate", [[resId], relationId]);
        await this.load();
    }
}

registry.category("view_widgets").add("helpdesk_lite_relations", {
    component: RelatedTickets,
    fieldDependencies: [{ name: "is_closed", type: "boolean" }],
});
