from collections import Counter, defaultdict

from odoo import fields
from odoo.tools import SQL

from ...tools.import_words import PRIORITIES, choose_stage, fold, is_empty
from .base_import import to_html
from .customers import Contacts, split_address
from .names import find_by_name, find_users, get_pipelines

LISTED = 30  # mistakes of one kind that are listed with their rows
# cells that may hold any text
TEXTS = ("name", "description", "partner_name")
# what a ticket always has; an empty cell leaves it as it is, or as it is for new tickets
ALWAYS = ("name", "team_id", "stage_id", "priority", "opened_on")


def named(record, field):
    """The name in a cell of a relational field, or None where it is empty or holds an id."""
    values = record.get(field)
    return values[0][None].strip() if values and list(values[0]) == [None] and values[0][None] else None


class TicketRows:
    """Reads the rows of an import together, and knows what is wrong with which of them.

    What it finds is taken out of the rows; the rest is left to Odoo, which asks for each value by itself.
    """

    def __init__(self, tickets, run, log):
        """:param tickets: empty recordset of tickets, with the context of ``load``
        :param Run run: the import
        :param log: function that takes messages as ``load`` returns them
        """
        self.tickets, self.env, self.run, self.log = tickets, tickets.env, run, log
        self.mistakes = Counter()
        self.emptied = set(self.env.context.get("import_set_empty_fields") or ())
        self.skipped = set(self.env.context.get("import_skip_records") or ())
        self.created = self.env.context.get("name_create_enabled_fields") or {}

    def resolve(self, rows):
        """Find what the rows name.

        :param list rows: pairs (record, extras) of ``_extract_records``; the records are changed
        :return: list of dicts with the values that were found, in the order of the rows
        """
        self.rows = rows
        self.found = [{} for _row in rows]
        for record, _extras in rows:
            self._clean(record)
        self._read_numbers()
        teams = self._read_teams()
        self._read_stages(teams)
        self._read_names("type_id", find_by_name, lambda index, types: types._filter_used_by(teams[index]))
        self._read_names("user_id", find_users)
        self._read_tags()
        self._read_customers(teams)
        self._read_dates()
        for field, count in self.mistakes.items():
            if count > LISTED:
                text = self.env._("More rows with the same mistake: %s", count - LISTED)
                self.log(
                    {"type": "error", "field": field, "field_path": [field], "message": text, "rows": self.rows[-1][1]["rows"]}
                )
        return self.found

    # ------------------------------------------------------------
    # CELLS
    # ------------------------------------------------------------

    def _clean(self, record):
        """Empty the cells that have no value in the words of other helpdesks, and read texts."""
        for field, value in record.items():
            if field is None or field in TEXTS:
                continue
            if isinstance(value, str) and is_empty(value):
                record[field] = ""
            elif isinstance(value, list) and (name := named(record, field)) is not None and is_empty(name):
                record[field] = []
        if record.get("description"):
            record["description"] = to_html(record["description"])
        if record.get("number"):
            record["number"] = record["number"].strip().lstrip("#")
        if priority := PRIORITIES.get(fold(record.get("priority") or "")):
            record["priority"] = priority
        if email := record.get("partner_email"):
            name, record["partner_email"] = split_address(email.strip())
            record["partner_name"] = record.get("partner_name") or name

    def _each(self, field):
        """The rows that name something in a field: tuples (index, record, extras, name)."""
        for index, (record, extras) in enumerate(self.rows):
            if name := named(record, field):
                yield index, record, extras, name

    def _row(self, index):
        return self.run.row(self.rows[index][1])

    def _refuse(self, index, field, value, text, **more):
        """Say what is wrong with a row.

        :param str text: a sentence with the row in it
        :param more: further keys of the message, for the screen
        """
        self.mistakes[field] += 1
        if self.mistakes[field] <= LISTED:
            self.log(
                {
                    **self.rows[index][1],
                    "type": "error",
                    "record": index,
                    "field": field,
                    "field_path": [field],
                    "value": value[:50],
                    "message": text,
                    **more,
                }
            )

    def _settle(self, index, field, record, value, text):
        """Treat a name that is not there as the person chose on the screen, or say that it is not there.

        :return: True when it is settled
        """
        model = self.tickets._fields[field].comodel_name
        if field in self.skipped:
            self.found[index][field] = None
        elif field in self.emptied:
            self.found[index][field] = False
        elif self.created.get(field):
            # Odoo creates it
            return False
        else:
            action = {
                "name": self.env._("Possible Values"),
                "type": "ir.actions.act_window",
                "target": "new",
                "view_mode": "list",
                "views": [(False, "list")],
                "context": {"create": False},
                "res_model": model,
            }
            self._refuse(index, field, value, text, moreinfo=action)
            # the row is not created, so the value does not matter
            self.found[index][field] = False
        del record[field]
        return True

    # ------------------------------------------------------------
    # WHAT ROWS NAME
    # ------------------------------------------------------------

    def _read_names(self, field, find, choose=None):
        """Find the records that a field names: exactly one each.

        :param find: function from an empty recordset and words to a dict of word to recordset
        :param choose: function from the number of a row and a recordset to those that the row can have; None for all
        """
        rows = list(self._each(field))
        model = self.env[self.tickets._fields[field].comodel_name]
        records = find(model, {name for *_row, name in rows}) if rows else {}
        for index, record, _extras, name in rows:
            known = choose(index, records[name]) if choose else records[name]
            if len(known) == 1:
                self.found[index][field] = known.id
                del record[field]
            elif known:
                text = self.env._("Row %(row)s: there is more than one “%(name)s”.", row=self._row(index), name=name)
                self._settle(index, field, record, name, text)
            else:
                text = self.env._("Row %(row)s: there is no “%(name)s” that you can see.", row=self._row(index), name=name)
                self._settle(index, field, record, name, text)

    def _read_teams(self):
        """Find the teams.

        :return: list of the team of each row, records of ``helpdesk_lite.team``, empty where it is not known
        """
        Team = self.env["helpdesk_lite.team"]
        self._read_names("team_id", find_by_name)
        default = Team.browse(self.tickets.default_get(["team_id"]).get("team_id") or [])
        # sudo: the external ids of what the user chose by them
        ids = self.env["ir.model.data"].sudo()
        by_reference, teams = {}, []
        for index, (record, _extras) in enumerate(self.rows):
            if values := record.get("team_id"):
                # an id, which Odoo checks; here it only tells which stages there are
                ((kind, reference),) = values[0].items()
                if reference not in by_reference:
                    module, _dot, name = reference.rpartition(".")
                    if kind == ".id":
                        id_ = int(reference) if reference.isdecimal() else 0
                    else:
                        id_ = ids._xmlid_to_res_id(f"{module or '__import__'}.{name}") if kind else 0
                    by_reference[reference] = Team.search([("id", "=", id_ or 0)])
                teams.append(by_reference[reference])
            elif "team_id" in self.found[index]:
                teams.append(Team.browse(self.found[index]["team_id"] or []) or default)
            elif existing := self._existing(record):
                teams.append(existing.team_id)
            else:
                teams.append(default)
        return teams

    def _existing(self, record):
        """The ticket that a row changes, if it names one by its id."""
        id_ = record.get(".id")
        return self.tickets.search([("id", "=", int(id_))]) if id_ and str(id_).isdecimal() else self.tickets.browse()

    def _read_stages(self, teams):
        """Find the stages of the tickets' own teams, by their names or by common words for a status."""
        pipelines = get_pipelines(self.env["helpdesk_lite.team"].union(*teams))
        names = {team.id: team.name for team in self.env["helpdesk_lite.team"].browse(pipelines)}
        for index, record, extras, status in list(self._each("stage_id")):
            team = teams[index]
            if not team:
                continue
            stages = pipelines[team.id]
            if chosen := choose_stage(status, stages):
                id_, same = chosen
                self.found[index]["stage_id"] = id_
                del record["stage_id"]
                if not same:
                    # sudo: the names of the stages of a team in which the user can create tickets
                    stage = self.env["helpdesk_lite.stage"].sudo().browse(id_)
                    text = self.env._(
                        "The status “%(status)s” becomes the stage “%(stage)s” of the team “%(team)s”.",
                        status=status,
                        stage=stage.name,
                        team=names[team.id],
                    )
                    self.run.notice(text, self.run.row(extras))
            else:
                text = self.env._(
                    "Row %(row)s: the team “%(team)s” has no stage “%(stage)s”.",
                    row=self._row(index),
                    team=names[team.id],
                    stage=status,
                )
                self._settle(index, "stage_id", record, status, text)
        self._close(teams, pipelines)

    def _close(self, teams, pipelines):
        """Make stages and closing dates agree: a ticket with such a date and no status is closed, and an open one has none."""
        closed = {stage.id for stages in pipelines.values() for stage in stages if stage.closed}
        for index, (record, _extras) in enumerate(self.rows):
            if not record.get("close_date"):
                continue
            if self.found[index].get("stage_id"):
                if self.found[index]["stage_id"] not in closed:
                    record["close_date"] = ""
            elif not record.get("stage_id") and teams[index]:
                stages = [stage.id for stage in pipelines[teams[index].id] if stage.closed]
                if stages and not record.get(".id") and not record.get("id"):
                    self.found[index]["stage_id"] = stages[0]
                    record.pop("stage_id", None)

    def _read_tags(self):
        """Find the tags in cells with names between commas, and create those that the person wants created."""
        rows = [
            (index, record, [name.strip() for name in cell.split(",") if name.strip()])
            for index, record, _e, cell in self._each("tag_ids")
        ]
        if not rows:
            return
        Tag = self.env["helpdesk_lite.tag"]
        wanted = {fold(name): name for _index, _record, names in rows for name in names}
        tags = find_by_name(Tag, set(wanted.values()))
        missing = [name for name in wanted.values() if not tags[name]]
        if missing and self.created.get("tag_ids"):
            tags |= dict(zip(missing, Tag.create([{"name": name} for name in missing]), strict=True))
        for index, record, names in rows:
            known = [tags[wanted[fold(name)]][:1] for name in names]
            unknown = [name for name, tag in zip(names, known, strict=True) if not tag]
            del record["tag_ids"]
            if not unknown or "tag_ids" in self.emptied:
                self.found[index]["tag_ids"] = [fields.Command.set([tag.id for tag in known if tag])]
            elif "tag_ids" in self.skipped:
                self.found[index]["tag_ids"] = None
            else:
                text = self.env._("Row %(row)s: there is no tag “%(tag)s”.", row=self._row(index), tag=unknown[0])
                self._refuse(index, "tag_ids", unknown[0], text)

    def _read_customers(self, teams):
        """Link customers to the one contact with their address; of all others, keep what the file says."""
        emails = {record["partner_email"] for record, _extras in self.rows if record.get("partner_email")}
        names = {name for _index, record, _extras, name in self._each("partner_id") if not record.get("partner_email")}
        contacts = Contacts(self.env, emails, names)
        # sudo: the company of a team in which the user can create tickets
        companies = {team: team.sudo().company_id.id for team in set(teams)}
        for index, (record, extras) in enumerate(self.rows):
            email, name = record.get("partner_email"), named(record, "partner_id")
            if (record.get("partner_id") and not name) or not (email or name):
                continue
            partners = contacts.find(email, name, companies[teams[index]])
            if not email and not partners:
                text = self.env._(
                    "Row %(row)s: there is no contact “%(name)s” that you can see.", row=self._row(index), name=name
                )
                self._settle(index, "partner_id", record, name, text)
                continue
            if record.pop("partner_id", None):
                self.found[index]["partner_id"] = False
            if len(partners) == 1:
                self.found[index]["partner_id"] = partners[0].id
                # what the file does not say is the contact's
                for field in ("partner_name", "partner_email", "partner_phone"):
                    if not record.get(field):
                        record.pop(field, None)
                continue
            if name and not record.get("partner_name"):
                record["partner_name"] = name
            text = (
                self.env._("Several contacts have the customer's address or name. The ticket is not linked to any of them.")
                if partners
                else self.env._("No contact has the customer's address. The ticket keeps the name and the address.")
            )
            self.run.notice(text, self.run.row(extras))

    # ------------------------------------------------------------
    # NUMBERS AND DATES
    # ------------------------------------------------------------

    def _read_numbers(self):
        """Refuse numbers that are twice in the file, or that another ticket has, which may be hidden."""
        if self.tickets._is_protected(self.tickets._fields["number"]):
            # the ticket is refused, whatever its number
            return
        rows = defaultdict(list)
        for index, (record, _extras) in enumerate(self.rows):
            # a row with an id changes a ticket, which may keep its number
            if record.get("number") and not record.get(".id") and not record.get("id"):
                rows[record["number"]].append(index)
        taken = set()
        if rows:
            self.tickets.flush_model(["number"])
            query = SQL("SELECT number FROM helpdesk_lite_ticket WHERE number = ANY(%s)", list(rows))
            taken = {number for (number,) in self.env.execute_query(query)}
        for number, indexes in rows.items():
            if number in taken:
                for index in indexes:
                    text = self.env._(
                        "Row %(row)s: there is already a ticket with the number %(number)s.",
                        row=self._row(index),
                        number=number,
                    )
                    self._refuse(index, "number", number, text)
                continue
            for index in indexes[1:]:
                text = self.env._(
                    "Row %(row)s: the number %(number)s is in row %(first)s as well.",
                    row=self._row(index),
                    number=number,
                    first=self._row(indexes[0]),
                )
                self._refuse(index, "number", number, text)

    def _read_dates(self):
        """Refuse tickets that were opened in the future, or closed before they were opened: day and month are mistaken."""
        Datetime = fields.Datetime
        now = Datetime.now()
        for index, (record, _extras) in enumerate(self.rows):
            try:
                opened, closed = (Datetime.to_datetime(record.get(name)) or None for name in ("opened_on", "close_date"))
            except ValueError:
                # Odoo says so
                continue
            # the time zone is not known yet
            if opened and (opened - now).days >= 1:
                text = self.env._("Row %s: the ticket was opened in the future.", self._row(index))
                self._refuse(index, "opened_on", record["opened_on"], text)
            if opened and closed and closed < opened:
                text = self.env._("Row %s: the ticket was closed before it was opened.", self._row(index))
                self._refuse(index, "close_date", record["close_date"], text)
