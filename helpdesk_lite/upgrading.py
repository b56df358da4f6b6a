"""What the scripts in ``upgrades/`` of the three addons share.

Here and not beside the scripts: Odoo takes every folder in ``upgrades/`` for a version, and a script is
loaded by its path, so it can import nothing that lies next to it.
"""

import logging

from lxml import etree
from odoo import SUPERUSER_ID, api
from odoo.fields import Command
from odoo.modules import Manifest
from odoo.tools.convert import xml_import
from odoo.tools.misc import file_path

_logger = logging.getLogger(__name__)

# what a rule is before its file is read
PRISTINE_RULE = {
    "active": True, "groups": [Command.clear()],
    "perm_read": True, "perm_write": True, "perm_create": True, "perm_unlink": True,
}


def refresh(cr, module, *names):
    """Give records under ``noupdate`` the values that the data files of their addon have now.

    Odoo's update leaves such records alone, as administrators may have edited them: a correction of a
    record rule would never reach a database that is there already. Call it from a ``post-`` script, for
    exactly the records that changed. A rule becomes what it is in a new installation; of other records,
    values that no data file names are kept. A record that no data file has any more is deleted; one that
    an administrator deleted is made again.

    What a record said before is logged, so that an edit that is overwritten can be read there.

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
    """The records under ``noupdate`` in an addon's data files: XML elements by external id."""
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
