"""``./dev mutate [--jobs 1] [NAME...]``: remove lines that enforce security, one at a time; the tests must fail.

``tests/mutations.diff`` lists the lines; ``devtools/mutations.py`` describes its format. A change with which all
tests pass *survives*: somebody could make it by mistake. The work tree is never changed, only copies of the addons.

At most two pytest processes wait for work, each with an Odoo, a copy of the addons and a database of its own. They
change the code that is already loaded (``mutant_plugin.py``), as starting Odoo for each entry would take several times
as long. In the end all the tests are run with nothing changed: a test that fails then has proved nothing.
"""

import asyncio
import fnmatch
import json
import os
import shutil
import tempfile
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from . import databases, mutations, project
from .postgres import quote
from .setup import Setup
from .state import ROOT, logs
from .terminal import DevError, die_with_parent

MOST_JOBS = 2
# seconds for a test; tests that hang because a line is missing count as failed
PATIENCE = 300
# see mutant_plugin.py, which cannot be imported here, as it needs pytest
VARIABLE = "HELPDESK_LITE_MUTANTS"


@dataclass
class Outcome:
    """The result of a run: names of the tests that failed, or the reason why they could not run."""

    failed: list = field(default_factory=list)
    trouble: str = ""
    seconds: float = 0


class Workshop:
    """A copy of the addons, a database, and a pytest process that tries one entry at a time."""

    def __init__(self, setup, folder, database, tests):
        self.setup = setup
        self.folder = Path(folder)
        self.database = database
        self.tests = tests
        self.log = logs() / f"mutate-{database}.log"
        self.process = None
        for name in (*project.addons(), "setup.cfg"):
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, self.folder / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / name, self.folder / name)

    async def try_out(self, mutation, tests):
        """Run the tests of an entry with its change.

        :return: :class:`Outcome`
        """
        if mutation.record:
            with self.changed_record(mutation) as there:
                return await self.ask({"tests": tests}) if there else Outcome(trouble="its record is not in the database")
        # in the copy, as somebody may be working in the tree
        place = mutations.find(mutation, self.folder)
        outcome = await self.ask({"tests": tests, "path": str(place.path), "text": place.text})
        if outcome:
            return outcome
        # not possible in a running process
        whole = place.path.read_text()
        place.path.write_text(place.text)
        await self.close()
        try:
            return await self.ask({"tests": tests})
        finally:
            place.path.write_text(whole)
            await self.close()

    @contextmanager
    def changed_record(self, mutation):
        table, condition, _place = mutations.find_record(mutation)
        column, _equals, value = mutation.new[0].strip().partition(" = ")
        query = self.setup.server.query
        if not query(self.database, f"SELECT id FROM {table} WHERE {condition}"):
            yield False
            return
        former = "\n".join("\t".join(row) for row in query(self.database, f"SELECT {column} FROM {table} WHERE {condition}"))
        query(self.database, f"UPDATE {table} SET {column} = {value} WHERE {condition}")
        try:
            yield True
        finally:
            query(self.database, f"UPDATE {table} SET {column} = {quote(former)} WHERE {condition}")

    async def ask(self, job):
        """Send a job to the pytest process, see ``mutant_plugin.py``.

        :return: :class:`Outcome`, or None when the process must be started anew for this
        """
        started = time.monotonic()
        if not self.process:
            await self.start()
        try:
            self.jobs.write(json.dumps(job) + "\n")
            self.jobs.flush()
            line = await asyncio.wait_for(asyncio.to_thread(self.answers.readline), PATIENCE * len(job["tests"]))
        except BrokenPipeError:
            line = ""
        except asyncio.TimeoutError:
            await self.close()
            return Outcome(["no test ended in time"], seconds=time.monotonic() - started)
        if not line:
            await self.close()
            return Outcome(trouble=f"the tests could not be run (see {self.log})", seconds=time.monotonic() - started)
        answer = json.loads(line)
        if answer.get("cold"):
            return None
        # an error in a fixture proves nothing
        trouble = answer["broken"][0] if answer["broken"] and not answer["failed"] else ""
        return Outcome(answer["failed"], trouble, time.monotonic() - started)

    async def start(self):
        ours, theirs = os.pipe(), os.pipe()
        addons_path = ",".join(map(str, (*self.setup.odoo.addons, self.folder)))
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("a") as output:
            self.process = await asyncio.create_subprocess_exec(
                str(self.setup.python),
                "-m",
                "pytest",
                "-p",
                "devtools.mutant_plugin",
                "-q",
                f"--rootdir={self.folder}",
                f"--odoo-database={self.database}",
                f"--odoo-addons-path={addons_path}",
                "--odoo-http",
                *self.tests,
                cwd=self.folder,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=(theirs[0], ours[1]),
                preexec_fn=die_with_parent,
                env=self.setup.environment()
                | {
                    VARIABLE: f"{theirs[0]},{ours[1]}",
                    "PYTHONPATH": os.pathsep.join(map(str, (self.setup.odoo.home, self.folder, ROOT))),
                    # files change more often than once a second, the resolution of cached bytecode
                    "PYTHONDONTWRITEBYTECODE": "1",
                },
            )
        os.close(theirs[0])
        os.close(ours[1])
        self.jobs, self.answers = os.fdopen(theirs[1], "w"), os.fdopen(ours[0])

    async def close(self):
        if self.process:
            with suppress(ProcessLookupError):
                self.process.kill()
            await self.process.wait()
            with suppress(BrokenPipeError):
                self.jobs.close()
            self.answers.close()
            self.process = None


# THE COMMAND


def main(options):
    chosen = choose(mutations.read(), options.names)
    declared = mutations.declared_tests()
    applying, lines = [], []
    for mutation in chosen:
        try:
            applying.append((mutation, mutations.check(mutation, declared)))
        except DevError as error:
            lines.append(f"DOES NOT APPLY {error}")
    for line in lines:
        print(line, flush=True)
    started = time.monotonic()
    setup = Setup.ready()
    try:
        databases.sweep(setup)
        outcomes = asyncio.run(try_all(setup, applying, declared, min(options.jobs, MOST_JOBS)))
    finally:
        setup.server.release()
    return close(outcomes, len(lines), time.monotonic() - started)


def choose(there, names):
    """Select entries by name; shell-style patterns are allowed."""
    unknown = [name for name in names if not fnmatch.filter([mutation.name for mutation in there], name)]
    if unknown:
        raise DevError(f"there is no {unknown[0]} in {mutations.FILE.relative_to(ROOT)}")
    return [mutation for mutation in there if not names or any(fnmatch.fnmatch(mutation.name, name) for name in names)]


async def try_all(setup, applying, declared, jobs):
    """Try the entries.

    :param list applying: of tuples (:class:`mutations.Mutation`, its place)
    :param int jobs: number of processes
    :return: list of tuples (entry, :class:`Outcome`)
    """
    tests = {mutation.name: mutations.resolve(mutation, declared) for mutation, _place in applying}
    every = sorted({test for names in tests.values() for test in names})
    outcomes, todo = [], iter(applying)

    async def work(workshop):
        for mutation, place in todo:
            outcome = await workshop.try_out(mutation, tests[mutation.name])
            outcomes.append((mutation, outcome))
            said = f"{verdict(outcome):9} {mutation.name}: {mutation.protects} ({tell(outcome)}, {outcome.seconds:.1f} s)"
            print(said if verdict(outcome) == "killed" else f"{said}\n          {place}", flush=True)

    async def check_health(workshop, share):
        """Run tests unchanged: last, so that this also shows whether a change has left traces."""
        healthy = await workshop.ask({"tests": share, "all": True})
        print(f"unchanged: {tell(healthy)} ({len(share)} tests, {healthy.seconds:.1f} s)", flush=True)
        if healthy.failed or healthy.trouble:
            raise DevError(f"these tests fail without any change, so their results prove nothing: {tell(healthy)}")

    with ExitStack() as stack:
        workshops = [
            Workshop(
                setup,
                stack.enter_context(tempfile.TemporaryDirectory(prefix="helpdesk-lite-mutants-")),
                stack.enter_context(databases.temporary(setup)),
                every,
            )
            for _job in range(min(jobs, len(applying)))
        ]
        try:
            await asyncio.gather(*map(work, workshops))
            shares = [every[number :: len(workshops)] for number in range(len(workshops))]
            await asyncio.gather(*map(check_health, workshops, shares))
        finally:
            for workshop in workshops:
                await workshop.close()
    return outcomes


def tell(outcome):
    return outcome.trouble or ", ".join(outcome.failed[:3]) or "all pass"


def verdict(outcome):
    if outcome.trouble:
        return "UNCLEAR"
    return "killed" if outcome.failed else "SURVIVED"


def close(outcomes, not_applying, seconds):
    """:return: exit code: 1 when a change survives or an entry does not apply"""
    verdicts = [verdict(outcome) for _mutation, outcome in outcomes]
    for mutation, outcome in outcomes:
        if verdict(outcome) != "killed":
            print(f"{verdict(outcome)} {mutation.name}: {mutation.protects}")
    said = [f"{verdicts.count(word)} {word.lower()}" for word in ("killed", "SURVIVED", "UNCLEAR")]
    print(f"{', '.join(said)}, {not_applying} not applying of {len(outcomes) + not_applying} in {seconds:.1f}s", flush=True)
    return 0 if verdicts and set(verdicts) == {"killed"} and not not_applying else 1
