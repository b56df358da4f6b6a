from collections import Counter

from odoo import api, fields, models
from psycopg2.errors import SerializationFailure

# tickets in one transaction, with a handful of statements for all of them
BATCH = 10_000


class SlaApply(models.Model):
    """Applies changed policies to tickets that are open already, after showing what that changes."""

    _inherit = "helpdesk_lite.sla"

    is_pending = fields.Boolean(compute="_compute_is_pending")

    @api.depends("versions")
    def _compute_is_pending(self):
        for sla in self:
            sla.is_pending = bool(sla.versions)

    def action_preview(self):
        """Open what applying these policies to open tickets would change.

        :return: a window action
        """
        self.check_access("write")
        preview = self.env["helpdesk_lite.sla.preview"].create({"sla_ids": [fields.Command.set(self.ids)]})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Apply to Open Tickets"),
            "res_model": preview._name,
            "res_id": preview.id,
            "view_mode": "form",
            "target": "new",
        }

    def _get_applied_rules(self):
        """The rules as they are once the current versions of these policies apply to all open tickets.

        :return: dict, as from ``_get_rules``
        """
        return {
            company_id: tuple(
                versions._replace(former=()) if versions.current.sla_id in self.ids else versions for versions in found
            )
            for company_id, found in self._get_rules().items()
        }

    @api.model
    def _get_open_tickets(self, companies):
        """The tickets whose promises can still change.

        :param companies: records of ``res.company``
        :return: records, sudoed
        """
        # sudo: a promise does not depend on who changes a policy
        Ticket = self.env["helpdesk_lite.ticket"].sudo().with_context(active_test=False)
        return Ticket.search([("is_closed", "=", False), ("company_id", "in", companies.ids)], order="id")

    def _preview(self):
        """Count what applying these policies would change, without changing anything.

        :return: Counter of "open", "changed" and "late"
        """
        counts = Counter()
        tickets, rules = self._get_open_tickets(self.company_id), self._get_applied_rules()
        self.env.flush_all()
        for start in range(0, len(tickets), BATCH):
            for facts in tickets[start : start + BATCH]._read_facts():
                _facts, statuses, _columns = tickets._judge(facts, rules=rules)
                stored = {(old["target_id"], old["round"]): old for old in facts.statuses}
                counts["open"] += 1
                counts["changed"] += any(
                    status["deadline"] != stored.get((status["target_id"], status["round"]), {}).get("deadline")
                    for status in statuses
                )
                counts["late"] += any(
                    status["failed"] and not stored.get((status["target_id"], status["round"]), {}).get("failed")
                    for status in statuses
                )
        return counts

    def _apply(self):
        """Let the current versions of these policies apply to all tickets that are open."""
        self.check_access("write")
        # sudo: only the server writes versions
        self.sudo().versions = False
        self.env.registry.clear_cache()
        self._recompute_later(self.company_id)

    @api.model
    def _recompute_later(self, companies):
        """Let the job judge the open tickets of companies again.

        Apart from the hours of tickets, which are counted by team: a policy may have working hours of its own, and a ticket
        that somebody changes at this moment is judged by that change, but its hours are not counted by it.

        :param companies: records of ``res.company``
        """
        # sudo: whoever enters a holiday need not know the helpdesk
        queue = self.env["helpdesk_lite.sla.queue"].sudo()
        waiting = companies.browse(queue._renew(companies))
        queue.create([{"company_id": company.id} for company in companies - waiting])
        self.env.ref("helpdesk_lite.cron_sla_recompute").sudo()._trigger()  # sudo: see above


class SlaQueue(models.Model):
    """Companies whose open tickets are to be judged again, and how far that has come."""

    _name = "helpdesk_lite.sla.queue"
    _description = "SLA Recomputation"
    _inherit = ["helpdesk_lite.protected.mixin", "helpdesk_lite.search.mixin"]
    _order = "id"
    _log_access = False
    _rec_name = "company_id"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    last_id = fields.Integer(readonly=True, help="The tickets up to this one are done.")

    @api.model
    def _cron_recompute(self):
        """Judge open tickets again, some thousands in each transaction."""
        for queued in self.search([], limit=1000):
            try:
                if not queued._take():
                    continue
            except SerializationFailure:
                # somebody has changed policies since this job began, and started it again: that one reads them anew
                self.env.cr.rollback()
                return
            while queued._recompute_batch():
                # what is left is told, or the job would count as done until the next day
                if not self.env["ir.cron"]._commit_progress(BATCH, remaining=self.search_count([])):
                    return
            queued.unlink()
            if not self.env["ir.cron"]._commit_progress(1, remaining=self.search_count([])):
                return

    @api.model
    def _renew(self, companies):
        """Which companies are waiting already. One that the job is taking was read before this change, and must wait again.

        The rows are written, so that a job which began before this transaction is stored cannot take them.

        :param companies: records of ``res.company``
        :return: list of ids
        """
        self.flush_model(["company_id", "last_id"])
        self.env.cr.execute(
            """ UPDATE helpdesk_lite_sla_queue SET last_id = 0
                 WHERE id IN (SELECT id FROM helpdesk_lite_sla_queue
                               WHERE company_id = ANY(%s) AND COALESCE(last_id, 0) = 0 FOR UPDATE SKIP LOCKED)
             RETURNING company_id
            """,
            [companies.ids],
        )
        return [company_id for (company_id,) in self.env.cr.fetchall()]

    def _take(self):
        """Lock this row until its first batch is stored; from then on it is not waiting any more.

        :return: whether it could be locked
        :raise SerializationFailure: when somebody has written it since this transaction began
        """
        self.env.cr.execute("SELECT FROM helpdesk_lite_sla_queue WHERE id = %s FOR UPDATE SKIP LOCKED", [self.id])
        return bool(self.env.cr.rowcount)

    def _recompute_batch(self):
        """Judge the next tickets.

        Tickets that somebody changes at this moment are judged by that change.

        :return: whether there may be more
        """
        self.ensure_one()
        self.env.cr.execute(
            """ SELECT id FROM helpdesk_lite_ticket
                 WHERE is_closed IS NOT TRUE AND company_id = %s AND id > %s
                 ORDER BY id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED
            """,
            [self.company_id.id, self.last_id, BATCH],
        )
        ids = [ticket_id for (ticket_id,) in self.env.cr.fetchall()]
        if not ids:
            return False
        self.env["helpdesk_lite.ticket"].browse(ids)._write_sla_apart(correct=True)
        self.last_id = ids[-1]
        return len(ids) == BATCH
