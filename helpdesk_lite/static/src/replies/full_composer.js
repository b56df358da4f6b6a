import { Component, markup } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { isHtmlEmpty } from "@web/core/utils/html";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { warnOfGaps } from "./prepared";
import { ReplyPicker } from "./reply_picker";
import { SendAnd } from "./send_and";

/** In the full composer: the button Replies, and what the chosen ones do with the ticket. */
export class StagedField extends Component {
    static template = "helpdesk_lite.StagedField";
    static props = { ...standardFieldProps };

    setup() {
        this.dialog = useService("dialog");
        this.notification = useService("notification");
    }

    get staged() {
        return this.props.record.data[this.props.name] || [];
    }

    get parts() {
        return this.staged.flatMap(({ id, name, parts, obstacles = [] }) =>
            [...parts, ...obstacles].map((part) => ({ ...part, id, name }))
        );
    }

    get ticketId() {
        const ids = JSON.parse(this.props.record.data.res_ids || "[]");
        return ids.length === 1 ? ids[0] : undefined;
    }

    onClickReplies() {
        this.dialog.add(ReplyPicker, {
            ticketId: this.ticketId,
            onPicked: (prepared) => this.insert(prepared),
        });
    }

    async insert(prepared) {
        const { record } = this.props;
        const { body } = record.data;
        // markup: the server has cleaned the text, and escaped what it put into it
        const text = markup(prepared.body);
        const staged = {
            id: prepared.id,
            name: prepared.name,
            parts: prepared.parts.filter((part) => !part.obstacle),
            obstacles: prepared.parts.filter((part) => part.obstacle),
        };
        await record.update({
            body: isHtmlEmpty(body) ? text : markup`${text}${body}`,
            [this.props.name]: [...this.staged.filter(({ id }) => id !== prepared.id), staged],
        });
        warnOfGaps(this.notification, prepared);
    }

    removePart(id, key) {
        const keep = (parts = []) => parts.filter((part) => part.key !== key);
        this.props.record.update({
            [this.props.name]: this.staged.map((staged) =>
                staged.id === id
                    ? { ...staged, parts: keep(staged.parts), obstacles: keep(staged.obstacles) }
                    : staged
            ),
        });
    }
}

registry.category("fields").add("helpdesk_lite_staged", {
    component: StagedField,
    supportedTypes: ["json"],
    fieldDependencies: [{ name: "res_ids", type: "text" }],
});

/** In the full composer: the menu beside the button Send. */
export class SendAndField extends Component {
    static template = "helpdesk_lite.SendAndField";
    static components = { SendAnd };
    static props = { ...standardFieldProps };

    /** The chatter knows what is possible with the ticket; another way into the composer offers nothing. */
    get then() {
        return this.props.record.context.helpdesk_then || [];
    }

    send(then) {
        const { record } = this.props;
        return this.env.onClickViewButton({
            clickParams: { type: "object", name: `action_send_and_${then}` },
            getResParams: () => ({
                context: record.context,
                evalContext: record.evalContext,
                resModel: record.resModel,
                resId: record.resId,
                resIds: record.resIds,
            }),
        });
    }
}

registry.category("fields").add("helpdesk_lite_send_and", {
    component: SendAndField,
    supportedTypes: ["selection"],
});
