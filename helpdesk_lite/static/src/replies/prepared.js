import { _t } from "@web/core/l10n/translation";

/**
 * Tells which placeholders of a reply have no value on the ticket.
 *
 * @param {Object} notification the service
 * @param {{missing: string[]}} prepared
 */
export function warnOfGaps(notification, prepared) {
    if (prepared.missing.length) {
        notification.add(
            _t("These placeholders have no value on this ticket. Check the text before you send it: %s.", [
                ...new Set(prepared.missing),
            ].join(", ")),
            { type: "warning" }
        );
    }
}
