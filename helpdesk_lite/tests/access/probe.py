"""Sends requests through every entry point, as eight users, and searches the answers for secret words.

The suite sends 20,000 probes in all addons together. To send more, and to write all findings to a file::

    HELPDESK_LITE_PROBES=200000 HELPDESK_LITE_PROBE_REPORT=found.txt ./dev test helpdesk_lite/tests/access/test_probe.py
"""

import gc
import os
import re
from collections import Counter, defaultdict
from contextlib import contextmanager, nullcontext
from pathlib import Path
from random import Random
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.modules import get_module_path
from odoo.service.model import call_kw
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from ..common import HelpdeskCase
from . import probe_doors as doors
from .probe_doors import DOORS, Questions
from .probe_map import PEOPLE, Map
from .probe_world import HERE, ROLES, Builder, World
from .probe_writes import Finding, Writes

SEED = 11
WRITING = (doors.onchange, doors.create, doors.write, doors.technical, doors.methods, doors.names)
PROBES, REPORT = "HELPDESK_LITE_PROBES", "HELPDESK_LITE_PROBE_REPORT"
MOST_LINES = 40
WORD = re.compile(rf"zq[hk]{{{len(ROLES)}}}[a-z]{{6}}")
LOGGERS = ("odoo.sql_db", "odoo.models", "odoo.domains", "odoo.orm", "odoo.addons", "odoo.tests", "odoo.http", "py.warnings")


class ProbeCase(Map, Writes, HelpdeskCase):
    """Probes the models of an addon. Bridges inherit this class and add their records to the world."""

    module = None
    promised = 0

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.random = Random(SEED)
        cls.there = cls.env["res.company"].create({"name": "There"})
        for number, role in enumerate(ROLES):
            company = cls.env.company if role.company == HERE else cls.there
            role.user, role.context = cls.make_user(f"hl_probe_{number}", role.groups, company), None
        cls.world = World(cls.random)
        with mute_logger(*LOGGERS):
            cls.builder = Builder(cls, cls.world)
            cls.builder.build()
            cls.build_more()
        cls.env.flush_all()
        cls.env.invalidate_all()
        cls.context_keys = cls.find_context_keys()
        cls._known = {}

    @classmethod
    def make_user(cls, login, groups, companies):
        known = [group for group in groups.split(",") if cls.env.ref(group, raise_if_not_found=False)]
        return new_test_user(
            cls.env,
            login,
            ",".join(known or ["base.group_user"]),
            email=f"{login}@test.example",
            company_id=companies[-1:].id,
            company_ids=[(6, 0, companies.ids)],
        )

    @classmethod
    def build_more(cls):
        """Add the records of a bridge to the world."""

    @classmethod
    def find_context_keys(cls):
        """Find the context keys that the addon or the core reads or sets."""
        keys = set()
        for module in {"helpdesk_lite", cls.module}:
            for path in Path(get_module_path(module)).rglob("*.py"):
                if "tests" not in path.parts:
                    source = path.read_text()
                    keys.update(re.findall(r"context\.get\(\s*\"(\w+)\"", source))
                    keys.update(re.findall(r"\"(helpdesk_lite_\w+)\"", source))
                    for arguments in re.findall(r"with_context\(([^()]*)\)", source):
                        keys.update(re.findall(r"(\w+)=", arguments))
        return sorted(key for key in keys if not key.endswith("_rel") and key not in ("lang", "helpdesk_lite"))

    # ------------------------------------------------------------
    # PROBING
    # ------------------------------------------------------------

    def probe(self):
        """Send the probes, and fail with a report of the findings.

        A probe is a request whose answer is searched for every word.
        """
        wanted = int(int(os.environ.get(PROBES, 20_000)) * self.promised / 20_000)
        self.batch = None
        self.made, self.doors = 0, Counter()
        self.findings, self.twins = defaultdict(list), {}
        gc.collect()
        gc.freeze()
        with mute_logger(*LOGGERS):
            buckets = [bucket for role in ROLES for bucket in self.fill_buckets(role)]
            share = self.find_share(buckets, wanted)
            for role in ROLES:
                self.kept_rows = {}
                before = self.get_checksum(role)
                for door, weight, asker, calls in buckets:
                    if asker is role:
                        self.use(role, door, self.random.sample(calls, min(len(calls), self.count(share, weight))))
                if self.get_checksum(role) != before:
                    self.findings["writing"].append(f"{role.name}: hidden records changed during the run")
            # it is not known beforehand how many questions need a second request
            questions = [bucket for bucket in buckets if isinstance(bucket[3], Questions) and bucket[3]]
            while self.made < wanted:
                door, _weight, role, calls = self.random.choice(questions)
                self.use(role, door, self.random.sample(calls, min(len(calls), 10)))
        if self.findings:
            self.fail(self.get_report())
        self.assertGreaterEqual(self.made, wanted)
        self.assertEqual(set(self.doors), {door.__name__ for door in DOORS}, "no door is left out")

    def fill_buckets(self, role):
        for model in self.models():
            may_read = self.as_role(role)[model].has_access("read")
            for door, weight in DOORS.items():
                calls = door(self, role, model)
                if calls:
                    yield door, weight if may_read else 0.3, role, calls

    @staticmethod
    def count(share, weight):
        return max(1, round(share * weight))

    def find_share(self, buckets, wanted):
        """Compute how many calls of each bucket to make, so that every bucket is used and the total is as wanted."""
        low, high = 0.0, 1.0
        total = sum(len(calls) for _door, _weight, _role, calls in buckets)

        def made(share):
            # a question needs up to two requests
            return sum(
                min(len(calls), self.count(share, weight)) * (2 if isinstance(calls, Questions) else 1)
                for _door, weight, _role, calls in buckets
            )

        while made(high) < min(wanted, total):
            high *= 2
        for _i in range(40):
            middle = (low + high) / 2
            low, high = (low, middle) if made(middle) >= min(wanted, total) else (middle, high)
        return high

    def use(self, role, door, calls):
        self.forget()
        # each context creates an environment, and dropping a cache visits every environment
        environments = self.env.transaction.envs
        environments.data.clear()
        environments.update([self.env, self.as_role(role)])
        if door in WRITING:
            for call in calls:
                with self.undone():
                    self.judge(role, door, call)
        else:
            with self.undone() as self.batch:
                for call in calls:
                    self.judge(role, door, call)
        self.batch = None

    def forget(self, people=True):
        """Drop the caches before a request, except for data of users that it would only read again."""
        transaction = self.env.transaction
        kept = {} if people else {field: data for field, data in transaction.field_data.items() if field.model_name in PEOPLE}
        transaction.clear()
        transaction.field_data.update(kept)

    @contextmanager
    def undone(self):
        savepoint = self.cr.savepoint(flush=False)
        try:
            yield savepoint
        finally:
            self.forget()
            savepoint.close(rollback=True)
            self.cr.precommit.clear()
            self.cr.postcommit.clear()

    def judge(self, role, door, call):
        call = call() if callable(call) else call
        made = self.made
        try:
            answer, refused = self.send(role, call, call.args)
            self.listen(role, answer, call)
            if call.twin is not None:
                if refused or not call.empty or not is_empty(answer):
                    self.compare(role, call, refused or answer)
            elif not refused and call.writes is not None:
                self.look_again(role, call, answer)
        except Finding as finding:
            self.findings[door.__name__].append(f"{role.name}: {shorten(str(call))}: {finding}")
        self.doors[door.__name__] += self.made - made

    def send(self, role, call, args, debug=False):
        """Send a request, and return its answer and, if it was refused, the kind of the error."""
        env = self.as_role(role)
        self.made += 1
        if call.twin is None:
            self.forget(people=call.model in PEOPLE)
        kwargs = dict(call.kwargs)
        kwargs["context"] = {**role.context, **kwargs.get("context", {})}
        try:
            with self.debug_mode(debug), self.cr.savepoint(flush=False) if not self.batch else nullcontext():
                answer = call_kw(env[call.model], call.method, clone(args), kwargs)
                if not self.batch:
                    self.env.flush_all()
            return answer, None
        except UserError as error:
            self.forget(people=False)
            if not debug and self.random.random() < 0.25:
                text, _refused = self.send(role, call, args, debug=True)
                return f"{error} {text}", type(error).__name__
            return str(error), type(error).__name__
        except Exception as error:
            # clients receive the error's text as well
            self.forget()
            if self.batch:
                self.batch.rollback()
            return f"{type(error).__name__}: {error}", type(error).__name__

    @contextmanager
    def debug_mode(self, debug):
        Users = type(self.env["res.users"])
        has_group = Users.has_group
        if not debug:
            yield
            return
        with patch.object(
            Users,
            "has_group",
            lambda user, name: user._has_group(name) if name == "base.group_no_one" else has_group(user, name),
        ):
            yield

    def listen(self, role, answer, call=None):
        """Search an answer for words, except for those that the client itself sent.

        :raise Finding: when it contains a word that is hidden from the role
        """
        text = repr(answer)
        found = {word for word in WORD.findall(text.lower()) if not self.may_know(role, word)}
        found |= {word for code, word in self.world.encoded.items() if code in text and not self.may_know(role, word)}
        if found and call:
            found -= set(WORD.findall(repr((call.args, call.kwargs))))
        if found:
            kinds = sorted({self.world.words[word].kind for word in found})
            raise Finding(f"told {', '.join(kinds)}")

    def may_know(self, role, word):
        return word not in self.world.words or self.world.words[word].place.known_to(role)

    def compare(self, role, call, answer):
        key = (role.name, call.model, call.method, repr(call.twin))
        if key not in self.twins:
            other, refused = self.send(role, call, call.twin)
            self.listen(role, other, call)
            self.twins[key] = repr(refused or other)
        if neutral(self.twins[key]) != neutral(repr(answer)):
            raise Finding(f"answered yes to {self.narrow(role, call)}")

    def narrow(self, role, call):
        """Find out which kind of word a positive answer refers to."""
        pattern = self.world.pattern(role)
        if pattern not in repr(call.args):
            return next((word.kind for word in self.world.words.values() if word.text in repr(call.args)), "?")
        made, twin = self.made, neutral(self.twins[role.name, call.model, call.method, repr(call.twin)])
        try:
            for word in self.world.hidden_words(role):
                answer, refused = self.send(role, call, replace(call.args, pattern, word.text))
                if neutral(repr(refused or answer)) != twin:
                    return word.kind
        finally:
            self.made = made
        return "a word"

    # ------------------------------------------------------------
    # THE REPORT
    # ------------------------------------------------------------

    def get_report(self):
        """List one line for each kind of finding, grouped by entry point."""
        found = sum(map(len, self.findings.values()))
        lines = [f"{found} of {self.made} probes of {self.module} found something (seed {SEED}):"]
        room = max(1, (MOST_LINES - len(self.findings) - 2) // len(self.findings))
        for door, findings in self.findings.items():
            kinds = {}
            for line in findings:
                kinds.setdefault((line.split(":")[0], line.rsplit(": ", 1)[-1]), line)
            lines.append(f"{door}: {len(findings)}")
            lines += [f"  {line}" for line in list(kinds.values())[:room]]
        path = os.environ.get(REPORT)
        if path:
            with open(path, "a") as file:
                for door, findings in self.findings.items():
                    file.writelines(f"{self.module} {door}: {line}\n" for line in findings)
        return "\n".join(lines[:MOST_LINES])


def clone(value):
    """Copy the arguments for each call, as a request would."""
    if isinstance(value, (list, tuple)):
        return [clone(item) for item in value]
    if isinstance(value, dict):
        return {key: clone(item) for key, item in value.items()}
    return value


def replace(value, old, new):
    if isinstance(value, (list, tuple)):
        return [replace(item, old, new) for item in value]
    return value.replace(old, new) if isinstance(value, str) else value


def neutral(text):
    """Remove the requested word, which error messages repeat, from an answer."""
    return re.sub("z[qy](?=[_hk])", "z", text)


def is_empty(answer):
    return not answer or answer == {"length": 0, "records": []}


def shorten(text, most=160):
    return text if len(text) <= most else f"{text[: most - 40]} … {text[-39:]}"
