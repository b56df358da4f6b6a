"""No word of ours is left in English: everything is opened in a generated language that marks what is translated.

Odoo's own words come in Japanese, whose letters are others: a word in Latin letters outside the
marks is therefore data, one of the few that Odoo leaves in English, or one that we forgot.
"""

import re
from types import SimpleNamespace

import pytest
from chromium import Site, browser
from crawl import Seen, Walk

from devtools import browser as browsers
from devtools import project, server
from devtools.i18n import pseudo
from devtools.setup import Setup

LANGUAGE, CODE = "ja", "ja_JP"
WORD = re.compile(r"[A-Za-zÀ-ɏ]{2,}")
# words that Odoo itself shows in Latin letters in every language, and units
ODOO_WORDS = set("Odoo OdooBot Enter Esc MB kB JSON URL ID SMS CC Bcc PDF Excel AI".split())
PREPARE = f"""
from odoo.modules.loading import load_demo
from odoo.modules.module_graph import ModuleGraph
graph = ModuleGraph(env.cr, mode="load")
graph.extend(env["ir.module.module"].search([("state", "=", "installed")]).mapped("name"))
for package in graph:
    if package.name in {project.addons()!r}:
        assert load_demo(env, package, {{}}, "init")
language = env["res.lang"]._activate_lang({CODE!r})
env["base.language.install"].create({{"lang_ids": language.ids, "overwrite": True}}).lang_install()
env["website"].search([]).write({{"language_ids": language.ids, "default_lang_id": language.id}})
env["res.partner"].search([]).lang = {CODE!r}
env.cr.commit()
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A server in the generated language, with demo data, and a browser."""
    program = browsers.ensure()
    if not program:
        pytest.skip("Chrome executable not found")
    folder = tmp_path_factory.mktemp("addons")
    pseudo.write_addons(folder, LANGUAGE)
    paths = ",".join(map(str, [*Setup.from_environment().odoo.addons, folder]))
    with server.odoo_server("--addons-path", paths, script=PREPARE) as running, browser(program) as page:
        yield SimpleNamespace(site=Site(running.url, running.database), page=page, server=running)


def data_words(site):
    """Words of the demo data that nobody translates: names, addresses, what customers wrote."""
    kept = {
        "helpdesk_lite.ticket": ["name", "number", "partner_name", "partner_email", "description", "properties"],
        "res.partner": ["name", "email", "function", "city", "contact_address"],
        "res.users": ["login"],
        "res.company": ["name"],
        "mail.message": ["body", "subject", "record_name", "email_from"],
        "mail.alias": ["alias_name", "alias_full_name"],
        "mail.alias.domain": ["name"],
        "ir.attachment": ["name"],
    }
    words = set()
    for model, names in kept.items():
        for values in site.model("admin", model, "search_read", [], names, context={"active_test": False}):
            for name in names:
                words |= set(WORD.findall(pseudo.without_marked(str(values[name] or ""))))
    return words


def unmarked(seen, allowed):
    """What was seen and has a word outside the marks that nobody allowed, one line for each text."""
    lines = {}
    for one in sorted(seen, key=lambda one: (one.screen, one.text)):
        words = [word for word in WORD.findall(pseudo.without_marked(one.text)) if word not in allowed]
        if words:
            lines.setdefault((tuple(words), one.where), f"{one.text!r} ({', '.join(words)}) on {one.screen}, in {one.where}")
    return list(lines.values())


@pytest.mark.parametrize("login", ["admin", "agent", "employee"])
def test_web_client(world, login):
    walk = Walk(world.page, world.site, login, project.addons())
    walk.walk_web_client()
    assert len(walk.screens) > 10
    assert sum(pseudo.OPEN in one.text for one in walk.seen) > 50, "the generated language is there"
    assert not (left := unmarked(walk.seen, ODOO_WORDS | data_words(world.site))), "\n".join(left)
