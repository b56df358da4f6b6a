import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

/** Checks the files before the upload, shows the guide of a type, and prevents sending the form twice. */
export class HelpdeskForm extends Interaction {
    static selector = ".o_helpdesk_lite_form";
    dynamicContent = {
        _root: { "t-on-submit": this.onSubmit },
        _window: { "t-on-pageshow": this.onPageShow },
        "select[name='type']": { "t-on-change": this.showGuide },
        "input[type='file']": { "t-on-change": this.checkFiles },
        ".o_helpdesk_lite_files_error": {
            "t-att-class": () => ({ "d-none": !this.tooMany && !this.tooLarge.length && !this.tooLargeTogether }),
        },
        ".o_too_many": { "t-att-class": () => ({ "d-none": !this.tooMany }) },
        ".o_too_large": { "t-att-class": () => ({ "d-none": !this.tooLarge.length }) },
        ".o_names": { "t-out": () => this.tooLarge.join(", ") },
        ".o_too_large_together": { "t-att-class": () => ({ "d-none": !this.tooLargeTogether }) },
        "button[type='submit']": { "t-att-disabled": () => this.isSending },
    };

    setup() {
        this.isSending = false;
        this.tooMany = false;
        this.tooLarge = [];
        this.tooLargeTogether = false;
    }

    start() {
        this.showGuide();
    }

    /** Shows what should be said about the chosen type. */
    showGuide() {
        const type = this.el.querySelector("select[name='type']")?.value;
        for (const guide of this.el.querySelectorAll(".o_helpdesk_lite_guide")) {
            guide.classList.toggle("d-none", guide.dataset.type !== type);
        }
    }

    checkFiles() {
        const { maxFiles, maxFileSize, maxTotalSize } = this.el.dataset;
        const files = [...this.el.querySelector("input[type='file']").files];
        this.tooMany = files.length > maxFiles;
        this.tooLarge = files.filter((file) => file.size > maxFileSize).map((file) => file.name);
        this.tooLargeTogether = files.reduce((sum, file) => sum + file.size, 0) > maxTotalSize;
        return !this.tooMany && !this.tooLarge.length && !this.tooLargeTogether;
    }

    onSubmit(ev) {
        if (this.isSending || !this.checkFiles()) {
            ev.preventDefault();
            return;
        }
        this.isSending = true;
    }

    /** When the visitor navigates back, browsers restore the page with the button disabled. */
    onPageShow() {
        this.isSending = false;
    }
}

registry.category("public.interactions").add("helpdesk_lite.form", HelpdeskForm);
