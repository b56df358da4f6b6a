import { Chatter } from "@mail/chatter/web_portal/chatter";
import { patch } from "@web/core/utils/patch";
import { MODEL } from "./store_patch";

patch(Chatter.prototype, {
    get childSubEnv() {
        const env = super.childSubEnv;
        if (this.props.threadModel === MODEL && this.props.record) {
            env.inChatter.getNextId = () => this.getNextId();
            env.inChatter.openRecord = (resId) => this.openRecord(resId);
        }
        return env;
    },

    /** @returns {number|undefined} the next record of the list from which this one was opened */
    getNextId() {
        const { resId, resIds } = this.props.record;
        return resIds[resIds.indexOf(resId) + 1];
    },

    /** @param {number} resId */
    async openRecord(resId) {
        const { model, resIds } = this.props.record;
        await model.load({ resId, resIds });
    },
});
