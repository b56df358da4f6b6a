"""``./dev renew``: records the newest Odoo in the Debian archive."""

from . import odoo_record, odoo_source
from .terminal import say, step


def main(options):
    odoo_source.require_debian()
    with step("Looking for the newest Odoo 19") as progress:
        before, after = odoo_record.renew(progress)
    changed = [package for package in after.values() if before.get(package.name) != package]
    for package in changed:
        old = before.get(package.name)
        say(f"· {package.name}: {old.version if old else 'new'} → {package.version}")
    name = odoo_record.RECORD.relative_to(odoo_record.ROOT)
    say(f"· {name}: run ./dev test, and commit it when all passes" if changed else f"· {name} is up to date")
    return 0
