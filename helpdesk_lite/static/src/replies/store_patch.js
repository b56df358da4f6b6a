import { Composer } from "@mail/core/common/composer_model";
import { Store } from "@mail/core/common/store_service";
import { Thread } from "@mail/core/common/thread_model";
import { patch } from "@web/core/utils/patch";

export const MODEL = "helpdesk_lite.ticket";

patch(Thread.prototype, {
    setup() {
        super.setup(...arguments);
        /** @type {boolean} whether the user can use replies on this ticket */
        this.helpdesk_replies = false;
        /** @type {string[]} what can be done together with an answer: "solve", "wait" */
        this.helpdesk_then = [];
    },
});

patch(Composer.prototype, {
    setup() {
        super.setup(...arguments);
        /** @type {{id: number, name: string, parts: {key: string, label: string}[]}[]} what is sent together with the message */
        this.helpdeskStaged = [];
        /** @type {boolean} whether the text has formats, which the plain composer cannot show */
        this.helpdeskRich = false;
    },

    clear() {
        super.clear();
        this.helpdeskStaged = [];
        this.helpdeskRich = false;
    },
});

patch(Store.prototype, {
    async getMessagePostParams({ postData, thread }) {
        const params = await super.getMessagePostParams(...arguments);
        if (thread.model === MODEL) {
            if (postData.helpdeskStaged?.length) {
                params.post_data.staged_replies = postData.helpdeskStaged.map(({ id, parts }) => [
                    id,
                    parts.map(({ key }) => key),
                ]);
            }
            if (postData.helpdeskThen) {
                params.post_data.then = postData.helpdeskThen;
            }
        }
        return params;
    },
});
