import json

from markupsafe import Markup
from odoo import models, tools
from odoo.tools import SQL

# libxml2 drops texts of 10 million bytes and more, and editors fail long before that
LONGEST_TEXT = 2_000_000
FILLED_TYPES = ("char", "text", "html", "many2one", "date", "datetime", "selection")
CUSTOMER = ("partner_id", "partner_name", "partner_email", "partner_phone")
# identity, place and dates of a ticket are its own; customer and assignee have their own rules below
NEVER_FILLED = {
    "name",
    "number",
    "team_id",
    "company_id",
    "stage_id",
    "description",
    "priority",
    "assign_date",
    "close_date",
    "access_token",
    "message_id",
    "merge_target_id",
    "merge_kind",
    "create_uid",
    "write_uid",
    "create_date",
    "opened_on",
    "snooze_until",
    "write_date",
    *CUSTOMER,
    "user_id",
    "email_cc",
}


class TicketMergeValues(models.Model):
    """Which values of their fields the master takes over from absorbed sources.

    Everyone who reads the master reads its fields. That is why joined sources leave none.
    """

    _inherit = "helpdesk_lite.ticket"

    def _merge_fill(self, sources):
        """Fill empty fields of this ticket, the master, and append the descriptions.

        :param sources: the tickets that are absorbed into it, oldest first
        :return: tuple (labels of the fields that changed, moves that undo the changed texts)
        """
        self.ensure_one()
        self._read_columns(self | sources)
        values = {
            name: SQL("(SELECT %s FROM helpdesk_lite_ticket WHERE id = %s)", SQL.identifier(name), source.id)
            for name, source in self._merge_choose_values(sources).items()
        }
        priority = max(self | sources, key=lambda ticket: ticket.priority).priority
        if priority != self.priority:
            values["priority"] = SQL("%s", priority)
        email_cc = self._merge_email_cc(sources)
        if email_cc != (self.email_cc or ""):
            values["email_cc"] = SQL("%s", email_cc)
        properties = self._merge_properties(sources)
        if properties:
            values["properties"] = SQL("%s", json.dumps(properties))
        names = list(values)
        if values:
            assignments = [SQL("%s = %s", SQL.identifier(name), value) for name, value in values.items()]
            self.env.cr.execute(SQL("UPDATE helpdesk_lite_ticket SET %s WHERE id = %s", SQL(", ").join(assignments), self.id))
        moves = self._merge_append_texts(sources)
        names += ["description"] if moves else []
        self.invalidate_recordset(names, flush=False)
        if names:
            # these would be computed from the contact
            with self.env.protecting([self._fields[name] for name in CUSTOMER], self):
                self.modified(names)
        return [self._fields[name].get_description(self.env)["string"] for name in names], moves

    def _read_columns(self, tickets):
        """One statement instead of one for each field; long texts stay where they are."""
        tickets.fetch(
            [
                name
                for name, field in self._fields.items()
                if field.store and field.column_type and name not in ("description", "properties")
            ]
        )

    def _merge_choose_values(self, sources):
        """Which empty fields of the master are filled from where.

        :return: dict of field name to the source
        """
        names = [
            name
            for name, field in self._fields.items()
            if field.store
            and field.column_type
            and field.type in FILLED_TYPES
            and name not in NEVER_FILLED
            and not field.compute
            and not field.related
            and not field.readonly
        ]
        chosen = {}
        for source in sources:
            for name in names:
                if name not in chosen and not self[name] and source[name]:
                    chosen[name] = source
        if not self.user_id:
            # an assignee can see the ticket, so only somebody who can see it anyway becomes the assignee
            for source in sources.filtered(lambda source: source.user_id.active):
                if self._merge_filter_readable(source.user_id):
                    chosen.setdefault("user_id", source)
        return {**chosen, **self._merge_choose_customer(sources)}

    def _merge_choose_customer(self, sources):
        """The fields of the customer are taken over together, and from one source; what the master knows is kept.

        A master with a contact or an address has its customer. A name or a phone number alone is no customer, but
        it is not overwritten either: somebody noted it down, and nobody could read it any more.

        In a public team the customer can see the ticket, so only a follower becomes the customer.

        :return: dict of field name to the source
        """
        if self._get_merge_customer():
            same = [source for source in sources if self._merge_has_same_customer(source)]
            names = [name for name in ("partner_name", "partner_phone") if not self[name]]
            return {name: source for name in names for source in reversed(same) if source[name]}
        public = self._is_open_to_links()
        for source in sources:
            if source._get_merge_customer() and (not public or source.partner_id in self.message_partner_ids):
                return {name: source for name in CUSTOMER if source[name] and not self[name]}
        return {}

    def _merge_email_cc(self, sources):
        copies = {}
        for ticket in self | sources:
            for copy in tools.mail.email_split_and_format(ticket.email_cc or ""):
                copies.setdefault(tools.email_normalize(copy) or copy, copy)
        if len(copies) == len(tools.mail.email_split_and_format(self.email_cc or "")):
            return self.email_cc or ""
        return ", ".join(copies.values())

    def _merge_properties(self, sources):
        """Values of properties that the master lacks, from tickets of the same team.

        :return: dict of all its properties, or None when there is nothing to add
        """
        same = sources.filtered(lambda source: source.team_id == self.team_id)
        if not same or not self.team_id.ticket_properties_definition:
            return None
        values = dict(
            self.env.execute_query(
                SQL(
                    "SELECT id, properties FROM helpdesk_lite_ticket WHERE id = ANY(%s) AND properties IS NOT NULL",
                    (self | same).ids,
                )
            )
        )
        own = values.get(self.id) or {}
        merged = dict(own)
        for source in same:
            for name, value in (values.get(source.id) or {}).items():
                if not merged.get(name) and value:
                    merged[name] = value
        return merged if merged != own else None

    def _merge_append_texts(self, sources):
        """Append the descriptions of the sources in the database, each under a heading.

        A description that would make the text too long stays in the source only.

        :return: list of moves that undo it
        """
        rows = self.env.execute_query(
            SQL(
                """ SELECT id, length(description) FROM helpdesk_lite_ticket
                 WHERE id = ANY(%s) AND regexp_replace(left(description, 10000), '<[^>]*>|\\s', '', 'g') != ''
            """,
                (self | sources).ids,
            )
        )
        lengths = dict(rows)
        total = lengths.get(self.id, 0)
        texts = []
        for source in sources:
            total += lengths.get(source.id, 0)
            if source.id in lengths and total <= LONGEST_TEXT:
                heading = Markup("<p><br/></p><p><b>%s</b></p>") % self.env._(
                    "From #%(number)s, %(name)s:", number=source.number, name=source.name
                )
                texts.append(SQL("%s || (SELECT description FROM helpdesk_lite_ticket WHERE id = %s)", str(heading), source.id))
        if not texts:
            return []
        return self.env["helpdesk_lite.merge.repointer"]._change(
            self._table, self.ids, {"description": SQL("COALESCE(line.description, '') || %s", SQL(" || ").join(texts))}
        )
