import {
    RottingStatusBarDurationField,
    rottingStatusBarDurationField,
} from "@mail/js/rotting_mixin/rotting_statusbar";
import { registry } from "@web/core/registry";

// Stages that close a ticket are where most tickets go next, and the last in the bar. Odoo folds the last ones first
// when a bar is too long; here the open stages between give way, and the closed ones only when nothing else is left.
export class StageBar extends RottingStatusBarDurationField {
    getAllItems() {
        return super.getAllItems().map((item) => ({ ...item, isFolded: false, closes: item.isFolded }));
    }

    adjustVisibleItems() {
        super.adjustVisibleItems();
        const items = this.getAllItems();
        const buttons = new Map(
            [...this.rootRef.el.querySelectorAll(".o_arrow_button[data-value]")].map((el) => [el.dataset.value, el])
        );
        const button = (item) => buttons.get(String(item.value));
        const isHidden = (item) => button(item)?.classList.contains("d-none");
        if (this.env.isSmall || !items.some((item) => item.closes && isHidden(item))) {
            return;
        }
        this.foldOpenFirst(items, button);
    }

    /**
     * Folds stages until the bar fits: the former ones but for the last of them, the open ones to come (the farthest
     * first), the last former one, and then the closed ones from the end.
     */
    foldOpenFirst(items, button) {
        const selected = items.findIndex((item) => item.isSelected);
        const former = items.slice(0, Math.max(selected, 0));
        const toCome = items.slice(selected + 1);
        const queue = [
            ...former.slice(0, -1).map((item) => [item, "before"]),
            ...toCome.filter((item) => !item.closes).reverse().map((item) => [item, "after"]),
            ...former.slice(-1).map((item) => [item, "before"]),
            ...toCome.filter((item) => item.closes).reverse().map((item) => [item, "after"]),
        ];
        const show = (el, shown) => el?.classList.toggle("d-none", !shown);
        this.items.before = [];
        this.items.after = [];
        items.forEach((item) => show(button(item), true));
        [this.dropdownRef, this.beforeRef, this.afterRef].forEach((ref) => show(ref.el, false));
        while (this.areItemsWrapping() && queue.length) {
            const [item, side] = queue.shift();
            show(button(item), false);
            show(this[`${side}Ref`].el, true);
            this.items[side] = items.filter((other) => other === item || this.items[side].includes(other));
        }
        if (this.areItemsWrapping()) {
            items.forEach((item) => show(button(item), false));
            [this.beforeRef, this.afterRef].forEach((ref) => show(ref.el, false));
            show(this.dropdownRef.el, true);
        }
    }
}

registry.category("fields").add("helpdesk_lite_stage_bar", {
    ...rottingStatusBarDurationField,
    component: StageBar,
    additionalClasses: ["o_field_rotting_statusbar_duration"], // its styles go by this name
});
