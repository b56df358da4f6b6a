import { _t } from "@web/core/l10n/translation";
import { formatInteger } from "@web/views/fields/formatters";
import { useService } from "@web/core/utils/hooks";

import { Component } from "@odoo/owl";

/** A figure in words, by its unit: a number, hours as hours and minutes, or percent. */
export function formatFigure(value, unit) {
    if (value === null || value === undefined || value === false) {
        return "–";
    }
    if (unit === "hours") {
        const minutes = Math.round(value * 60);
        return minutes < 60
            ? _t("%s min", minutes)
            : _t("%(hours)s h %(minutes)s min", { hours: formatInteger(Math.floor(minutes / 60)), minutes: minutes % 60 });
    }
    // nothing is complete by rounding
    return unit === "percent" ? _t("%s %", Math.floor(value)) : formatInteger(value);
}

/** Opens exactly the records that a figure is about; they are counted and listed by the same domain. */
export function useFigureOpener() {
    const action = useService("action");
    return (figure, name) =>
        action.doAction({
            type: "ir.actions.act_window",
            name: name || figure.label,
            res_model: figure.model,
            views: [
                [false, "list"],
                [false, "form"],
            ],
            domain: figure.domain,
            context: { active_test: false, create: false },
        });
}

/** One figure with its name, and the change since the period before. */
export class FigureTile extends Component {
    static template = "helpdesk_lite.FigureTile";
    static props = { figure: Object };

    setup() {
        this.open = useFigureOpener();
    }

    get text() {
        return formatFigure(this.props.figure.value, this.props.figure.unit);
    }

    get before() {
        return formatFigure(this.props.figure.before, this.props.figure.unit);
    }

    get hasBefore() {
        return "before" in this.props.figure;
    }

    openBefore() {
        const { figure } = this.props;
        return this.open({ ...figure, domain: figure.before_domain }, _t("%s: the period before", figure.label));
    }
}

/** Figures that belong together, in a row, with what is shown below them. */
export class FigureSection extends Component {
    static template = "helpdesk_lite.FigureSection";
    static components = { FigureTile };
    static props = { title: String, figures: Array, slots: { type: Object, optional: true } };
}
