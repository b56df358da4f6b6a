import logging
from collections import defaultdict
from datetime import timedelta
from time import monotonic

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..merge.service import MOST_TICKETS

_logger = logging.getLogger(__name__)

BATCH = 250  # tickets
FIELD_BATCH = 500  # groups of tickets with equal fields
COMPARED = 8  # candidates of one ticket that are compared by their letters
STEP_SECONDS = 2  # of a run with a progress bar
# the next run would miss a change by a transaction that takes longer than this
OVERLAP = timedelta(hours=1)


class MergeRuleRun(models.Model):
    """How rules look for duplicates, in batches; a run can be interrupted between any two of them.

    The first pass of a rule covers all tickets, later passes the ones that changed since. Each ticket
    is compared with the few that the index proposes, so the time is linear in the number of tickets.
    """

    _inherit = "helpdesk_lite.merge.rule"

    # ------------------------------------------------------------
    # PASS
    # ------------------------------------------------------------

    def _run_batch(self):
        """Compare the next tickets of this rule.

        :return: tuple (number of tickets that were compared, whether the pass is complete)
        :raise UserError: when the rule's domain or fields are not valid
        """
        self.ensure_one()
        self._check_criteria()
        if not self.run_started:
            self.write({"run_started": fields.Datetime.now(), "run_cursor": 0, "last_error": False})
        looked_at, cursor = self._run_by_text() if self.similarity_threshold else self._run_by_fields()
        if cursor:
            self.run_cursor = cursor
        else:
            self._notify_found()
            self.write({"last_run": self.run_started, "run_started": False, "run_cursor": 0})
        self.env.flush_all()
        # so that memory does not grow from batch to batch
        self.env.invalidate_all()
        return looked_at, not cursor

    def _run_by_text(self):
        Ticket = self.env["helpdesk_lite.ticket"]
        domain = self._get_domain()
        todo = domain & Domain("id", ">", self.run_cursor)
        if self.last_run:
            todo &= Domain("write_date", ">=", self.last_run - OVERLAP)
        tickets = Ticket.search(todo, order="id", limit=BATCH)
        candidates = tickets._merge_find_candidates(self._get_condition(), COMPARED)
        allowed = set(
            Ticket.search(
                domain & Domain("id", "in", list({candidate_id for found in candidates.values() for candidate_id in found}))
            ).ids
        )
        prefetch_ids = tuple(allowed.union(tickets.ids))
        pairs = []
        for ticket in tickets:
            others = Ticket.browse([other_id for other_id in candidates[ticket.id] if other_id in allowed])
            found = ticket.with_prefetch(prefetch_ids)._merge_percents(others.with_prefetch(prefetch_ids))
            pairs += [
                (ticket.id, other_id)
                for other_id, value in sorted(found.items(), key=lambda item: (-item[1], item[0]))
                if value >= self.similarity_threshold
            ]
        self._propose(pairs)
        return len(tickets), tickets[-1:].id if len(tickets) == BATCH else 0

    def _run_by_fields(self):
        """Tickets with equal fields, where each is within the window of the next."""
        keys = [line._get_key("ticket") for line in self.line_ids]
        columns = [SQL.identifier(f"key_{at}") for at in range(len(keys))]
        if not self.cross_company:
            keys.append(SQL.identifier("ticket", "company_id"))
            columns.append(SQL("key_company"))
        if self.same_customer:
            keys.append(SQL("coalesce(partner.commercial_partner_id::text, nullif(lower(btrim(ticket.partner_email)), ''))"))
            columns.append(SQL("key_customer"))
        window = SQL("make_interval(days => %s)", self.window_days) if self.window_days else SQL("'infinity'::interval")
        domain = self._get_domain() & Domain("id", ">", 0)
        rows = self.env.execute_query(
            SQL(
                """WITH keyed AS (
                   SELECT ticket.id, ticket.opened_on, %(keys)s
                     FROM helpdesk_lite_ticket ticket
                     LEFT JOIN res_partner partner ON partner.id = ticket.partner_id
                    WHERE ticket.id IN %(tickets)s),
               gaps AS (
                   SELECT id, opened_on, %(columns)s,
                          opened_on - lag(opened_on) OVER (PARTITION BY %(columns)s ORDER BY opened_on, id)
                              > %(window)s AS late
                     FROM keyed WHERE num_nulls(%(columns)s) = 0),
               islands AS (
                   SELECT id, %(columns)s,
                          count(*) FILTER (WHERE late) OVER (PARTITION BY %(columns)s ORDER BY opened_on, id) AS island
                     FROM gaps)
               SELECT min(id), (array_agg(id ORDER BY id))[1:%(most)s]
                 FROM islands GROUP BY island, %(columns)s
               HAVING count(*) > 1 AND min(id) > %(cursor)s
                ORDER BY min(id) LIMIT %(limit)s""",
                keys=SQL(", ").join(SQL("%s AS %s", key, column) for key, column in zip(keys, columns, strict=True)),
                columns=SQL(", ").join(columns),
                window=window,
                most=MOST_TICKETS,
                cursor=self.run_cursor,
                limit=FIELD_BATCH,
                tickets=self.env["helpdesk_lite.ticket"]._search(domain).subselect(),
            )
        )
        self._propose([(ticket_id, ids[0]) for _first, ids in rows for ticket_id in ids[1:]])
        return sum(len(ids) for _first, ids in rows), rows[-1][0] if len(rows) == FIELD_BATCH else 0

    def _get_condition(self):
        """SQL on a candidate ``ticket`` for the ticket ``own``: all conditions of this rule except for the text."""
        conditions = [SQL("%s = %s", line._get_key("ticket"), line._get_key("own")) for line in self.line_ids]
        if not self.last_run:
            # the pass covers all tickets, so this compares each pair once
            conditions.append(SQL("ticket.id < own.id"))
        if not self.cross_company:
            conditions.append(SQL("ticket.company_id = own.company_id"))
        if self.window_days:
            days = SQL("make_interval(days => %s)", self.window_days)
            conditions.append(SQL("ticket.opened_on BETWEEN own.opened_on - %s AND own.opened_on + %s", days, days))
        if self.same_customer:
            conditions.append(
                SQL(
                    """(lower(ticket.partner_email) = lower(nullif(own.partner_email, ''))
                    OR (SELECT commercial_partner_id FROM res_partner WHERE id = ticket.partner_id)
                     = (SELECT commercial_partner_id FROM res_partner WHERE id = own.partner_id))"""
                )
            )
        return SQL(" AND ").join(conditions) if conditions else SQL("TRUE")

    # ------------------------------------------------------------
    # GROUPS
    # ------------------------------------------------------------

    def _propose(self, pairs):
        """Put duplicates into open groups of this rule, or into new ones.

        A ticket is in only one group of a rule. Tickets that somebody kept apart or related are not proposed.

        :param pairs: list of tuples of ticket ids (ticket, duplicate), the most similar duplicate of each ticket first
        """
        ids = list({ticket_id for pair in pairs for ticket_id in pair})
        group_of, apart = self._get_known(ids)
        clusters = []
        cluster_of = {}
        additions = defaultdict(list)
        for one, other in pairs:
            if one in cluster_of or one in group_of or other in apart[one]:
                continue
            if other in cluster_of:
                members = cluster_of[other]
            elif other in group_of:
                members = additions[group_of[other]]
            else:
                clusters.append([other])
                members = cluster_of[other] = clusters[-1]
            if apart[one].isdisjoint(members) and len(members) < MOST_TICKETS:
                members.append(one)
                cluster_of[one] = members
        self._extend_groups(additions, apart)
        groups = self._create_new_groups([cluster for cluster in clusters if len(cluster) > 1])
        if self.mode == "automatic":
            self._merge_automatically(groups)

    def _get_known(self, ids):
        """What was already proposed or decided for these tickets.

        :return: tuple (dict of ticket id to the id of this rule's open group, dict of ticket id to
            the set of tickets that are grouped with it elsewhere, related to it or to stay apart)
        """
        Record = self.env["helpdesk_lite.merge.record"]
        group_of = {
            ticket.id: group.id
            for ticket, group in Record._read_group(
                [("ticket_id", "in", ids), ("group_id.rule_id", "=", self.id), ("group_id.state", "=", "new")],
                ["ticket_id", "group_id"],
            )
        }
        apart = defaultdict(set)
        for one, other in self.env.execute_query(
            SQL(
                """SELECT own.ticket_id, other.ticket_id
                 FROM helpdesk_lite_merge_record own
                 JOIN helpdesk_lite_merge_record other ON other.group_id = own.group_id AND other.ticket_id <> own.ticket_id
                 JOIN helpdesk_lite_merge_group grouped ON grouped.id = own.group_id
                WHERE own.ticket_id = ANY(%s) AND (grouped.state <> 'new' OR grouped.rule_id IS DISTINCT FROM %s)
                UNION SELECT ticket_id, other_id FROM helpdesk_lite_relation WHERE ticket_id = ANY(%s)
                UNION SELECT other_id, ticket_id FROM helpdesk_lite_relation WHERE other_id = ANY(%s)""",
                ids,
                self.id,
                ids,
                ids,
            )
        ):
            apart[one].add(other)
        return group_of, apart

    def _create_new_groups(self, clusters):
        Ticket = self.env["helpdesk_lite.ticket"]
        candidates = []
        for cluster, master in zip(clusters, self.env["helpdesk_lite.merge"]._choose_masters(clusters), strict=True):
            found = master._merge_similarity(Ticket.browse(cluster) - master)
            alike = [ticket_id for ticket_id, (value, _words) in found.items() if value >= self.similarity_threshold]
            if alike:
                candidates.append({"ticket_ids": sorted([master.id, *alike]), "rule_id": self.id, "similarities": found})
        return self.env["helpdesk_lite.merge.group"]._create_groups(candidates)

    def _extend_groups(self, additions, apart):
        vals_list = []
        for group in self.env["helpdesk_lite.merge.group"].browse(additions):
            inside = set(group.record_ids.ticket_id.ids)
            new_ids = [
                ticket_id
                for ticket_id in additions[group.id]
                if apart[ticket_id].isdisjoint(inside) and len(inside) < MOST_TICKETS
            ]
            found = group.master_id._merge_similarity(self.env["helpdesk_lite.ticket"].browse(new_ids))
            vals_list += [
                {"group_id": group.id, "ticket_id": ticket_id, "similarity": value, "explanation": words}
                for ticket_id, (value, words) in found.items()
                if value >= self.similarity_threshold
            ]
        self.env["helpdesk_lite.merge.record"].create(vals_list)

    def _merge_automatically(self, groups):
        """Merge groups that are similar enough. A group that cannot be merged waits for somebody to review it."""
        for group in groups:
            if group.similarity >= self.automatic_threshold:
                try:
                    with self.env.cr.savepoint():
                        group.action_merge()
                except UserError as error:
                    _logger.info("Merge rule %s leaves group %s to people: %s", self.id, group.id, error)

    def _notify_found(self):
        """Tell the users of the rule how many groups were found, counting only those that each can see."""
        Group = self.env["helpdesk_lite.merge.group"]
        for user in self.notify_user_ids if self.mode == "manual" else ():
            theirs = Group.with_user(user).with_context(allowed_company_ids=user.company_ids.ids)
            count = theirs.has_access("read") and theirs.search_count(
                [("rule_id", "=", self.id), ("state", "=", "new"), ("create_date", ">=", self.run_started)]
            )
            if count:
                rule = self.with_context(lang=user.lang)
                self.env["mail.thread"].message_notify(
                    partner_ids=user.partner_id.ids,
                    model=self._name,
                    res_id=self.id,
                    subject=rule.env._("Duplicate tickets: %s", rule.name),
                    body=rule.env._("Groups of tickets that may be duplicates were found: %s", count),
                )

    # ------------------------------------------------------------
    # JOB AND BUTTON
    # ------------------------------------------------------------

    @api.model
    def _cron_find_duplicates(self):
        """Once a day: complete the index, learn the words again, run every rule. Commits after each batch."""
        Cron = self.env["ir.cron"]
        Ticket = self.env["helpdesk_lite.ticket"]
        last_id = 0
        while last_id := Ticket._merge_index_batch(last_id):
            if not Cron._commit_progress(1, remaining=1):
                return
        rules = self.search([("active", "=", True)])
        if not rules.filtered("run_started"):
            self.env["helpdesk_lite.merge.vocabulary"]._renew()
            Cron._commit_progress(1, remaining=1)
        # interrupted rules first
        today = fields.Datetime.now() - timedelta(hours=12)
        due = rules.filtered(lambda rule: rule.run_started or not rule.last_run or rule.last_run < today)
        for rule in due.sorted(lambda rule: not rule.run_started):
            if not rule._run_to_end():
                return
        Cron._commit_progress(remaining=0)

    def _run_to_end(self):
        """Run all batches of this rule.

        :return: False when the job has no time left
        """
        complete = False
        # a rule that is locked is being run by somebody
        while not complete and self.try_lock_for_update():
            try:
                with self.env.cr.savepoint():
                    looked_at, complete = self._run_batch()
            except UserError as error:
                # the other rules run all the same; this one shows on its form what is wrong
                self.last_error = error.args[0]
                looked_at, complete = 0, True
            if not self.env["ir.cron"]._commit_progress(looked_at, remaining=1):
                return False
        return True

    @api.model
    def _prepare_run(self):
        """Right after the installation, do what the job would: complete the index and learn the words."""
        last_id = 0
        while last_id := self.env["helpdesk_lite.ticket"]._merge_index_batch(last_id):
            pass
        if not self.env["helpdesk_lite.merge.vocabulary"].search_count([], limit=1):
            self.env["helpdesk_lite.merge.vocabulary"]._renew()

    def run_step(self):
        """Run this rule for about two seconds. The button *Deduplicate* calls it until the run is complete.

        :return: dict of ``progress`` (0..100), ``complete`` (bool) and ``groups`` (how many this user can see now)
        :raise UserError: when the rule is not valid, or is already running
        :raise AccessError: when the user cannot change the rule
        """
        self.ensure_one()
        self.check_access("write")
        # sudo: a rule compares all tickets of its domain; only users who can change them see what it finds
        rule_sudo = self.sudo()
        if not rule_sudo.try_lock_for_update():
            raise UserError(self.env._("The rule “%s” is already running.", self.name))
        end = monotonic() + STEP_SECONDS
        if not rule_sudo.run_started:
            rule_sudo._prepare_run()
        complete = False
        while not complete and monotonic() < end:
            _looked_at, complete = rule_sudo._run_batch()
        # sudo: only the highest id is read
        newest = self.env["helpdesk_lite.ticket"].sudo().search([], order="id desc", limit=1).id
        return {
            "progress": 100 if complete else int(100 * rule_sudo.run_cursor / max(newest, 1)),
            "complete": complete,
            "groups": self.group_count,
        }
