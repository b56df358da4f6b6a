import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";

import { Component, onMounted, status, useState } from "@odoo/owl";
import { FigureSection } from "./figure_tile";

/** What is to be done now, above the teams of the dashboard. Only agents ask. */
export class NowStrip extends Component {
    static template = "helpdesk_lite.NowStrip";
    static components = { FigureSection };
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ figures: false });
        onMounted(() => this.load());
    }

    /** Afterwards, so that the teams do not wait for it. By then, the user may have gone on. */
    async load() {
        if ((await user.hasGroup("helpdesk_lite.group_user")) && status(this) !== "destroyed") {
            const { now } = await this.orm.silent.call("helpdesk_lite.overview", "get_overview", [{}, ["now"]]);
            this.state.figures = now;
        }
    }

    showAll() {
        return this.action.doAction("helpdesk_lite.overview_action");
    }
}
