"""The similarity of tickets keeps its quality: a small part of ``./dev bench duplicates --quality`` without Odoo."""

import csv
import heapq
import importlib.util
import random
import sys
from collections import defaultdict
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / "helpdesk_lite_data_cleaning/tools"
ASKED = 300


@pytest.fixture(scope="module")
def tools():
    """The addon's modules ``text`` and ``similarity``, imported without Odoo."""
    spec = importlib.util.spec_from_file_location(
        "similarity_tools", TOOLS / "__init__.py", submodule_search_locations=[str(TOOLS)]
    )
    sys.modules[spec.name] = package = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(package)
    yield import_module("similarity_tools.text"), import_module("similarity_tools.similarity")
    for name in [name for name in sys.modules if name.split(".")[0] == spec.name]:
        del sys.modules[name]


def rows_of(name):
    with (ROOT / "tests/data" / name).open(newline="") as file:
        return list(csv.DictReader(file))


def best_five(similarity, indexed, asked):
    """Find the five most similar indexed texts for each question: lists of (overlap, label), best first."""
    weights = similarity.learn([words.split() for words, _label in indexed])
    profiles = [similarity.profile(words, weights) for words, _label in indexed]
    holders = defaultdict(list)
    for at, profile in enumerate(profiles):
        for trigram, root in profile.roots.items():
            holders[trigram].append((at, root))
    for words, _label in asked:
        own = similarity.profile(words, weights)
        common = defaultdict(float)
        for trigram, root in own.roots.items():
            for at, other in holders[trigram]:
                common[at] += root * other
        yield heapq.nlargest(
            5,
            (
                (shared / (own.total * profiles[at].total) ** similarity.EXPONENT, indexed[at][1])
                for at, shared in common.items()
            ),
        )


def test_recall_on_our_own_tickets(tools):
    text, similarity = tools
    rows = rows_of("helpdesk_pairs.csv")
    assert len(rows) == 288
    tickets = [
        (
            text.words_of(row["subject"], "<p>%s</p>" % row["text"].replace("\n", "<br>")),
            (row["language"], row["topic"], row["matter"], at),
        )
        for at, row in enumerate(rows)
    ]
    for language in ("en", "es"):
        asked = [ticket for ticket in tickets if ticket[1][0] == language]
        found = sum(
            label[:3] == own[:3]
            for (_words, own), best in zip(asked, best_five(similarity, tickets, asked), strict=True)
            for _overlap, label in best
            if label != own
        )
        # four texts about each subject, each asked for the other three; the text itself is among the five
        assert found / (3 * len(asked)) > 0.9, language


def test_first_hits_and_their_percentages_on_the_development_set(tools):
    text, similarity = tools
    rows = rows_of("banking77_dev.csv")
    random.Random(20).shuffle(rows)
    questions = [(text.words_of(row["text"], ""), row["category"]) for row in rows]
    asked, indexed = questions[:ASKED], questions[len(questions) // 5 :]
    best = [
        (similarity.percent(found[0][0]), found[0][1] == own)
        for (_words, own), found in zip(asked, best_five(similarity, indexed, asked), strict=True)
    ]
    assert sum(right for _percent, right in best) / ASKED > 0.82
    surest = sorted(best, reverse=True)[: ASKED // 2]
    assert sum(right for _percent, right in surest) / len(surest) > 0.92
    expected = sum(percent for percent, _right in best) / 100
    assert abs(expected - sum(right for _percent, right in best)) / ASKED < 0.05
