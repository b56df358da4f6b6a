"""A pytest plugin: writes the figures of a run where ``./dev test`` reads them.

It also turns a missing browser into names: Odoo skips a tour then, and a skipped tour
must not pass unseen.
"""

import json
import os
from pathlib import Path

VARIABLE = "HELPDESK_LITE_REPORT"
# what Odoo says when it skips a browser test for want of a working browser
NO_BROWSER = ("Chrome executable not found", "chrome", "Chrome", "websocket-client")
COUNTED = ("passed", "failed", "error", "skipped", "xfailed", "xpassed")


def pytest_terminal_summary(terminalreporter):
    stats = terminalreporter.stats
    figures = {key: len(stats.get(key, [])) for key in COUNTED}
    without_browser = [
        report.nodeid for report in stats.get("skipped", [])
        if isinstance(report.longrepr, tuple) and any(word in report.longrepr[2] for word in NO_BROWSER)
    ]
    target = os.environ.get(VARIABLE)
    if target:
        Path(target).write_text(json.dumps({"figures": figures, "without_browser": without_browser}))
