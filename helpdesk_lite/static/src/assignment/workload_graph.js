import { Domain } from "@web/core/domain";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { GraphModel } from "@web/views/graph/graph_model";
import { graphView } from "@web/views/graph/graph_view";

/**
 * Shows two bars per member: open tickets and all tickets. The data are grouped by "closed". A click
 * on a bar opens its tickets. Labels include the members' time off, and members without tickets
 * have a bar of height 0.
 */
export class WorkloadGraphModel extends GraphModel {
    async _loadDataPoints(metaData) {
        const [points, currencies] = await super._loadDataPoints(metaData);
        const specs = metaData.groupBy.map((groupBy) => groupBy.spec).join();
        if (specs !== "user_id,is_closed" || metaData.measure !== "__count") {
            return [points, currencies];
        }
        await this.addMembers(points);
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
                count: both ? point.count + both.count : point.count,
                domain: both ? Domain.or([both.domain, point.domain]).toList() : point.domain,
            });
        }
        return [[...open.values(), ...total.values()], currencies];
    }

    /** Labels the points with their members' time off, and adds a point for each member without tickets. */
    async addMembers(points) {
        const teamId = this.searchParams.context.workload_team_id;
        if (!teamId) {
            return;
        }
        const members = await this.orm.call("helpdesk_lite.team", "get_workload_members", [teamId]);
        const byId = new Map(members.map((member) => [member.id, member]));
        for (const point of points) {
            const user = JSON.parse(point.identifier)[0].user_id;
            const member = user && byId.get(user[0]);
            if (member) {
                // replaces only the name, because Odoo appends a number to tell namesakes apart
                point.labels[0] = point.labels[0].replace(user[1], () => member.label);
                member.isShown = true;
            }
        }
        for (const { id, label, is_assignable, isShown } of members) {
            if (is_assignable && !isShown) {
                points.push({
                    // the chart skips points with a count of 0
                    count: null,
                    value: 0,
                    cumulatedStart: 0,
                    labels: [label, "false"],
                    identifier: JSON.stringify([{ user_id: [id, label] }, { is_closed: false }]),
                    domain: [["user_id", "=", id], ["is_closed", "=", false]],
                });
            }
        }
    }
}

registry.category("views").add("helpdesk_lite_workload_graph", {
    ...graphView,
    Model: WorkloadGraphModel,
});
