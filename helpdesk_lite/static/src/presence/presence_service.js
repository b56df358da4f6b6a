import { reactive } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { MODEL } from "../replies/store_patch";

// Signs of life, in milliseconds. The server takes somebody to be there a little longer than after two of them, see presence.py.
export const INTERVAL = 15000;
// what comes at once is asked once
const PAUSE = 50;
// of this browser tab
const TAB = Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) =>
    byte.toString(16).padStart(2, "0")
).join("");

const channelOf = (id) => `${MODEL}_${id}`;

/**
 * Who else has which ticket open. Cards and rows watch tickets, a form opens one.
 *
 * The bus says that something happened on a ticket, and the server is asked what. A tab in the background neither listens nor
 * gives signs, so a hundred tabs cost nothing.
 */
export const presenceService = {
    dependencies: ["bus_service", "orm"],

    start(env, { bus_service: bus, orm }) {
        /** ids of tickets to how many cards, rows and forms show them */
        const watched = new Map();
        /** what listens now */
        const channels = new Set();
        /** ids of tickets to their forms in this tab, each with its callbacks */
        const opened = new Map();
        const asked = new Set();
        /** @type {Object<number, {id: number, name: string, writing: boolean}[]>} */
        const people = reactive({});
        let timer, askTimer;

        const isVisible = () => document.visibilityState === "visible";

        function listen() {
            const wanted = new Set(isVisible() ? watched.keys() : []);
            for (const id of channels) {
                if (!wanted.has(id)) {
                    channels.delete(id);
                    bus.deleteChannel(channelOf(id));
                }
            }
            for (const id of wanted) {
                if (!channels.has(id)) {
                    channels.add(id);
                    bus.addChannel(channelOf(id));
                }
            }
        }

        function ask(ids) {
            for (const id of ids) {
                asked.add(id);
            }
            if (asked.size && !askTimer) {
                askTimer = browser.setTimeout(askNow, PAUSE);
            }
        }

        async function askNow() {
            askTimer = undefined;
            const ids = [...asked];
            asked.clear();
            let found;
            try {
                found = await orm.silent.call(MODEL, "get_presences", [ids]);
            } catch {
                // who is there is a courtesy: without a connection nothing is said
                found = {};
            }
            for (const id of ids) {
                show(id, found[id] ?? []);
            }
        }

        function show(id, list) {
            if (watched.has(id) && JSON.stringify(people[id] ?? []) !== JSON.stringify(list)) {
                people[id] = list;
            }
        }

        async function sign(id) {
            const form = opened.get(id);
            if (!form || !(isVisible() || form.isWriting())) {
                return;
            }
            let answer;
            try {
                answer = await orm.silent.call(MODEL, "give_sign", [[id], form.isWriting(), TAB]);
            } catch {
                return;
            }
            if (opened.get(id) !== form) {
                return;
            }
            if (!answer) {
                opened.delete(id);
                show(id, []);
                return;
            }
            show(id, answer.people);
            form.onNewest(answer.newest);
        }

        function leave(id) {
            // the page may be closing: a request would be cut off
            const params = { model: MODEL, method: "leave", args: [[id], TAB], kwargs: {} };
            const body = JSON.stringify({ jsonrpc: "2.0", method: "call", params });
            const url = `/web/dataset/call_kw/${MODEL}/leave`;
            browser.navigator.sendBeacon(url, new Blob([body], { type: "application/json" }));
        }

        function tick() {
            for (const id of opened.keys()) {
                sign(id);
            }
            if (isVisible()) {
                ask([...watched.keys()].filter((id) => !opened.has(id)));
            }
        }

        function keepTime() {
            if (watched.size && !timer) {
                timer = browser.setInterval(tick, INTERVAL);
            } else if (!watched.size) {
                browser.clearInterval(timer);
                timer = undefined;
            }
        }

        document.addEventListener("visibilitychange", () => {
            listen();
            if (isVisible()) {
                tick();
            }
        });
        browser.addEventListener("pagehide", () => {
            for (const id of opened.keys()) {
                leave(id);
            }
        });
        bus.subscribe("helpdesk_lite.presence", ({ ticket_id: id }) => {
            if (watched.has(id)) {
                ask([id]);
            }
        });
        bus.subscribe("helpdesk_lite.message", ({ ticket_id: id, message_id: newest }) => {
            opened.get(id)?.onNewest(newest);
        });

        function watch(id) {
            const count = watched.get(id) ?? 0;
            watched.set(id, count + 1);
            if (!count) {
                listen();
                keepTime();
                // a form gives a sign, which is answered with the same
                if (!opened.has(id)) {
                    ask([id]);
                }
            }
            let over = false;
            return () => {
                if (over) {
                    return;
                }
                over = true;
                const left = watched.get(id) - 1;
                if (left) {
                    watched.set(id, left);
                } else {
                    watched.delete(id);
                    delete people[id];
                    listen();
                    keepTime();
                }
            };
        }

        return {
            people,
            /** Shows a ticket on a card or in a row. @returns {function} that ends it */
            watch,
            /**
             * Opens a ticket in a form.
             *
             * @param {number} id
             * @param {{isWriting: function(): boolean, onNewest: function(number)}} form
             * @returns {function} that closes it
             */
            open(id, form) {
                opened.set(id, form);
                const unwatch = watch(id);
                sign(id);
                return () => {
                    unwatch();
                    if (opened.get(id) === form) {
                        opened.delete(id);
                        leave(id);
                    }
                };
            },
            /** Gives a sign at once, because somebody begins or stops writing. */
            sign,
        };
    },
};

registry.category("services").add("helpdesk_lite.presence", presenceService);
