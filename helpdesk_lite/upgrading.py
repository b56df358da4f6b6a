"""Functions for the scripts in ``upgrades/`` of all addons.

They are not beside the scripts, because Odoo takes every folder in ``upgrades/`` for a version, and loads
scripts by their paths, so that they cannot import modules next to them.
"""

import logging

from lxml import etree
from odoo import SUPERUSER_ID, api
from odoo.fields import Command
from odoo.modules import Manifest
from odoo.tools.convert import xml_import
from odoo.tools.misc import file_path

_logger = logging.getLogger(__name__)

# the values of a rule before its data file is read
PRISTINE_RULE = {
    "active": True,
    "groups": [Command.clear()],
    "perm_read": True,
    "perm_write": True,
    "perm_create": True,
    "perm_unlink": True,
}


def refresh(cr, module, *names):
    """Reset records under ``noupdate`` to the values in the data files of their addon.

    Odoo's update skips such records, because administrators may have edited them, so a correction of a
    record rule would never reach existing databases. Call this function from a ``post-`` script, for
    exactly the records that changed. Rules become as in a new installation; other records keep values
    that no data file sets. Records that are no longer in a data file are deleted. Records that an
    administrator deleted are created again.

    The former values are logged, so that overwritten edits are not lost.

    :param cr: cursor of the database that is being updated
    :param str module: name of the addon that owns the records
    :param str names: external ids without the name of the addon
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    elements = _find_elements(module)
    for name in names:
        record = env.ref(f"{module}.{name}", raise_if_not_found=False)
        if record and name not in elements:
            _logger.info("%s.%s is deleted: %s", module, name, _describe(record))
            record.unlink()
        elif name in elements:
            if record:
                _logger.info("%s.%s is refreshed, it was: %s", module, name, _describe(record))
                if record._name == "ir.rule":
                    record.write(PRISTINE_RULE)
            root = etree.Element("odoo", noupdate="1")
            root.append(elements[name])
            xml_import(env, module, {}, "init").parse(root)


def _find_elements(module):
    """Find the records under ``noupdate`` in an addon's data files.

    :return: dict of external id to XML element
    """
    elements = {}
    for file in Manifest.for_addon(module)["data"]:
        if file.endswith(".xml"):
            for element in etree.parse(file_path(f"{module}/{file}")).iterfind(".//record[@id]"):
                parent = next(element.iterancestors("odoo", "data"))
                if parent.get("noupdate") == "1":
                    elements[element.get("id")] = element
    return elements


def _describe(record):
    if record._name == "ir.rule":
        return f"{record.domain_force!r} for {record.groups.mapped('full_name')}, active: {record.active}"
    return record.display_name
