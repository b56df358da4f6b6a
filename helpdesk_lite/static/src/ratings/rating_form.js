import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

// the server takes an answer for a program's that comes sooner after the first touch
const THINKING = 1200; // milliseconds

/**
 * Gets a proof from the server as soon as somebody touches the page, and sends it with the answer. Events that scripts make,
 * as those of mail scanners do, are not trusted by the browser.
 */
export class RatingForm extends Interaction {
    static selector = ".o_helpdesk_lite_rating_form";
    dynamicContent = {
        _root: {
            "t-on-submit": this.onSubmit,
            "t-on-pointerdown": this.onTouch,
            "t-on-keydown": this.onTouch,
            // of screen readers and voice control
            "t-on-click": this.onTouch,
        },
        _window: { "t-on-pageshow": this.onPageShow },
        "button[type='submit']": { "t-att-disabled": () => this.isSending },
    };

    setup() {
        this.isSending = false;
        this.proof = undefined;
    }

    onTouch(ev) {
        if (ev.isTrusted && !this.proof && this.el.dataset.touch) {
            this.touchedAt = Date.now();
            this.proof = this.fetchProof();
        }
    }

    /** @returns {Promise<string>} empty when the server gave none; it then asks for the number of the ticket */
    async fetchProof() {
        const body = new FormData();
        body.append("csrf_token", this.el.elements.csrf_token.value);
        try {
            const response = await fetch(this.el.dataset.touch, { method: "POST", body });
            return response.ok ? await response.text() : "";
        } catch {
            return "";
        }
    }

    /** When the visitor navigates back, browsers restore the page with the button disabled. */
    onPageShow() {
        this.isSending = false;
    }

    async onSubmit(ev) {
        if (this.isSending) {
            ev.preventDefault();
            return;
        }
        this.isSending = true;
        if (!this.proof) {
            return;
        }
        ev.preventDefault();
        this.el.elements.proof.value = await this.waitFor(this.proof);
        const left = this.touchedAt + THINKING - Date.now();
        this.waitForTimeout(() => this.el.submit(), Math.max(0, left));
    }
}

registry.category("public.interactions").add("helpdesk_lite.rating", RatingForm);
