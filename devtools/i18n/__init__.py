"""Translations: ``./dev i18n``. Runs in the virtual environment: it is built on Odoo's export, polib and babel.

============  ==================================================================
``export``    the ``.pot`` files as ``odoo i18n export`` writes them
``catalog``   ``.po`` files read, merged and written without losing a word (polib)
``checks``    what is wrong in a ``.po`` file, with file and line
``glossary``  ``i18n/glossary.csv``: the words that every translation keeps to
``wording``   what Odoo's own translations say for the same English text
``update``    all of that, over all addons: the command
``pseudo``    a generated language that shows what cannot be translated yet
============  ==================================================================
"""
