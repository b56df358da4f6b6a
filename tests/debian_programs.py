"""Programs that some tests need: those of the machine, or out of the Debian archive, unpacked into the cache."""

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from devtools import debian
from devtools.state import cache, lock, made_whole
from devtools.terminal import DevError, say, step

PLACES = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))


@dataclass(frozen=True)
class Program:
    """A program, or a library, and the environment variables that it needs."""

    path: Path
    variables: dict = field(default_factory=dict)


def find_program(name, *libraries, version="-V"):
    """Find a program, or fetch the package of its name.

    :param str name: of the program and of its package
    :param libraries: packages that it needs and a small Debian may lack; of several names in one, whichever is there
    :param str version: the option with which it tells its version, to see whether it runs
    :return: :class:`Program`, or None where it cannot be had
    """
    if found := shutil.which(name, path=PLACES):
        return Program(Path(found))
    folder = fetch(name, name, *libraries)
    paths = sorted(folder.glob(f"usr/*bin/{name}")) if folder else []
    if not paths:
        return None
    folders = library_folders(folder)
    program = Program(paths[0], {"LD_LIBRARY_PATH": os.pathsep.join(folders)} if folders else {})
    done = subprocess.run([program.path, version], env=os.environ | program.variables, capture_output=True, check=False)
    if done.returncode:
        say(f"· {name} out of the Debian archive does not run here: {done.stderr.decode(errors='replace').strip()[:200]}")
        return None
    return program


def find_library(name, package):
    """Find a library in a package.

    :return: :class:`Program`, or None where it cannot be had
    """
    folder = fetch(package, package)
    paths = sorted(folder.rglob(name)) if folder else []
    return Program(paths[0]) if paths else None


def library_folders(folder):
    return sorted({str(path.parent) for path in folder.glob("usr/lib/**/*.so*")})


def fetch(name, *packages):
    """Unpack packages of the machine's own release once.

    :return: the folder, or None
    """
    if not debian.is_debian():
        return None
    target = cache() / f"program-{name}"
    try:
        with lock("debian-programs", purpose=f"fetching {name}"):
            if not target.is_dir():
                with step(f"Fetching {name}") as progress, made_whole(target) as part:
                    archive = debian.Archive()
                    archive.update(progress)
                    archive.unpack([choose(archive, names) for names in packages], part, progress)
    except DevError as error:
        say(f"· {name} cannot be had here: {error}")
        return None
    return target


def choose(archive, names):
    """The first package that there is, of names with a vertical bar between them."""
    for name in names.split("|"):
        if found := archive.find(f"{name}/{archive.own}"):
            return found
    raise DevError(f"the Debian mirror has no {names}")
