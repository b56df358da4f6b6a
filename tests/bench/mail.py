"""What the safe intake of mails costs, and what it saves: ``./dev bench mail [--storm] [--mails N] [--kills N] [--json]``.

Without ``--storm``: statements and time of a plain mail against the same by standard Odoo's ``message_process``, interleaved,
and mails per second with 1, 2 and 4 processes beside a ``project.task`` alias. With ``--storm``: mails by IMAP, POP and script
while processes are killed, and the same against standard Odoo.
"""

import argparse
import json
import sys
from pathlib import Path

from devtools.setup import Setup

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from mail_storm import Helpdesk, Stock, storm


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--storm", action="store_true")
    parser.add_argument("--mails", type=int, default=10_000, help="of a storm")
    parser.add_argument("--kills", type=int, default=200, help="of a storm")
    parser.add_argument("--only", choices=("ours", "standard"), help="one side of a storm")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = {}
    if options.storm:
        for name, world in (("ours", Helpdesk()), ("standard", Stock())):
            if options.only in (None, name):
                done = storm(Setup.from_environment(), world, options.mails, options.kills)
                figures |= {f"{world.name}: {what}": value for what, value in done.figures.items()}
                print(done.exits, done.killed)
    for name, value in figures.items():
        print(f"{name:<58} {value:>12}")
    if options.json:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
