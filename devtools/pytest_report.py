"""A pytest plugin that writes the figures of a run for ``./dev test``.

It also lists the tests that Odoo skipped because of a missing browser, so that this does not
go unnoticed.
"""

import json
import os
from pathlib import Path

VARIABLE = "HELPDESK_LITE_REPORT"
# Odoo's message when it skips a test because there is no working browser
NO_BROWSER = ("Chrome executable not found", "chrome", "Chrome", "websocket-client")
COUNTED = ("passed", "failed", "error", "skipped", "xfailed", "xpassed")


def pytest_terminal_summary(terminalreporter):
    stats = terminalreporter.stats
    figures = {key: len(stats.get(key, [])) for key in COUNTED}
    without_browser = [
        report.nodeid
        for report in stats.get("skipped", [])
        if isinstance(report.longrepr, tuple) and any(word in report.longrepr[2] for word in NO_BROWSER)
    ]
    target = os.environ.get(VARIABLE)
    if target:
        Path(target).write_text(json.dumps({"figures": figures, "without_browser": without_browser}))
