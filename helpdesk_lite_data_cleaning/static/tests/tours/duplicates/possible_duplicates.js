import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("helpdesk_lite_possible_duplicates", {
    steps: () => [
        {
            content: "The form shows how many duplicates the agent can see",
            trigger: ".o_possible_duplicates button:contains('Possible duplicates (2)')",
            run: "click",
        },
        {
            content: "The most similar ticket comes first",
            trigger: ".o_possible_duplicates li:first-child:contains(The kettle of the canteen leaks):contains(%)",
        },
        {
            trigger: ".o_possible_duplicates li:last-child:contains(Kettle leaks in the canteen) a",
            run: "click",
        },
        {
            content: "The agent looks at it and goes back",
            trigger: ".o_last_breadcrumb_item:contains(Kettle leaks in the canteen)",
        },
        {
            trigger: ".o_breadcrumb .o_back_button",
            run: "click",
        },
        { trigger: ".o_last_breadcrumb_item:contains(The kettle of the canteen leaks)" },
        {
            trigger: ".o_possible_duplicates button:contains(Possible duplicates)",
            run: "click",
        },
        {
            trigger: ".o_possible_duplicates li:first-child button:contains(Merge)",
            run: "click",
        },
        {
            content: "The page of the merge shows both, nothing is merged yet",
            trigger: ".o_form_view button[name=action_merge]",
        },
        { trigger: ".o_data_row:contains(The kettle of the canteen leaks)" },
    ],
});
