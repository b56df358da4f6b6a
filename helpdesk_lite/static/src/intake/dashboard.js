import { user } from "@web/core/user";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";

import { NowStrip } from "../figures/now_strip";
import { SetupChecklist } from "../setup/checklist";

import { Component, onMounted, status, useState } from "@odoo/owl";

/** What is wrong with incoming mail, above the teams of the dashboard. Only administrators of the helpdesk ask. */
export class MailAlarm extends Component {
    static template = "helpdesk_lite.MailAlarm";
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ alarm: false });
        onMounted(() => this.load());
    }

    /** Afterwards, so that the teams do not wait for it. By then, the user may have gone on. */
    async load() {
        if ((await user.hasGroup("helpdesk_lite.group_manager")) && status(this) !== "destroyed") {
            this.state.alarm = await this.orm.call("helpdesk_lite.mail", "get_alarm", []);
        }
    }

    showMails() {
        return this.action.doAction("helpdesk_lite.mail_action", {
            additionalContext: { search_default_failed: 1, search_default_received: 1 },
        });
    }

    showServers() {
        return this.action.doAction("mail.action_email_server_tree");
    }
}

export class DashboardRenderer extends KanbanRenderer {
    static template = "helpdesk_lite.DashboardRenderer";
    static components = { ...KanbanRenderer.components, MailAlarm, NowStrip, SetupChecklist };

    /** The cards count a ticket that has just come. */
    reload() {
        return this.props.list.model.load();
    }
}

registry.category("views").add("helpdesk_lite_dashboard", {
    ...kanbanView,
    Renderer: DashboardRenderer,
});
