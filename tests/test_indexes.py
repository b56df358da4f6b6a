"""What each index of tickets is for, in one place: one that serves nothing costs its bytes for each ticket of all years."""

import re

import pytest

from devtools import databases
from devtools.setup import Setup

TICKET = "helpdesk_lite_ticket_"
SERVES = {
    # a value for each ticket
    "pkey": "a ticket is opened",
    "number_unique": "numbers are unique; a number is typed, or stands in a subject; also by its beginning",
    "list_index": "the first page of a list in its usual order, whatever else is asked",
    "stage_index": "the first cards of a column, and counts by stage",
    "_opened_on_index": "lists by date, figures of new tickets, the bars of the dashboard",
    "_team_id_index": "the tickets of teams that somebody sees, closed ones included; deleting a team",
    "_user_id_index": "an assignee's tickets: My Tickets, the record rule, leaving",
    "_partner_id_index": "a customer's tickets: the button of a contact, the panel, the portal, merging contacts",
    "_name_index": "a part of a subject in the search box, the portal and where tickets are chosen",
    "customer_index": "a part of a customer's name or address, the panel's other tickets of an address",
    "description_words_index": "a rare word of a description in the search box",
    # of closed or answered tickets
    "closed_on_index": "figures of closed tickets, the dashboard's last week, whom to ask for a rating",
    "answered_on_index": "figures of first answers",
    # of open tickets
    "open_index": "counts of open tickets on the dashboard and on boards, by assignee: whom to assign the next one",
    "idle_index": "which open tickets are warned about, or close by themselves",
    "sla_index": "deadlines that come next, counts of breaches",
    "customer_waits_index": "customers who wait for us",
    "waiting_index": "tickets that wait for an assignee",
    "_snooze_until_index": "tickets that come back",
    # of few tickets
    "unclaimed_index": "tickets without a contact, when a contact has their address",
    "message_once_per_team": "one mail makes one ticket of a team",
    "_mail_from_index": "how many tickets a sender made lately",
    "_forwarded_by_id_index": "deleting a user",
    "_type_id_index": "tickets of a type; deleting it",
    "_close_reason_id_index": "tickets closed for a reason; deleting it",
    # of the other addons
    "_converted_lead_id_index": "the ticket of an opportunity",
    "_merge_target_id_index": "what was merged into a ticket",
    "merge_email_index": "duplicates of one address",
    "merge_words_index": "duplicates with rare words in common",
}


@pytest.fixture(scope="module")
def indexes():
    setup = Setup.from_environment()
    with databases.temporary(setup) as database:
        rows = setup.server.query(database, f"SELECT indexname, indexdef FROM pg_indexes WHERE tablename = '{TICKET[:-1]}'")
    return {name.removeprefix(TICKET): definition for name, definition in rows}


def test_each_index_serves_something(indexes):
    assert indexes.keys() - SERVES.keys() == set(), "say what it serves, or leave it out"
    assert SERVES.keys() - indexes.keys() == set(), "these are gone"


def test_conditions_are_written_as_the_orm_writes_them(indexes):
    """PostgreSQL does not see that ``active`` and ``active IS TRUE``, which the ORM asks for, are the same."""
    written = {name: definition.partition(" WHERE ")[2] for name, definition in indexes.items()}
    assert "(active IS TRUE)" in written["open_index"]
    otherwise = re.compile(r"\b(active|is_closed|assignment_waiting)\b(?! IS )")
    found = {name: text for name, text in written.items() if otherwise.search(text)}
    assert not found, "such an index serves no search"
