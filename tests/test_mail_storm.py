"""Nothing is lost and nothing is doubled while processes of Odoo and of PostgreSQL are killed.

The suite sends a part. The whole storm::

    HELPDESK_LITE_STORM=1 ./dev test tests/test_mail_storm.py
"""

import os

from mail_storm import Helpdesk, storm

from devtools.setup import Setup

MAILS, KILLS = (2000, 200) if os.environ.get("HELPDESK_LITE_STORM") else (100, 10)


def test_every_mail_of_a_storm_ends_as_one_message_for_each_team(capsys):
    done = storm(Setup.from_environment(), Helpdesk(), MAILS, KILLS)
    with capsys.disabled():
        print("\n" + "; ".join(f"{name} {value}" for name, value in done.figures.items()), done.exits)
    assert not done.wrong
    assert sum(done.killed.values()) == KILLS
    assert done.figures["messages"] + done.figures["rows"] == MAILS
