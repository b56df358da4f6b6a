"""The implementation of ``./dev``, one topic per file, with the standard library only except in ``i18n/``.

====================  ==========================================================
``terminal``          progress, one-line errors, running other programs
``state``             where things are kept, locks
``debian``            packages out of the Debian archive without installing them
``odoo_source``       finds or fetches Odoo 19
``odoo_record``       ``odoo.lock``: which Odoo, as long as the archive has it
``packages``          the virtual environment with the pinned Python packages
``postgres``          the embedded PostgreSQL, or the one ``PGHOST`` names
``project``           our addons: which there are, what they need, their hash
``setup``             all of the above, ready: the environment of every Odoo process
``launch/odoo``       Odoo's own command, as a file
``databases``         creating, copying and naming databases; the templates
``server``            an Odoo server process: started, answering, stopped
``language``          a database in another language
``demo``              the demo data of our addons
``peers``             addons of others, to install beside ours or to compare with
``command_*``         one file per command of ``./dev``
``browser``           Chromium for the tours and the tests
``pytest_report``     a pytest plugin: figures of a run, for the closing line
``i18n/``             translations; runs in the virtual environment, with polib and babel
``odoo_env``          for scripts: an ``env`` as in ``odoo shell``
====================  ==========================================================
"""
