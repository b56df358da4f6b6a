import { _t } from "@web/core/l10n/translation";
import { Dialog } from "@web/core/dialog/dialog";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { FloatTimeField, floatTimeField } from "@web/views/fields/float_time/float_time_field";

import { Component, onWillStart, onWillUnmount, useState } from "@odoo/owl";

const { DateTime } = luxon;
/** How often a countdown moves on, in milliseconds. */
const TICK = 20000;
/** Below this share of the promised time, the countdown is amber. */
const SOON = 0.25;

// white on Odoo's green is too faint to read
const COLORS = {
    running: "bg-success-subtle text-success-emphasis",
    soon: "text-bg-warning",
    late: "text-bg-danger",
    failed: "text-bg-danger",
    met: "bg-success-subtle text-success-emphasis",
    paused: "text-bg-secondary",
    dropped: "text-bg-secondary",
};

/**
 * Write working time in words that need no plural.
 *
 * @param {number} minutes
 */
export function formatWorkingTime(minutes) {
    const whole = Math.max(0, Math.floor(minutes));
    const hours = Math.floor(whole / 60);
    if (!hours) {
        return _t("%s min", whole);
    }
    return whole % 60 ? _t("%(hours)s h %(minutes)s min", { hours, minutes: whole % 60 }) : _t("%s h", hours);
}

/** Why a deadline is when it is: every promise on the ticket, day by day. */
export class SlaExplanation extends Component {
    static template = "helpdesk_lite.SlaExplanation";
    static components = { Dialog };
    static props = { ticketId: Number, close: Function };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ promises: [] });
        onWillStart(async () => {
            this.state.promises = await this.orm.call("helpdesk_lite.ticket", "get_sla_explanation", [
                this.props.ticketId,
            ]);
        });
    }

    format(minutes) {
        return formatWorkingTime(minutes);
    }

    getColor(state) {
        return COLORS[state] || COLORS.paused;
    }
}

/** A countdown in working time that goes on without asking the server. */
export class SlaField extends Component {
    static template = "helpdesk_lite.SlaField";
    static props = { ...standardFieldProps, explains: { type: Boolean, optional: true } };

    setup() {
        this.dialog = useService("dialog");
        this.state = useState({ now: this.readClock() });
        const timer = setInterval(() => (this.state.now = this.readClock()), TICK);
        onWillUnmount(() => clearInterval(timer));
    }

    readClock() {
        return DateTime.now().toMillis() / 60000;
    }

    get countdown() {
        return this.props.record.data[this.props.name];
    }

    /** The working minutes until the deadline; negative when it is over. */
    get left() {
        const { deadline, intervals, rest, late } = this.countdown;
        const now = this.state.now;
        if (now > deadline) {
            // working time of the past is not known here, except what the server has counted
            return -Math.max(late, intervals.length ? now - deadline : 0);
        }
        return intervals.reduce((sum, [start, end]) => sum + Math.max(0, end - Math.max(start, now)), rest);
    }

    get badge() {
        const countdown = this.countdown;
        if (!countdown) {
            return null;
        }
        if (countdown.deadline === undefined) {
            const texts = { met: _t("SLA met"), failed: _t("SLA missed"), paused: _t("SLA paused") };
            // without a deadline within two years, a clock that runs has nothing to count down
            return { text: texts[countdown.state] || _t("No deadline"), color: COLORS[countdown.state] };
        }
        if (this.state.now > countdown.deadline) {
            return { text: _t("Late: %s", formatWorkingTime(-this.left)), color: COLORS.late };
        }
        const soon = this.left < countdown.budget * SOON;
        return {
            text: _t("%s left", formatWorkingTime(this.left)),
            color: soon ? COLORS.soon : COLORS.running,
        };
    }

    get title() {
        const deadline = this.countdown && this.countdown.deadline;
        return deadline === undefined || !deadline
            ? ""
            : _t("Working time until %s", DateTime.fromMillis(deadline * 60000).toLocaleString(DateTime.DATETIME_MED));
    }

    explain() {
        this.dialog.add(SlaExplanation, { ticketId: this.props.record.resId });
    }
}

registry.category("fields").add("helpdesk_lite_sla", {
    component: SlaField,
    supportedTypes: ["json"],
    extractProps: ({ options }) => ({ explains: Boolean(options.explains) }),
});

/** Hours and minutes of a promise; where nothing is promised, nothing is shown. */
export class PromiseField extends FloatTimeField {
    get formattedValue() {
        return this.props.record.data[this.props.name] ? super.formattedValue : "";
    }
}

registry.category("fields").add("helpdesk_lite_promise", { ...floatTimeField, component: PromiseField });
