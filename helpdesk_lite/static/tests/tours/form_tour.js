import { registry } from "@web/core/registry";

function chooseFiles(...files) {
    return function () {
        const transfer = new DataTransfer();
        files.forEach((file) => transfer.items.add(file));
        this.anchor.files = transfer.files;
        this.anchor.dispatchEvent(new Event("change", { bubbles: true }));
    };
}

registry.category("web_tour.tours").add("helpdesk_lite_form", {
    steps: () => [
        {
            content: "Choose the team",
            trigger: ".card:contains('Tour Deliveries') a",
            run: "click",
            expectUnloadPage: true,
        },
        { trigger: "input[name='name']", run: "edit Vera Visitor" },
        { trigger: "input[name='email']", run: "edit vera@visitor.example" },
        { trigger: "input[name='subject']", run: "edit The parcel is wet" },
        { trigger: "textarea[name='description']", run: "edit It stood in the rain." },
        {
            content: "A file that is too large is refused before the upload",
            trigger: "input[name='files']",
            run: chooseFiles(new File([new Uint8Array(11 * 1024 * 1024)], "film.mp4")),
        },
        { trigger: ".o_helpdesk_lite_files_error:visible .o_too_large:contains('film.mp4')" },
        { trigger: ".o_helpdesk_lite_form button[type='submit']", run: "click" },
        { trigger: ".o_helpdesk_lite_files_error:visible" },
        {
            trigger: "input[name='files']",
            run: chooseFiles(new File(["wet"], "parcel.txt", { type: "text/plain" })),
        },
        { trigger: "form:has(.o_helpdesk_lite_files_error:not(:visible))" },
        {
            trigger: ".o_helpdesk_lite_form button[type='submit']",
            run: "click",
            expectUnloadPage: true,
        },
        { content: "The number is told", trigger: ".o_helpdesk_lite_number:contains(/\\d/)" },
    ],
});
