import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formatFloat } from "@web/core/utils/numbers";
import { IntegerField, integerField } from "@web/views/fields/integer/integer_field";

/** A number of bytes, with the unit in which people read it. */
export class MailSizeField extends IntegerField {
    get formattedValue() {
        const units = [_t("bytes"), _t("kB"), _t("MB")];
        let size = this.value || 0;
        let unit = 0;
        while (size >= 1024 && unit < units.length - 1) {
            size /= 1024;
            unit++;
        }
        return `${formatFloat(size, { digits: [0, unit && size < 10 ? 1 : 0] })} ${units[unit]}`;
    }
}

registry.category("fields").add("helpdesk_lite_mail_size", {
    ...integerField,
    component: MailSizeField,
});
