import { deserializeDate, formatDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

import { Component, onWillStart, useState } from "@odoo/owl";
import { FigureChart } from "./figure_chart";
import { FigureSection, formatFigure, useFigureOpener } from "./figure_tile";

const PERIODS = {
    week: _t("Last 7 Days"),
    month: _t("Last 30 Days"),
    quarter: _t("Last 3 Months"),
    year: _t("Last 12 Months"),
    custom: _t("Custom Period"),
};

/** All figures of the helpdesk on one page: each opens the tickets that it counts. */
export class Overview extends Component {
    static template = "helpdesk_lite.Overview";
    static components = { Layout, FigureChart, FigureSection };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.openFigure = useFigureOpener();
        this.keepLast = new KeepLast();
        this.periods = PERIODS;
        this.formatFigure = formatFigure;
        // kept while the user looks at tickets and comes back
        this.filters = useState({ period: "month", first: false, last: false, team_ids: [], type_ids: [], channel: false, ...this.props.state?.filters });
        this.state = useState({ data: null });
        useSetupAction({ getLocalState: () => ({ filters: { ...this.filters } }) });
        onWillStart(() => this.load());
    }

    async load() {
        const filters = { ...this.filters, team_ids: [...this.filters.team_ids], type_ids: [...this.filters.type_ids] };
        this.state.data = await this.keepLast.add(this.orm.call("helpdesk_lite.overview", "get_overview", [filters]));
    }

    choose(name, event) {
        const { value } = event.target;
        if (name.endsWith("_ids")) {
            this.filters[name] = value ? [parseInt(value)] : [];
        } else {
            this.filters[name] = value || false;
        }
        if (name === "period" && value === "custom") {
            Object.assign(this.filters, this.state.data.period);
        }
        return this.load();
    }

    print() {
        window.print();
    }

    /** Of which days and tickets the figures are, for paper. */
    get summary() {
        const { options, period } = this.state.data;
        const { channel, team_ids, type_ids } = this.filters;
        const chosen = { team_ids, type_ids, channel: channel ? [channel] : [] };
        const names = Object.keys(chosen).flatMap((name) => options[name].filter((option) => chosen[name].includes(option.id)).map((option) => option.name));
        const days = [period.first, period.last].map((day) => formatDate(deserializeDate(day)));
        return [days.join(" – "), ...names].join(", ");
    }

    /** How dark a cell of the heat map is, from 0 to 1. */
    getShade(figure) {
        return this.state.data.arrival.most ? figure.value / this.state.data.arrival.most : 0;
    }
}

registry.category("actions").add("helpdesk_lite.overview", Overview);
