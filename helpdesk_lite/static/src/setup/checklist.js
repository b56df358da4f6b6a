import { Component, onMounted, onWillUnmount, status, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";

// while a test runs, milliseconds; it ends by itself after five minutes
const OFTEN = 3000;
const TRIES = 100;

/** What a new helpdesk still needs, above the teams of the dashboard. Only administrators of the helpdesk ask. */
export class SetupChecklist extends Component {
    static template = "helpdesk_lite.SetupChecklist";
    static props = { onArrival: Function };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ checklist: false, test: "", arrival: {}, hidden: user.settings?.helpdesk_lite_setup_hidden });
        onMounted(() => this.load());
        onWillUnmount(() => clearTimeout(this.timer));
    }

    /** Afterwards, so that the teams do not wait for it. By then, the user may have gone on. */
    async load() {
        if (!this.state.hidden && (await user.hasGroup("helpdesk_lite.group_manager")) && status(this) !== "destroyed") {
            const checklist = await this.orm.call("helpdesk_lite.setup", "get_checklist", []);
            // what a test has completed stays until the page is left, with the result of the test
            this.state.checklist = checklist || (this.state.test && this.complete());
        }
    }

    complete() {
        const { steps, teams } = this.state.checklist;
        return { steps: steps.map((step) => ({ ...step, done: true })), teams };
    }

    get addresses() {
        return this.state.checklist.teams.map((team) => team.address).filter(Boolean);
    }

    nameState(step) {
        return step.done ? _t("Done") : _t("Missing");
    }

    open(action) {
        return this.action.doAction(action);
    }

    openTicket() {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "helpdesk_lite.ticket",
            res_id: this.state.arrival.ticket_id,
            views: [[false, "form"]],
        });
    }

    async hide() {
        this.state.hidden = true;
        await user.setUserSettings("helpdesk_lite_setup_hidden", true);
    }

    /** Watches what arrives from now on. */
    async startTest() {
        this.state.test = "waiting";
        this.state.arrival = {};
        const { last } = await this.orm.silent.call("helpdesk_lite.setup", "get_arrival", []);
        this.watch(last, TRIES);
    }

    watch(since, left) {
        this.timer = setTimeout(async () => {
            const arrival = await this.orm.silent.call("helpdesk_lite.setup", "get_arrival", [since]);
            if (status(this) === "destroyed") {
                return;
            }
            if (arrival.text) {
                Object.assign(this.state, { test: "arrived", arrival });
                await Promise.all([this.load(), this.props.onArrival()]);
            } else if (left > 1) {
                this.watch(since, left - 1);
            } else {
                this.state.test = "late";
            }
        }, OFTEN);
    }
}
