import { Chatter } from "@mail/chatter/web_portal/chatter";
import { Composer } from "@mail/core/common/composer_model";
import { Store } from "@mail/core/common/store_service";
import { Thread } from "@mail/core/common/thread_model";
import { useEffect } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { useBus } from "@web/core/utils/hooks";
import { patch } from "@web/core/utils/patch";
import { MODEL } from "../replies/store_patch";

// How long a message that comes while somebody types has to stand on the screen until they have seen it, in milliseconds.
// Without it, one that comes with the click on Send would be taken for read.
const GLANCE = 1000;

patch(Thread.prototype, {
    setup() {
        super.setup(...arguments);
        /** @type {number} up to which message the conversation was shown long enough to be seen */
        this.helpdesk_shown = 0;
    },
});

patch(Composer.prototype, {
    setup() {
        super.setup(...arguments);
        /** @type {number} up to which message the ticket was shown in a dialog */
        this.helpdeskSeen = 0;
        /** @type {string|null|undefined} the draft as the server has it, null if that is uncertain, undefined until it was asked */
        this.helpdeskDraft = undefined;
        /** ends when the server has what was sent so far */
        this.helpdeskSaved = Promise.resolve();
    },

    clear() {
        super.clear();
        this.helpdeskSeen = 0;
    },
});

patch(Chatter.prototype, {
    setup() {
        super.setup(...arguments);
        useEffect(
            (thread, newest) => {
                if (thread?.model !== MODEL || !newest) {
                    return;
                }
                if (!thread.composer?.composerText.trim()) {
                    thread.helpdesk_shown = newest;
                    return;
                }
                let timer;
                const look = () => {
                    browser.clearTimeout(timer);
                    if (document.visibilityState === "visible") {
                        timer = browser.setTimeout(() => {
                            thread.helpdesk_shown = newest;
                        }, GLANCE);
                    }
                };
                look();
                document.addEventListener("visibilitychange", look);
                return () => {
                    browser.clearTimeout(timer);
                    document.removeEventListener("visibilitychange", look);
                };
            },
            () => [this.state.thread, this.state.thread?.newestPersistentMessage?.id]
        );
        useBus(this.env.bus, "HELPDESK_LITE:WRITE", ({ detail }) => {
            const { thread } = this.state;
            if (thread?.model === MODEL && thread.id === detail.ticketId) {
                this.toggleComposer("message", { force: true });
            }
        });
    },
});

patch(Store.prototype, {
    async getMessagePostParams({ postData, thread }) {
        const params = await super.getMessagePostParams(...arguments);
        if (thread.model === MODEL && !postData.isNote && postData.helpdeskSeen !== undefined) {
            params.post_data.seen_message_id = postData.helpdeskSeen;
        }
        return params;
    },
});
