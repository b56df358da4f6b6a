"""The quality and the speed of finding duplicates.

    ./dev bench duplicates [--tickets N] [--json]     speed with N tickets, default 300,000, and with a tenth
    ./dev bench duplicates --quality [--folds N] [--data FILE] [--questions FILE] [--json]
                                                      quality on the development set and on ours

--data      CSV (text,category) with the development set, default tests/data/banking77_dev.csv. Each of the N
            folds (default 5) asks a fifth of it against the rest, so that every question is asked once.
--questions CSV (text,category): these are asked against all of --data instead.

Everything uses the addon's code: the index, the candidates and the similarity that agents see.
"""

import argparse
import csv
import json
import random
import resource
import statistics
import time
from datetime import timedelta

from odoo import fields

from devtools.odoo_env import odoo_env
from devtools.state import ROOT

TICKET = "helpdesk_lite.ticket"
SEED = 20
QUERIES = 200
SCANS = 9
DUPLICATE_SHARE = 0.05
WORD_PARTS = "ka re to mi su la ne po di ga ro be fu ti so ma le no vi zu pa che gri sta"


def insert(env, tickets):
    """Insert tickets, pairs (subject, text), without the ORM, and return the id of the last one."""
    Team = env["helpdesk_lite.team"]
    team = Team.search([("name", "=", "Bench")]) or Team.create({"name": "Bench", "privacy_visibility": "company"})
    env.flush_all()
    stage = team._get_first_stage()
    env.cr.execute_values(
        f"""INSERT INTO helpdesk_lite_ticket (name, description, team_id, company_id, stage_id, priority, active, is_closed,
                                              opened_on, create_date, write_date, create_uid, write_uid)
            SELECT v.name, v.description, {team.id}, {team.company_id.id}, {stage.id}, '0', true, false,
                   now(), now(), now(), 1, 1
              FROM (VALUES %s) AS v(name, description)""",
        tickets,
        page_size=2000,
    )
    Ticket, last = env[TICKET], 0
    env.cr.execute("SELECT coalesce(max(id), 0) FROM helpdesk_lite_ticket WHERE merge_words IS NOT NULL")
    (last,) = env.cr.fetchone()
    while following := Ticket._merge_index_batch(last):
        last = following
    return last


# ------------------------------------------------------------
# QUALITY
# ------------------------------------------------------------


def read_questions(path):
    with open(path, newline="") as file:
        return [(row["text"], row["category"]) for row in csv.DictReader(file)]


def ask(env, indexed, asked, most=5):
    """Query the addon.

    :param indexed: list of (subject, text, label)
    :param asked: list of (subject, text, label), or None: every indexed ticket is asked
    :return: for each asked a list of (percent, whether the labels agree), best first
    """
    env.cr.execute("SAVEPOINT ask")
    env.cr.execute("DELETE FROM helpdesk_lite_ticket")
    last = insert(env, [(subject, text) for subject, text, _label in indexed])
    env["helpdesk_lite.merge.vocabulary"]._renew()
    first = last - len(indexed) + 1
    labels = {first + at: label for at, (_subject, _text, label) in enumerate(indexed)}
    ids = list(labels)
    if asked is not None:
        last = insert(env, [(subject, text) for subject, text, _label in asked])
        ids = list(range(last - len(asked) + 1, last + 1))
        wanted = dict(zip(ids, (label for _subject, _text, label in asked), strict=True))
    else:
        wanted = labels
    answers = []
    for start in range(0, len(ids), 100):
        tickets = env[TICKET].browse(ids[start : start + 100])
        candidates = tickets._merge_find_candidates()
        for ticket in tickets:
            others = env[TICKET].browse([other_id for other_id in candidates[ticket.id] if other_id in labels])
            found = ticket._merge_percents(others)
            best = sorted(found.items(), key=lambda item: (-item[1], item[0]))[:most]
            answers.append([(percent, labels[other_id] == wanted[ticket.id]) for other_id, percent in best] or [(0, False)])
        env.invalidate_all()
    env.cr.execute("ROLLBACK TO SAVEPOINT ask")
    env.invalidate_all()
    return answers


def calibration_error(pairs, bins=10):
    """The mean difference between the percentage and the share of correct answers, over bins of equal width."""
    total = 0
    for number in range(bins):
        inside = [pair for pair in pairs if min(int(pair[0] * bins / 100), bins - 1) == number]
        if inside:
            total += abs(sum(percent for percent, _right in inside) / 100 - sum(right for _percent, right in inside))
    return total / len(pairs)


def figures(answers):
    best = [answer[0] for answer in answers]
    surest = sorted(best, key=lambda pair: -pair[0])[: len(best) // 2]
    return {
        "p_at_1": sum(right for _percent, right in best) / len(best),
        "hit_at_5": sum(any(right for _percent, right in answer) for answer in answers) / len(answers),
        "precision_at_half_coverage": sum(right for _percent, right in surest) / len(surest),
        "calibration_error": calibration_error(best),
        "calibration_error_of_five": calibration_error([pair for answer in answers for pair in answer]),
        "asked": len(answers),
    }


def curve(answers):
    """The accuracy of percentages: list of tuples (lower bound, number of pairs, share of correct answers)."""
    best = [answer[0] for answer in answers]
    lines = []
    for low in range(0, 100, 10):
        inside = [right for percent, right in best if low <= percent < low + 10 + (low == 90)]
        if inside:
            lines.append((low, len(inside), sum(inside) / len(inside)))
    return lines


def quality(env, options):
    questions = [(text, "", label) for text, label in read_questions(options.data)]
    if options.questions:
        answers = ask(env, questions, [(text, "", label) for text, label in read_questions(options.questions)])
    else:
        random.Random(SEED).shuffle(questions)
        folds = [questions[number::5] for number in range(5)]
        answers = []
        for number in range(options.folds):
            rest = [question for other, fold in enumerate(folds) if other != number for question in fold]
            answers += ask(env, rest, folds[number])
    result = {"development": figures(answers), "curve": curve(answers), "ours": ours(env)}
    development = result["development"]
    print(
        f"{development['asked']} questions, best hit right {development['p_at_1']:.3f}, one of five right "
        f"{development['hit_at_5']:.3f}, of the surer half right {development['precision_at_half_coverage']:.3f}"
    )
    print(
        f"mean calibration error of the best {development['calibration_error']:.3f}, of five "
        f"{development['calibration_error_of_five']:.3f}"
    )
    for low, count, share in result["curve"]:
        print(f"  {low:3} to {low + 10:3} %: {share:6.1%} of {count} right")
    for language, values in result["ours"].items():
        print(
            f"ours, {language}: {values['pairs']} pairs, recall at 5 {values['recall_at_5']:.3f}, "
            f"best hit right {values['p_at_1']:.3f}, a hard negative first {values['hard_negative_first']:.3f}, "
            f"share of tickets with a suggestion {values['suggested']:.2f}, right of those {values['suggested_right']:.3f}"
        )
    return result


def ours(env):
    """The recall of duplicates among the first five, with each ticket compared to all others in both languages."""
    with open(ROOT / "tests/data/helpdesk_pairs.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    answers = ask(
        env,
        [
            (row["subject"], "<p>%s</p>" % row["text"].replace("\n", "<br>"), (row["language"], row["topic"], row["matter"]))
            for row in rows
        ],
        None,
    )
    result = {}
    for language in ("en", "es", "both"):
        chosen = [(row, answer) for row, answer in zip(rows, answers, strict=True) if language in ("both", row["language"])]
        alike = {}
        for row, _answer in chosen:
            key = row["language"], row["topic"], row["matter"]
            alike[key] = alike.get(key, 0) + 1
        possible = sum(min(5, count - 1) * count for count in alike.values())
        shown = [answer[0] for _row, answer in chosen if answer[0][0] >= 70]
        result[language] = {
            "pairs": possible // 2,
            "recall_at_5": sum(right for _row, answer in chosen for _percent, right in answer) / possible,
            "p_at_1": sum(answer[0][1] for _row, answer in chosen) / len(chosen),
            "hard_negative_first": sum(not answer[0][1] for _row, answer in chosen) / len(chosen),
            "suggested": len(shown) / len(chosen),
            "suggested_right": sum(right for _percent, right in shown) / max(1, len(shown)),
        }
    return result


# ------------------------------------------------------------
# SPEED
# ------------------------------------------------------------


def made_up_tickets(count, chance):
    """Generate subjects and texts with natural word frequencies (Zipf); every twentieth rewords an earlier one."""
    syllables = WORD_PARTS.split()
    words = sorted({"".join(chance.choices(syllables, k=chance.randint(1, 4))) for _number in range(60_000)})
    words.sort(key=len)
    weights = [1 / (rank + 3) for rank in range(len(words))]
    totals = []
    total = 0
    for weight in weights:
        total += weight
        totals.append(total)
    earlier = []
    for number in range(count):
        if earlier and chance.random() < DUPLICATE_SHARE:
            said = [word for word in chance.choice(earlier) if chance.random() > 0.15]
            said += chance.choices(words, cum_weights=totals, k=3)
        else:
            said = chance.choices(words, cum_weights=totals, k=chance.randint(15, 45))
        earlier = [*earlier[-500:], said] if number % 10 == 0 else earlier
        subject = chance.randint(4, 8)
        yield " ".join(said[:subject]), f"<p>{' '.join(said[subject:])}</p>"


def fill(env, count, chance):
    env.cr.execute("SELECT count(*) FROM helpdesk_lite_ticket")
    missing = count - env.cr.fetchone()[0]
    tickets = made_up_tickets(missing, chance)
    while batch := [ticket for ticket, _number in zip(tickets, range(10_000), strict=False)]:
        insert(env, batch)
    env["helpdesk_lite.merge.vocabulary"]._renew()
    env.cr.execute("ANALYZE helpdesk_lite_ticket")
    env.cr.commit()


def run_rule(env):
    """Measure a full run: seconds, additional megabytes, and the number of groups."""
    env["helpdesk_lite.merge.group"].search([]).unlink()
    env["helpdesk_lite.merge.rule"].search([]).unlink()
    rule = env["helpdesk_lite.merge.rule"].create(
        {"name": "All", "company_id": False, "same_customer": False, "window_days": 0, "similarity_threshold": 90}
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    complete = False
    while not complete:
        _looked_at, complete = rule._run_batch()
        env.cr.commit()
    seconds = time.perf_counter() - start
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return seconds, grown / 1024, env["helpdesk_lite.merge.group"].search_count([("rule_id", "=", rule.id)])


def measure_suggestions(env, chance):
    """Measure milliseconds of suggestions to an agent, and of the most similar subjects by the index of trigrams and by a scan.

    :return: three lists
    """
    agent = (
        env["res.users"]
        .with_context(no_reset_password=True)
        .create(
            {
                "name": "Agent",
                "login": "bench-agent",
                "group_ids": [fields.Command.link(env.ref("helpdesk_lite.group_user").id)],
            }
        )
    )
    ids = chance.sample(env[TICKET].search([], order="id").ids, QUERIES)
    suggestions, by_index, scans = [], [], []
    for ticket_id in ids:
        env.invalidate_all()
        ticket = env[TICKET].with_user(agent).browse(ticket_id)
        start = time.perf_counter()
        ticket._merge_suggest()
        suggestions.append(1000 * (time.perf_counter() - start))
    for ticket_id in ids[:SCANS]:
        for times, condition in ((by_index, "other.name % own.name"), (scans, "TRUE")):
            start = time.perf_counter()
            env.cr.execute(
                f"""SELECT other.id, similarity(other.name, own.name) AS alike
                      FROM helpdesk_lite_ticket own, helpdesk_lite_ticket other
                     WHERE own.id = {ticket_id:d} AND other.id <> own.id AND {condition} ORDER BY alike DESC LIMIT 5"""
            )
            times.append(1000 * (time.perf_counter() - start))
    env.cr.rollback()
    return suggestions, by_index, scans


def speed(env, options):
    chance = random.Random(SEED)
    env.cr.execute("DELETE FROM helpdesk_lite_ticket")
    result = {"tickets": options.tickets}
    fill(env, options.tickets // 10, chance)
    result["run_seconds_tenth"], _grown, result["groups_tenth"] = run_rule(env)
    print(
        f"rule over {options.tickets // 10} tickets: {result['run_seconds_tenth']:.1f} s, {result['groups_tenth']} groups",
        flush=True,
    )
    fill(env, options.tickets, chance)
    suggestions, by_index, scans = measure_suggestions(env, chance)
    result["suggestion_ms_median"] = statistics.median(suggestions)
    result["suggestion_ms_p95"] = statistics.quantiles(suggestions, n=20)[-1]
    result["index_ms_median"], result["scan_ms_median"] = statistics.median(by_index), statistics.median(scans)
    result["median_of_index"] = result["suggestion_ms_median"] / result["index_ms_median"]
    result["median_of_scan"] = result["suggestion_ms_median"] / result["scan_ms_median"]
    result["p95_of_scan"] = result["suggestion_ms_p95"] / result["scan_ms_median"]
    print(
        f"suggestions among {options.tickets}: median {result['suggestion_ms_median']:.1f} ms, 95 % below "
        f"{result['suggestion_ms_p95']:.1f} ms; similar subjects by the index of trigrams {result['index_ms_median']:.0f} ms "
        f"(1/{1 / result['median_of_index']:.1f}), by a scan {result['scan_ms_median']:.0f} ms",
        flush=True,
    )
    result["run_seconds"], result["run_megabytes"], result["groups"] = run_rule(env)
    result["run_ratio"] = result["run_seconds"] / result["run_seconds_tenth"]
    print(
        f"rule over {options.tickets} tickets: {result['run_seconds']:.1f} s, {result['run_ratio']:.1f} times the tenth's, "
        f"{result['groups']} groups, {result['run_megabytes']:.0f} MB more memory"
    )
    return result


def main():
    parser = argparse.ArgumentParser(prog="./dev bench duplicates")
    parser.add_argument("--tickets", type=int, default=300_000)
    parser.add_argument("--quality", action="store_true")
    parser.add_argument("--folds", type=int, default=5, choices=range(1, 6))
    parser.add_argument("--data", default=ROOT / "tests/data/banking77_dev.csv")
    parser.add_argument("--questions")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    start = fields.Datetime.now()
    with odoo_env() as env:
        result = quality(env, options) if options.quality else speed(env, options)
    print(f"took {(fields.Datetime.now() - start) // timedelta(seconds=1)} s")
    if options.json:
        print(json.dumps(result))


if __name__ == "__main__":
    main()
