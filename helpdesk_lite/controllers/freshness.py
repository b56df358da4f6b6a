"""Whether a page may be read from a replica of the database, which is a little behind."""

import time

from odoo.http import request

# key of the session: when the visitor wrote something last, in seconds since the epoch
WROTE = "helpdesk_lite_wrote"
# For so many seconds visitors read from the primary what they wrote. A replica is rarely a second behind, but one that
# has to catch up may be minutes.
BEHIND = 600


def is_settled(_controller, _rule, _args):
    """Whether all that the visitor wrote is on the replica by now, for ``readonly`` of a route."""
    wrote = request.session.get(WROTE, 0)
    # another machine has another clock: what lies ahead was just written
    return not isinstance(wrote, (int, float)) or time.time() - wrote > BEHIND


def note_writing():
    """Remember that the visitor wrote something, so that they see it on the next page."""
    request.session[WROTE] = int(time.time())
