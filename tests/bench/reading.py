"""How long mails take from bytes to the stored ticket, and how much memory: ``./dev bench reading [--json]``.

Five series grow in one respect each. Times are the shortest of some runs of all that makes a ticket of a mail, on the clock
and on the processor. R² tells how well a line fits the latter, which other programs disturb less: 1 is linear. Memory is the
highest that the process had beyond what it had before, with the mail itself, as a multiple of the mail; that of small texts
is many times theirs and little. The largest mail of each series is also measured with the row that keeps it
(``message_process``), and in Python's own parser, which is what standard Odoo begins with.
"""

import argparse
import base64
import ctypes
import email
import email.policy
import gc
import json
import random
import re
import statistics
import time
from pathlib import Path

from devtools.odoo_env import odoo_env

LEAST_FIT = 0.99
MOST_MEMORY = 6
MB = 1_000_000
HEAD = """From: Zoe Quill <zoe{number}@quill.example>
To: bench@bench.example
Subject: Lamp
Message-ID: <{number}@quill.example>
"""
LINE = b"All work and no play makes Jack a dull boy.\r\n"
SERIES = {
    "parts": ([10, 25, 50, 75, 100], "parts, up to as many as are read"),
    "more_parts": ([100, 500, 1000, 2000, 3000], "parts of 16 kB, of which 100 are read"),
    "file": ([1, 10, 20, 30, 40, 50], "MB of one file"),
    "text": ([100, 250, 500, 750, 1000], "kB of plain text"),
    "page": ([100, 250, 500, 750, 1000], "kB of HTML"),
}


def multipart(parts):
    lines = [b'Content-Type: multipart/mixed; boundary="b"', b""]
    for part in parts:
        lines += [b"--b", part]
    return b"\r\n".join([*lines, b"--b--", b""])


def file(size, number=0):
    """A part with a file whose encoded form has about this size, in bytes."""
    content = base64.encodebytes(random.Random(number).randbytes(size * 3 // 4)).replace(b"\n", b"\r\n")
    return b"Content-Type: application/pdf; name=a%d.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" % number + content


def build(series, value):
    """The mail of one point of a series, without what identifies it."""
    text = b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
    page = b"Content-Type: text/html; charset=utf-8\r\n\r\n"
    if series == "parts":
        return multipart(file(16_000, number) for number in range(value))
    if series == "more_parts":
        return multipart([file(16_000)] * value)
    if series == "file":
        return multipart([text + b"See", file(value * MB)])
    if series == "text":
        return text + LINE * (value * 1000 // len(LINE))
    return page + (b"<p>" + LINE.strip() + b"</p>\r\n") * (value * 1000 // (len(LINE) + 7))


def memory(name):
    """A figure of this process in ``/proc/self/status``, in bytes."""
    return int(re.search(rf"{name}:\s*(\d+)", Path("/proc/self/status").read_text())[1]) * 1024


def measure(work, mail):
    """Do something with a mail.

    :return: the time in seconds, the highest memory as a multiple of the mail, the size of the mail in bytes, and the time of
        the processor in seconds
    """
    gc.collect()
    # what was freed must not hide what is needed
    ctypes.CDLL(None).malloc_trim(0)
    # resets the highest
    Path("/proc/self/clear_refs").write_text("5")
    before, begun, busy = memory("VmRSS"), time.perf_counter(), time.process_time()
    work(mail)
    seconds, busy = time.perf_counter() - begun, time.process_time() - busy
    return seconds, 1 + (memory("VmHWM") - before) / len(mail), len(mail), busy


def fit(points):
    """R² of the line through points (x, y)."""
    return statistics.correlation(*zip(*points, strict=True)) ** 2


class Reading:
    def __init__(self, env, runs):
        self.env, self.runs, self.number = env, runs, 0
        domain = env["mail.alias.domain"].create({"name": "bench.example"})
        stage = env["helpdesk_lite.stage"].create({"name": "Quiet"})
        env["helpdesk_lite.team"].create(
            {"name": "Bench", "alias_name": "bench", "alias_domain_id": domain.id, "stage_ids": [(6, 0, stage.ids)]}
        )
        env.cr.commit()

    def build(self, series, value):
        self.number += 1
        return HEAD.format(number=self.number).encode() + build(series, value)

    def receive(self, mail):
        self.finish(self.env["mail.thread"]._message_process_kept(mail, {"model": None}))

    def keep_and_receive(self, mail):
        self.finish(self.env["mail.thread"].message_process(None, mail))

    def finish(self, ticket):
        assert ticket, "no ticket was made"
        self.env.cr.commit()
        self.env.invalidate_all()

    def series(self, name):
        values = SERIES[name][0]
        measured = {value: [] for value in values}
        # all values in turn, so that another program's load is not that of one of them
        for _run in range(self.runs):
            for value in values:
                measured[value].append(measure(self.receive, self.build(name, value)))
        rows = []
        for value, figures in measured.items():
            seconds, memories, sizes, busy = map(list, zip(*figures, strict=True))
            row = {"value": value, "mb": sizes[0] / MB, "seconds": min(seconds), "busy": min(busy), "memory": max(memories)}
            rows.append(row)
        points = [(row["value"], row["busy"]) for row in rows]
        kept = measure(self.keep_and_receive, self.build(name, value))
        parser = measure(lambda mail: email.message_from_bytes(mail, policy=email.policy.SMTP), self.build(name, value))
        return {"fit": fit(points), "rows": rows, "kept": kept[:2], "parser": parser[:2]}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with odoo_env() as env:
        bench = Reading(env, options.runs)
        bench.receive(bench.build("parts", 3))
        results = {name: bench.series(name) for name in SERIES}
    for name, (_values, title) in SERIES.items():
        print(f"{title}: R² {results[name]['fit']:.4f}")
        for row in results[name]["rows"]:
            times = f"{row['seconds']:7.2f} s  busy {row['busy']:6.3f} s"
            print(f"  {row['value']:>6}  {row['mb']:8.2f} MB  {times}  memory {row['memory']:5.1f} ×")
        for title, key in (("with the row that keeps it", "kept"), ("Python's parser alone", "parser")):
            print("  {}: {:.2f} s, memory {:.1f} ×".format(title, *results[name][key]))
    # a small mail is a small part of what the process takes
    worst = max(row["memory"] for result in results.values() for row in result["rows"] if row["mb"] >= 10)
    passed = worst <= MOST_MEMORY and all(result["fit"] >= LEAST_FIT for result in results.values())
    print(f"linear (R² ≥ {LEAST_FIT}) and at most {MOST_MEMORY} × the mail: {'yes' if passed else 'no'}, {worst:.1f} ×")
    if options.json:
        print(json.dumps({"series": results, "memory": worst, "passed": passed}))
    raise SystemExit(not passed)


if __name__ == "__main__":
    main()
