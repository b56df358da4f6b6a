import { linkedModels } from "@helpdesk_lite/access/link_patch";

linkedModels.add("crm.lead", {});
