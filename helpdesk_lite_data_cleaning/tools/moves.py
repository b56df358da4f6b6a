"""The moves of a merge, as the journal keeps them: what was changed in which table, so that it can be taken back.

They hold names, ids and values, and nothing in them is ever executed.
"""

import json
from collections.abc import Iterable
from typing import NamedTuple

# SQL of the digest by which undoing recognises a value that was not changed since; ``%s`` is the value
DIGEST = "md5(COALESCE(to_jsonb(%s)::text, 'null'))"


class Move(NamedTuple):
    """Rows whose column was repointed to another ticket; in a table of pairs, ``ids`` are those of the other column."""

    table: str
    column: str
    source: int
    master: int
    ids: list


class Link(NamedTuple):
    """Pairs that were added to a relation of a ticket: ``ids`` are those of the other column."""

    table: str
    column: str
    master: int
    ids: list


class Add(NamedTuple):
    """Rows that were added."""

    table: str
    ids: list


class Set(NamedTuple):
    """Values that were changed: the old ones by column, and the digests of the new ones."""

    table: str
    ids: list
    old: dict
    new: dict


KINDS = {"move": Move, "link": Link, "add": Add, "set": Set}
# in the journal, tickets are called by what the row did: it went from one to another
KEYS = {"source": "from", "master": "to"}


def dump(moves: Iterable) -> list[dict]:
    """The moves as JSON objects.

    >>> dump([Move("mail_message", "res_id", 7, 3, [1, 2])])
    [{'op': 'move', 'table': 'mail_message', 'column': 'res_id', 'from': 7, 'to': 3, 'ids': [1, 2]}]
    """
    ops = {kind: op for op, kind in KINDS.items()}
    return [
        {"op": ops[type(move)], **{KEYS.get(name, name): value for name, value in move._asdict().items()}} for move in moves
    ]


def load(value: object) -> list:
    """The moves of a journal.

    :raise ValueError: when it is damaged

    >>> load([{"op": "add", "table": "mail_followers", "ids": [5]}])
    [Add(table='mail_followers', ids=[5])]
    >>> load([{"op": "add", "table": 5, "ids": [5]}])
    Traceback (most recent call last):
    ValueError: {'op': 'add', 'table': 5, 'ids': [5]}
    """
    moves = []
    for item in value if isinstance(value, list) else [value]:
        kind = KINDS.get(item.get("op")) if isinstance(item, dict) else None
        values = {name: item.get(KEYS.get(name, name)) for name in kind._fields} if kind else {}
        if not kind or not all(type(values[name]) is of for name, of in kind.__annotations__.items()):
            raise ValueError(item)
        moves.append(kind(**values))
    return moves


def collect(table: str, rows: Iterable[tuple[int, dict, dict]]) -> list[Set]:
    """Changes of rows as moves; equal changes share one.

    :param rows: tuples of id, old values by column, digests of the new values

    >>> collect("t", [(1, {"a": 0}, {"a": "x"}), (2, {"a": 0}, {"a": "x"}), (3, {}, {})])
    [Set(table='t', ids=[1, 2], old={'a': 0}, new={'a': 'x'})]
    """
    changes: dict = {}
    for row_id, old, new in rows:
        if old:
            changes.setdefault(json.dumps([old, new], sort_keys=True), Set(table, [], old, new)).ids.append(row_id)
    return list(changes.values())
