"""``./dev test [PYTEST ARGUMENTS]``: lint, repo tests, addon tests and tours.

All of them are spread over the processors (``pytest_lanes``). With a path, or with ``-k`` or ``-m``, only
pytest runs, only where the path is, and in one process; ``-n 2`` makes it two.
"""

import json
import os
import signal
import subprocess
import tempfile
import time
import uuid
from collections import Counter
from contextlib import ExitStack, contextmanager, suppress

from . import browser, databases, project, pytest_lanes, pytest_report
from .patience import MOMENT
from .setup import QUICK_LOGINS, Setup
from .state import ROOT, local
from .terminal import DevError, die_with_parent, stop

NO_TESTS = 5  # pytest's exit code for an empty collection
WITH_VALUE = {"-k", "-m", "-p", "-c", "-o", "-r", "-n", "-W", "--tb", "--deselect", "--ignore", "--maxfail", "--durations"}


class Totals:
    """The sums of all parts, for the closing line."""

    def __init__(self):
        self.figures = Counter()
        self.failures = []
        self.without_browser = []
        self.started = time.monotonic()

    def check(self, name, passed):
        self.figures["passed" if passed else "failed"] += 1
        if not passed:
            self.failures.append(name)

    def closing_line(self):
        words = {
            "failed": "failed",
            "passed": "passed",
            "skipped": "skipped",
            "xfailed": "xfailed",
            "xpassed": "xpassed",
            "error": "error",
        }
        said = [f"{self.figures[key]} {word}" for key, word in words.items() if self.figures[key]]
        if self.figures["error"] > 1:
            said[-1] += "s"
        return f"{', '.join(said) or 'no tests ran'} in {time.monotonic() - self.started:.1f}s"

    def exit_code(self):
        if self.figures["failed"] or self.figures["error"] or self.failures:
            return 1
        return 0 if self.figures["passed"] or self.figures["skipped"] else NO_TESTS


def main(arguments):
    if {"-h", "--help"} & set(arguments):
        print(__doc__)
        return 0
    paths, selected = sort(arguments)
    lanes = [] if selected else ["-p", "devtools.pytest_lanes", *pytest_lanes.options()]
    totals = Totals()
    os.environ[QUICK_LOGINS] = "1"  # of all servers that tests start
    setup = Setup.ready()
    try:
        databases.sweep(setup)
        if not selected:
            # the template is made beside the linters, and its progress is seen here: in the repo tests it is not
            with linters(setup) as linting:
                headline("Test database")
                databases.tested_template(setup)
                headline("Lint")
                report_lint(linting, totals)
        if repo_paths := in_repo(paths):
            headline("Repo tests")
            run_pytest(setup, totals, "repo", ["-p", "no:odoo", *lanes, *repo_paths, *options(arguments, paths)])
        if addon_paths := in_addons(paths):
            headline("Addon tests and tours")
            run_addons(setup, totals, [*lanes, *addon_paths, *options(arguments, paths)])
    except DevError as error:
        # the closing line is printed even if an addon cannot be installed or the disk is full
        totals.check(str(error), passed=False)
    finally:
        setup.server.release()
    return close(totals)


def close(totals):
    if totals.without_browser:
        print("\nSkipped, because there is no browser (apt-get install chromium):")
        for name in totals.without_browser:
            print(f"  {name}")
        if os.environ.get("CI", "").lower() in ("true", "1"):
            totals.failures.append("tours without a browser, and CI=true")
            totals.figures["failed"] += 1
    for name in totals.failures:
        print(f"FAILED {name}")
    print(totals.closing_line(), flush=True)
    return totals.exit_code()


# ARGUMENTS


def sort(arguments):
    """Find the paths in pytest's arguments, and whether they select tests."""
    paths, skip = [], False
    for word in arguments:
        if skip:
            skip = False
        elif word in WITH_VALUE:
            skip = True
        elif not word.startswith("-"):
            path = (ROOT / word.split("::")[0]) if not os.path.isabs(word) else word.split("::")[0]
            if not os.path.exists(path):
                path = os.path.abspath(word.split("::")[0])
            if not os.path.exists(path):
                raise DevError(f"there is no {word.split('::')[0]} here")
            paths.append(word)
    selected = bool(paths) or any(word.startswith(("-k", "-m", "--lf", "--last-failed")) for word in arguments)
    return paths, selected


def options(arguments, paths):
    return [word for word in arguments if word not in paths]


def is_repo(path):
    relative = os.path.relpath(os.path.realpath(ROOT / path.split("::")[0]), ROOT)
    return relative.split(os.sep)[0] not in project.addons()


def in_repo(paths):
    if paths:
        return [path for path in paths if is_repo(path)]
    return ["tests"] if (ROOT / "tests").is_dir() else []


def in_addons(paths):
    """The test folders of the addons, and ``tools/`` for its doctests."""
    if paths:
        return [path for path in paths if not is_repo(path)]
    found = []
    for name in project.addons():
        found += [f"{name}/{part}" for part in ("tests", "tools") if (ROOT / name / part).is_dir()]
    return found


# THE PARTS


def headline(text):
    print(f"\n=== {text} ===", flush=True)


@contextmanager
def linters(setup):
    """Start the linters.

    :return: list of tuples (name, process, file of what it says)
    """
    bin_folder = setup.venv / "bin"
    commands = {
        "ruff": [bin_folder / "ruff", "check", "--quiet", ".", "dev"],
        "ruff format": [bin_folder / "ruff", "format", "--check", "--quiet", ".", "dev"],
    }
    if project.addons():
        disabled = ",".join(project.setting("pylint_disabled"))
        commands["pylint-odoo"] = [
            setup.python,
            "-m",
            "pylint",
            "--rcfile=setup.cfg",
            f"--disable={disabled}",
            *project.addons(),
        ]
    with ExitStack() as stack:
        started = []
        for name, command in commands.items():
            said = stack.enter_context(tempfile.TemporaryFile("w+"))
            process = start(command, setup.environment() | {"PYTHONPATH": ""}, stdout=said, stderr=subprocess.STDOUT)
            stack.callback(stop, process)
            started.append((name, process, said))
        yield started


def report_lint(linting, totals):
    """Wait for the linters, and tell what each has found."""
    for name, process, said in linting:
        code = process.wait()
        said.seek(0)
        print(said.read(), end="")
        print(f"{name}: {'clean' if code == 0 else 'see above'}", flush=True)
        totals.check(f"lint: {name}", code == 0)


def run_addons(setup, totals, arguments):
    browser.ensure()
    with databases.temporary(setup, workers=pytest_lanes.count()) as database:
        run_pytest(
            setup,
            totals,
            "addons",
            [
                "-p",
                "devtools.pytest_odoo_patience",
                "-p",
                "devtools.pytest_odoo_memory",
                "-p",
                "devtools.pytest_odoo_files",
                f"--odoo-database={database}",
                "--odoo-http",
                "--doctest-modules",
                *arguments,
            ],
        )


def run_pytest(setup, totals, name, arguments):
    report = local() / f"report-{name}-{uuid.uuid4().hex[:8]}.json"
    report.parent.mkdir(exist_ok=True)
    code = run(
        [setup.python, "-m", "pytest", "-p", "devtools.pytest_report", *arguments],
        env=setup.environment() | {pytest_report.VARIABLE: str(report)},
    )
    if report.exists():
        facts = json.loads(report.read_text())
        report.unlink()
        totals.figures.update(facts["figures"])
        totals.without_browser += facts["without_browser"]
    if code not in (0, 1, NO_TESTS):
        totals.failures.append(f"pytest of the {name} ended with code {code}")


def run(command, env):
    """Run a program at this terminal; after Ctrl-C it gets time to end its browser and other children."""
    process = start(command, env)
    try:
        return process.wait()
    except KeyboardInterrupt:
        with suppress(subprocess.TimeoutExpired):
            process.wait(MOMENT)  # the terminal has sent it Ctrl-C as well
        stop(process, signal.SIGINT)
        raise


def start(command, env, **streams):
    return subprocess.Popen(list(map(str, command)), cwd=ROOT, env=env, preexec_fn=die_with_parent, **streams)
