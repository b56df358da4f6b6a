import { registry } from "@web/core/registry";

// Odoo gives each step ten seconds, which is for an idle machine. A step goes on as soon as it can,
// so waiting longer costs only where something is broken.
const PATIENCE = 60_000; // milliseconds, the most that a step may ask for

const tours = registry.category("web_tour.tours");

function bePatient(name, tour) {
    if (tour && name.startsWith("helpdesk_lite")) {
        tour.timeout ??= PATIENCE;
    }
}

tours.getEntries().forEach(([name, tour]) => bePatient(name, tour));
tours.addEventListener("UPDATE", ({ detail }) => bePatient(detail.key, detail.value));
