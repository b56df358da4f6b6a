import { loadBundle } from "@web/core/assets";
import { getColor } from "@web/core/colors/colors";
import { cookie } from "@web/core/browser/cookie";

import { Component, onWillStart, onWillUnmount, useEffect, useRef } from "@odoo/owl";
import { useFigureOpener } from "./figure_tile";

/** Bars and lines over the days of the period, with the charts that Odoo ships. A click opens the tickets of a bar. */
export class FigureChart extends Component {
    static template = "helpdesk_lite.FigureChart";
    static props = { chart: Object };

    setup() {
        this.canvas = useRef("canvas");
        this.open = useFigureOpener();
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => {
                this.draw();
                return () => this.destroy();
            },
            () => [this.props.chart]
        );
        onWillUnmount(() => this.destroy());
    }

    destroy() {
        this.chart?.destroy();
        this.chart = null;
    }

    draw() {
        const { labels, series } = this.props.chart;
        const scheme = cookie.get("color_scheme");
        const line = series.find((one) => one.type === "line");
        this.chart = new window.Chart(this.canvas.el, {
            data: {
                labels,
                datasets: series.map((one, index) => ({
                    type: one.type,
                    label: one.label,
                    data: one.figures.map((figure) => figure.value),
                    backgroundColor: getColor(index, scheme, "sm"),
                    borderColor: getColor(index, scheme, "sm"),
                    yAxisID: one.type === "line" ? "lines" : "y",
                    pointHitRadius: 12,
                    // lines in front of bars
                    order: one.type === "line" ? 0 : 1,
                })),
            },
            options: {
                animation: false,
                maintainAspectRatio: false,
                interaction: { mode: "nearest", intersect: true },
                onClick: (event, [element]) => element && this.openFigure(element.datasetIndex, element.index),
                onHover: (event, elements) => {
                    event.native.target.style.cursor = elements.length ? "pointer" : "";
                },
                plugins: { legend: { position: "bottom" } },
                scales: {
                    y: { beginAtZero: true, ticks: { precision: 0 } },
                    lines: {
                        beginAtZero: true,
                        display: Boolean(line),
                        position: "right",
                        grid: { display: false },
                        ticks: { precision: 0 },
                        title: { display: true, text: line?.label },
                    },
                },
            },
        });
    }

    openFigure(series, index) {
        const one = this.props.chart.series[series];
        return this.open(one.figures[index], `${one.label}: ${this.props.chart.labels[index]}`);
    }
}
