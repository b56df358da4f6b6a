"""Translations: ``./dev i18n``. Runs in the virtual environment: it is built on babel.

============  ==================================================================
``export``    the ``.pot`` files as Odoo itself exports them (runs in Odoo)
``catalog``   ``.po`` files read, merged and written without losing a word
``checks``    what is wrong in a ``.po`` file, with file and line
``glossary``  ``i18n/glossary.csv``: the words that every translation keeps to
``wording``   what Odoo's own translations say for the same English text
``update``    all of that, over all addons: the command
``pseudo``    a generated language that shows what cannot be translated yet
============  ==================================================================
"""
