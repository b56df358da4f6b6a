import { BaseImportModel } from "@base_import/import_model";
import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";

/** Shows what the server noticed in the rows of an import: on the screen after a test, beside the records after an import. */
patch(BaseImportModel.prototype, {
    async executeImport(isTest) {
        const notices = (this.notices = new Map());
        const result = await super.executeImport(...arguments);
        const lines = [...notices].map(([text, { count, rows }]) =>
            _t("%(text)s Rows: %(rows)s", {
                text,
                rows: rows.slice(0, 10).join(", ") + (count > 10 ? ", …" : ""),
            })
        );
        if (!lines.length || result.res.hasError) {
            return result;
        }
        if (isTest) {
            this._addMessage("warning", lines);
        } else {
            for (const line of lines) {
                this.notificationService.add(line, { type: "warning", sticky: true });
            }
        }
        return result;
    },

    async _callImport() {
        const result = await super._callImport(...arguments);
        for (const { text, count, rows } of result.notices || []) {
            const known = this.notices.get(text) || { count: 0, rows: [] };
            this.notices.set(text, { count: known.count + count, rows: known.rows.concat(rows) });
        }
        return result;
    },
});
