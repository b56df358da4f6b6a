"""How long mails take from bytes to the stored ticket, and how much memory: ``./dev bench reading [--json]``.

Five series grow in one respect each. Times are the shortest of some runs through ``message_process``, and R² tells how
well a line fits them: 1 is linear. Memory is the highest that the process had beyond what it had before, with the mail
itself, as a multiple of the mail. The same mails are measured in Python's own parser, which is what standard Odoo begins
with.
"""

import argparse
import base64
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


def measure(work, runs):
    """Run something.

    :return: the shortest time in seconds, and the highest memory beyond the memory before, in bytes
    """
    times, most = [], 0
    for _run in range(runs):
        gc.collect()
        # resets the highest
        Path("/proc/self/clear_refs").write_text("5")
        before, begun = memory("VmRSS"), time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
        most = max(most, memory("VmHWM") - before)
    return min(times), most


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

    def receive(self, body):
        self.number += 1
        found = self.env["mail.thread"].message_process(None, HEAD.format(number=self.number).encode() + body)
        assert found, "no ticket was made"
        self.env.cr.commit()
        self.env.invalidate_all()

    def series(self, name):
        points, rows = [], []
        for value in SERIES[name][0]:
            body = build(name, value)
            seconds, most = measure(lambda body=body: self.receive(body), self.runs)
            points.append((value, seconds))
            rows.append({"value": value, "mb": len(body) / MB, "seconds": seconds, "memory": most / len(body) + 1})
        row = rows[-1]
        parsed, most = measure(lambda: email.message_from_bytes(body, policy=email.policy.SMTP), 1)
        row |= {"parser_seconds": parsed, "parser_memory": most / len(body) + 1}
        return {"fit": fit(points), "rows": rows}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with odoo_env() as env:
        bench = Reading(env, options.runs)
        bench.receive(build("parts", 3))
        results = {name: bench.series(name) for name in SERIES}
    for name, (_values, title) in SERIES.items():
        print(f"{title}: R² {results[name]['fit']:.4f}")
        for row in results[name]["rows"]:
            print(f"  {row['value']:>6}  {row['mb']:8.2f} MB  {row['seconds']:7.2f} s  memory {row['memory']:5.1f} ×")
        print(f"  Python's parser alone: {row['parser_seconds']:.2f} s, memory {row['parser_memory']:.1f} ×")
    # a small mail is a small part of what the process takes
    worst = max(row["memory"] for result in results.values() for row in result["rows"] if row["mb"] >= 10)
    passed = worst <= MOST_MEMORY and all(result["fit"] >= LEAST_FIT for result in results.values())
    print(f"linear (R² ≥ {LEAST_FIT}) and at most {MOST_MEMORY} × the mail: {'yes' if passed else 'no'}, {worst:.1f} ×")
    if options.json:
        print(json.dumps({"series": results, "memory": worst, "passed": passed}))
    raise SystemExit(not passed)


if __name__ == "__main__":
    main()
