import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

registry.category("web_tour.tours").add("helpdesk_lite_deduplicate", {
    steps: () => [
        ...stepUtils.goToAppSteps("data_recycle.menu_data_cleaning_root", "Open the Data Cleaning app"),
        {
            trigger: "button[data-menu-xmlid='data_recycle.menu_data_cleaning_config']",
            run: "click",
        },
        {
            trigger: "[data-menu-xmlid='helpdesk_lite_data_cleaning.menu_merge_rules']",
            run: "click",
        },
        {
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=name] input",
            run: "edit Tour rule",
        },
        {
            trigger: ".o_field_widget[name=same_customer] input",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=similarity_threshold] input",
            run: "edit 50",
        },
        {
            trigger: "button[name=action_deduplicate]",
            run: "click",
        },
        { trigger: ".o_deduplicate_complete:contains(Groups to review: 1)" },
        {
            trigger: ".o_deduplicate button:contains(Open Duplicates)",
            run: "click",
        },
        { trigger: ".o_data_row:contains(Tour rule)" },
    ],
});
