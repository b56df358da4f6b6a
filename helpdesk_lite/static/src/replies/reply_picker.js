import { Component, markup, onWillStart, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { useAutofocus, useService } from "@web/core/utils/hooks";
import { KeepLast } from "@web/core/utils/concurrency";
import { useDebounced } from "@web/core/utils/timing";

const LIMIT = 20;

/** Searches the replies for a ticket, and shows them as its customer would read them. */
export class ReplyPicker extends Component {
    static template = "helpdesk_lite.ReplyPicker";
    static components = { Dialog };
    static props = { ticketId: Number, onPicked: Function, close: Function };

    setup() {
        this.orm = useService("orm");
        this.ui = useService("ui");
        this.state = useState({ term: "", replies: [], prepared: null, body: "" });
        this.searches = new KeepLast();
        this.previews = new KeepLast();
        useAutofocus();
        this.searchSoon = useDebounced(() => this.search(), 200);
        onWillStart(() => this.search());
    }

    async search() {
        const { term } = this.state;
        const replies = await this.searches.add(
            this.orm.call("helpdesk_lite.reply", "get_suggestions", [
                this.props.ticketId,
                term,
                LIMIT,
                true,
            ])
        );
        this.state.replies = replies;
        await this.show(replies[0]);
        this.shownTerm = term;
        if (this.pickedTerm === term) {
            this.pickShown();
        }
    }

    async show(reply) {
        if (!reply) {
            this.state.prepared = null;
            return;
        }
        const prepared = await this.previews.add(
            this.orm.call("helpdesk_lite.reply", "get_prepared", [[reply.id], this.props.ticketId])
        );
        // markup: the server has cleaned the text, and escaped what it put into it
        this.state.body = markup(prepared.body);
        this.state.prepared = prepared;
    }

    onInput(ev) {
        this.state.term = ev.target.value;
        this.pickedTerm = undefined;
        this.searchSoon();
    }

    onKeydown(ev) {
        const step = { ArrowDown: 1, ArrowUp: -1 }[ev.key];
        const index = this.state.replies.findIndex(({ id }) => id === this.state.prepared?.id);
        if (step && this.state.replies[index + step]) {
            ev.preventDefault();
            this.show(this.state.replies[index + step]);
        } else if (ev.key === "Enter") {
            ev.preventDefault();
            if (this.shownTerm === this.state.term) {
                this.pickShown();
            } else {
                // what is shown still belongs to the words before: it is picked once that of these words is there
                this.pickedTerm = this.state.term;
            }
        }
    }

    pickShown() {
        if (this.state.prepared) {
            this.pick();
        }
    }

    pick() {
        this.props.onPicked(this.state.prepared);
        this.props.close();
    }
}
