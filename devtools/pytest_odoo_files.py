"""A pytest plugin that gives each process its own files, as pytest-odoo gives it its own database.

pytest-odoo lets all processes use the files of the database that they copied. Odoo then deletes files that only
another process knows, and refuses a file that another process is just writing.
"""

import os
import shutil
from contextlib import contextmanager
from pathlib import Path


def pytest_sessionstart():
    import pytest_odoo

    pytest_odoo._shared_filestore = own_files


@contextmanager
def own_files(original, name):
    """Link the files of a database for its copy, and remove the links at the end.

    :param str original: the name of the database that was copied
    :param str name: the name of the copy; the same name in a single process
    """
    from odoo.tools import config

    if original == name:
        yield
        return
    source, target = (Path(config.filestore(database)) for database in (original, name))
    shutil.rmtree(target, ignore_errors=True)
    if source.is_dir():
        # Odoo names stored files by their content and never changes them, so links are safe
        shutil.copytree(source, target, copy_function=os.link)
    try:
        yield
    finally:
        shutil.rmtree(target, ignore_errors=True)
