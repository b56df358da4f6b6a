"""The parts of ``./dev``, without Odoo and without a network."""

import os
import shutil
import subprocess
from collections import namedtuple

import pytest

from devtools import command_test, databases, debian, odoo_source, postgres, project, pytest_lanes, state, terminal
from devtools.setup import Setup
from devtools.terminal import DevError


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("ODOO_HOME", "PGHOST", "PGPORT", "PGUSER", "PGPASSWORD"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def addons(tmp_path, monkeypatch):
    """A repository with a core and a bridge, and a function that writes a file into it."""
    monkeypatch.setattr(project, "ROOT", tmp_path)

    def write(path, text=""):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)

    write("core/__manifest__.py", "{'depends': ['mail', 'portal']}")
    write("core/models/ticket.py", "one")
    write("core_crm/__manifest__.py", "{'depends': ['core', 'crm'], 'auto_install': True}")
    write("later/__manifest__.py", "{'depends': ['core'], 'installable': False}")
    write("tests/test_nothing.py")
    return write


# ODOO


def test_not_debian_and_no_odoo_home_tells_the_command(monkeypatch):
    monkeypatch.setattr(debian, "release", lambda: {"ID": "fedora", "PRETTY_NAME": "Fedora Linux 43"})
    with pytest.raises(DevError, match=r"Fedora Linux 43, not Debian.*git clone.*19\.0.*ODOO_HOME"):
        odoo_source.locate()


@pytest.mark.parametrize(
    ("layout", "named"),
    [
        (("addons/mail", "odoo/addons/base"), ""),  # a checkout
        (("usr/lib/python3/dist-packages/odoo/addons/mail",), ""),  # an unpacked package
        (("odoo/addons/mail",), "odoo"),  # the package folder itself
    ],
)
def test_odoo_home_may_be(layout, named, tmp_path, monkeypatch):
    for folder in layout:
        (tmp_path / folder).mkdir(parents=True)
    release = next(tmp_path.rglob("odoo")) / "release.py"
    release.write_text("version_info = (19, 0, 0, FINAL, 0, '')\n")
    monkeypatch.setenv("ODOO_HOME", str(tmp_path / named))
    odoo = odoo_source.locate()
    assert odoo.home == release.parent.parent
    assert all(folder.is_dir() for folder in odoo.addons)
    assert any((folder / "mail").is_dir() for folder in odoo.addons)
    assert odoo == odoo_source.locate()


@pytest.mark.skipif(not debian.is_debian(), reason="needs Debian's apt")
def test_mirror_not_reachable(monkeypatch):
    monkeypatch.setattr(debian, "mirror", lambda: "http://127.0.0.1:9/debian")
    with pytest.raises(DevError, match=r"cannot reach the Debian mirror http://127\.0\.0\.1:9/debian"):
        odoo_source.locate()
    assert not list(state.cache().glob("odoo-19*"))


def test_no_space(monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: namedtuple("usage", "free")(5 * 2**20))
    with pytest.raises(DevError, match=r"no space: Odoo 19 needs 2000 MB .* 5 MB are free"):
        state.need_space(tmp_path / "not/yet/there", 2000, "Odoo 19")


# STATE


def test_interrupted_folder_is_never_half_there(tmp_path):
    target = tmp_path / "thing"
    with pytest.raises(KeyboardInterrupt), state.made_whole(target) as part:
        (part / "half").touch()
        raise KeyboardInterrupt
    assert not target.exists()
    with state.made_whole(target) as part:
        (part / "whole").touch()
    assert [path.name for path in tmp_path.iterdir()] == ["thing"]
    assert (target / "whole").exists()


def test_locks_shared_and_alone():
    first, second = state.Lock("x"), state.Lock("x")
    assert first.acquire(shared=True)
    assert second.acquire(shared=True)
    assert not second.acquire(wait=False)
    first.release()
    assert second.acquire(wait=False)
    second.release()


def test_tail_tells_what_went_wrong(tmp_path):
    log = tmp_path / "log"
    log.write_text("fine\nE: Unable to connect\nbye\n")
    assert terminal.tail(log) == "E: Unable to connect"
    log.write_text("fine\nbye\n")
    assert terminal.tail(log) == "bye"
    assert terminal.tail(tmp_path / "none") == "no output"


# ADDONS


def test_addons_are_found(addons):
    assert project.addons() == ["core", "core_crm"]
    assert project.foreign_modules(["core", "core_crm"]) == ["crm", "mail", "portal"]
    assert project.ours_needed_by("core") == {"core"}
    assert project.ours_needed_by("core_crm") == {"core", "core_crm"}


def test_content_hash_changes_with_everything_but_tests(addons):
    before = project.content_hash(project.addons())
    addons("core/tests/test_ticket.py", "x")
    addons("core/static/tests/tour.js", "x")
    addons("core/models/__pycache__/ticket.cpython-311.pyc", "x")
    assert project.content_hash(project.addons()) == before
    addons("core/models/ticket.py", "two")
    assert project.content_hash(project.addons()) != before


def test_broken_manifest_is_named(addons):
    addons("core/__manifest__.py", "{'depends': [}")
    with pytest.raises(DevError, match=r"core/__manifest__\.py is not a dictionary"):
        project.addons()


# POSTGRESQL


def test_postgresql_not_reachable(monkeypatch):
    binaries = Setup.from_environment().server.binaries
    monkeypatch.setenv("PGHOST", "127.0.0.1")
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGUSER", "somebody")
    with pytest.raises(DevError, match=r"PostgreSQL at PGHOST=127\.0\.0\.1:1 cannot be used"):
        postgres.external(binaries)


def test_superuser_postgres_is_refused(monkeypatch, tmp_path):
    monkeypatch.setenv("PGHOST", "127.0.0.1")
    monkeypatch.setenv("PGUSER", "postgres")
    with pytest.raises(DevError, match="PGUSER is postgres"):
        postgres.external(tmp_path)


@pytest.mark.parametrize("number", ["1", "999999999", "rubbish"])
def test_pid_file_of_a_dead_server_goes(number, tmp_path):
    (tmp_path / "postmaster.pid").write_text(f"{number}\n")
    postgres.forget_dead_server(tmp_path)
    assert not (tmp_path / "postmaster.pid").exists()


def test_socket_path_is_short_and_ours(tmp_path):
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    folder = postgres.socket_folder(deep, None)
    try:
        assert len(str(folder / ".s.PGSQL.5432.lock")) < 107
        assert folder.stat().st_mode & 0o077 == 0
        folder.chmod(0o755)
        with pytest.raises(DevError, match="somebody else's"):
            postgres.socket_folder(deep, None)
    finally:
        folder.rmdir()


def test_names_of_databases_fit():
    assert len(f"{databases.owned('template')}_foreign_0123456789_part") <= 63


def test_copies_for_test_processes_stay_until_they_end():
    setup = Setup.from_environment()
    with databases.temporary(setup, lambda setup: "template0", workers=2) as name:
        copy = f"{name}-gw1"
        databases.copy(setup, "template0", copy)
        databases.sweep(setup)
        assert databases.exists(setup, copy)
    assert not databases.exists(setup, copy)
    assert not databases.exists(setup, name)


# TEST


def test_paths_among_arguments():
    assert command_test.sort(["-x", "-v"]) == ([], False)
    assert command_test.sort(["-k", "tests"]) == ([], True)
    assert command_test.sort(["tests/conftest.py::x", "-q"]) == (["tests/conftest.py::x"], True)


def closing(**figures):
    totals = command_test.Totals()
    totals.figures.update(figures)
    return totals


def test_closing_line_and_exit_code(capsys):
    assert command_test.close(closing(passed=3, skipped=1)) == 0
    assert capsys.readouterr().out.startswith("3 passed, 1 skipped in ")
    assert command_test.close(closing(passed=122, failed=1)) == 1
    assert capsys.readouterr().out.startswith("1 failed, 122 passed in ")
    assert command_test.close(closing(passed=1, error=2)) == 1
    assert "2 errors" in capsys.readouterr().out
    assert command_test.close(closing()) == command_test.NO_TESTS


def test_long_ones_come_first_and_classes_stay_together(monkeypatch):
    monkeypatch.setattr(project, "setting", {"long_tests": ["TestLong", "gone", "test_slow"]}.get)
    Item = namedtuple("Item", "nodeid")
    items = [
        Item(nodeid)
        for nodeid in (
            "a/test_a.py::TestOne::test_1",
            "a/test_a.py::TestTwo::test_1",
            "a/test_slow.py::test_1",
            "a/test_slow.py::test_2",
            "a/test_a.py::TestTwo::test_2",
            "b/test_b.py::TestLong::test_1",
        )
    ]
    pytest_lanes.pytest_collection_modifyitems(items)
    assert [item.nodeid[2:] for item in items] == [
        "test_b.py::TestLong::test_1",
        "test_slow.py::test_1",
        "test_slow.py::test_2",
        "test_a.py::TestTwo::test_1",
        "test_a.py::TestTwo::test_2",
        "test_a.py::TestOne::test_1",
    ]


def test_all_processes_are_counted(tmp_path, capfd):
    tests = "def test_fine():\n    pass\n\n\ndef test_wrong():\n    assert 'seen' == 'by nobody'\n"
    for number in range(4):
        (tmp_path / f"test_{number}.py").write_text(tests)
    totals = command_test.Totals()
    lanes = ["-p", "devtools.pytest_lanes", *pytest_lanes.options(), "-n", "2"]
    command_test.run_pytest(Setup.from_environment(), totals, "some", ["-p", "no:odoo", *lanes, str(tmp_path)])
    assert totals.figures == {"passed": 4, "failed": 4, "error": 0, "skipped": 0, "xfailed": 0, "xpassed": 0}
    said = capfd.readouterr().out
    assert said.count("assert 'seen' == 'by nobody'") >= 4, "each failure is told in full"
    assert "[gw1]" in said


@pytest.mark.parametrize(("ci", "code"), [("", 0), ("true", 1)])
def test_tours_without_browser_are_named_and_fail_in_ci(ci, code, monkeypatch, capsys):
    monkeypatch.setenv("CI", ci)
    totals = closing(passed=1, skipped=1)
    totals.without_browser.append("core/tests/test_tours.py::Tours::test_form")
    assert command_test.close(totals) == code
    assert "core/tests/test_tours.py::Tours::test_form" in capsys.readouterr().out


# THE WHOLE


def test_nothing_of_this_repository_names_a_registry():
    """Mirrors and indexes are configured on the machine, so a host name here would be wrong elsewhere."""
    files = subprocess.run(
        ["git", "ls-files", "dev", "devtools", ".ci", ".github"], cwd=state.ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    hosts = ("deb." + "debian.org", "py" + "pi.org", "pythonhosted" + ".org")
    assert "devtools/requirements.txt" in files
    for name in files:
        text = (state.ROOT / name).read_text()
        assert not [host for host in hosts if host in text], name
    assert os.access(state.ROOT / "dev", os.X_OK)
