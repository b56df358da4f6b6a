"""The script for Odoo's shell that switches a database to another language."""

from . import demo_replies
from .databases import run_script
from .state import logs
from .terminal import DevError, step

SCRIPT = """
found = env["res.lang"].with_context(active_test=False).search(
    ["|", ("iso_code", "=", {name!r}), ("code", "=", {name!r})], order="code", limit=1)
if not found:
    raise SystemExit("Odoo knows no language {name}")
new = not found.active
language = env["res.lang"]._activate_lang(found.code)
if new:
    env["base.language.install"].create({{"lang_ids": language.ids, "overwrite": True}}).lang_install()
else:
    env["ir.module.module"].search([("name", "in", {addons!r})])._update_translations(language.code, overwrite=True)
env["res.users"].search([]).lang = language.code
env["res.company"].search([]).partner_id.lang = language.code
if "website" in env:
    env["website"].search([]).write({{"language_ids": [(4, language.id)], "default_lang_id": language.id}})
for xmlid, body in {replies!r}.items():
    reply = env.ref(xmlid, raise_if_not_found=False)
    if reply and language.code not in reply.text_ids.mapped("lang"):
        reply.text_ids = [(0, 0, {{"lang": language.code, "body": body}})]
env.cr.commit()
"""


def script(name, addons):
    """Build a script that loads the current translations and demo replies, and sets the language of every user.

    :param str name: code of the language as in Odoo's files (``es``, ``es_419``) or of the language (``es_ES``)
    :param addons: names of our addons, whose translations are loaded again if the language is installed
    """
    return SCRIPT.format(name=name, addons=list(addons), replies=demo_replies.texts(name))


def load(setup, database, name, addons):
    log = logs() / f"language-{database}.log"
    with step(f"Loading language {name}"):
        try:
            run_script(setup, database, script(name, addons), log)
        except DevError:
            if f"Odoo knows no language {name}" in log.read_text():
                raise DevError(f"--lang {name}: Odoo knows no such language (es, es_419, fr, pt_BR …)") from None
            raise
