import { Domain } from "@web/core/domain";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { GraphModel } from "@web/views/graph/graph_model";
import { graphView } from "@web/views/graph/graph_view";

/**
 * Two bars per member: open tickets, and all of them. What is read is grouped by "closed";
 * a click on a bar opens its tickets.
 */
export class WorkloadGraphModel extends GraphModel {
    async _loadDataPoints(metaData) {
        const [points, currencies] = await super._loadDataPoints(metaData);
        const specs = metaData.groupBy.map((groupBy) => groupBy.spec).join();
        if (specs !== "user_id,is_closed" || metaData.measure !== "__count") {
            return [points, currencies];
        }
        const open = new Map();
        const total = new Map();
        for (const point of points) {
            const [member, isClosed] = point.labels;
            if (isClosed === "false") {
                open.set(member, { ...point, labels: [member, _t("Open")] });
            }
            const both = total.get(member);
            total.set(member, {
                ...point,
                labels: [member, _t("Total")],
                identifier: `${point.identifier} total`,
                value: point.value + (both?.value || 0),
                count: point.count + (both?.count || 0),
                domain: both ? Domain.or([both.domain, point.domain]).toList() : point.domain,
            });
        }
        return [[...open.values(), ...total.values()], currencies];
    }
}

registry.category("views").add("helpdesk_lite_workload_graph", {
    ...graphView,
    Model: WorkloadGraphModel,
});
