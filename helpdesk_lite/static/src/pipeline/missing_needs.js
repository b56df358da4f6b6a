import { registry } from "@web/core/registry";
import { UncaughtPromiseError } from "@web/core/errors/error_service";
import { patch } from "@web/core/utils/patch";
import { RPCError } from "@web/core/network/rpc";
import { StatusBarField } from "@web/views/fields/statusbar/statusbar_field";

const NAME = "odoo.addons.helpdesk_lite.models.pipeline.ticket_needs.MissingNeeds";

function isMissingNeeds(error) {
    return error instanceof RPCError && error.exceptionName === NAME;
}

// What is missing is asked for at once, and not after a warning with a button.
function askForNeeds(env, error, originalError) {
    if (!(error instanceof UncaughtPromiseError) || !isMissingNeeds(originalError)) {
        return false;
    }
    error.unhandledRejectionEvent.preventDefault();
    env.services.action.doAction(originalError.data.arguments[1]);
    return true;
}

registry.category("error_handlers").add("helpdesk_lite.missing_needs", askForNeeds, { sequence: 90 });

// A stage that was refused does not stay in the bar, as a change that nobody can save.
patch(StatusBarField.prototype, {
    async selectItem(item) {
        const { name, record } = this.props;
        const former = record.data[name];
        const dirty = await record.isDirty();
        try {
            await super.selectItem(item);
        } catch (error) {
            if (isMissingNeeds(error)) {
                await (dirty ? record.update({ [name]: former }) : record.discard());
            }
            throw error;
        }
    },
});
