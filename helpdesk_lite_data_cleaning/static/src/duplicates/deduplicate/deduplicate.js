import { Component, onMounted, onWillUnmount, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

/** Runs a rule step by step. Closing the dialog pauses it; the daily job or the button continues from there. */
export class Deduplicate extends Component {
    static template = "helpdesk_lite_data_cleaning.Deduplicate";
    static props = { ...standardActionServiceProps, close: { type: Function, optional: true } };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.state = useState({ progress: 0, complete: false, groups: 0, failed: false });
        this.stopped = false;
        onMounted(() => this.run());
        onWillUnmount(() => {
            this.stopped = true;
        });
    }

    get found() {
        return _t("All tickets were compared. Groups to review: %s", this.state.groups);
    }

    async run() {
        try {
            while (!this.stopped && !this.state.complete) {
                Object.assign(
                    this.state,
                    await this.orm.silent.call("helpdesk_lite.merge.rule", "run_step", [[this.props.action.params.rule_id]])
                );
            }
        } catch (error) {
            this.state.failed = true;
            throw error;
        }
    }

    async openGroups() {
        const ids = [this.props.action.params.rule_id];
        await this.action.doAction(await this.orm.call("helpdesk_lite.merge.rule", "action_open_groups", [ids]), {
            clearBreadcrumbs: false,
        });
    }
}

registry.category("actions").add("helpdesk_lite_data_cleaning.deduplicate", Deduplicate);
