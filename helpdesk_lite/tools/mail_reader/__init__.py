"""Reads mails as people wrote them: pure Python, without Odoo.

A mail is bytes that somebody else's program wrote. What reads it here decides which of them are the text, which are
files, and what they are called, and says when something may be missing (``doubts``), so that the original is kept.

====================  ==============================================================================================
``prepare.py``        what Odoo's parser is given instead, and how it gets the text and the files
``reading.py``        the mail as it was read
``parts.py``          where the parts are in the bytes, and how many are read
``fields.py``         header fields, encoded words, parameters; ``addresses.py``: names and addresses
``characters.py``     which characters the bytes are
``transfer.py``       base64, quoted-printable, uuencode
``texts.py``          which parts are the text, in which order
``markup.py``         HTML that a sanitizer reads in linear time; ``quotes.py``: the history below an answer
``files.py``          names and bytes of files; ``winmail.py``: those that Outlook packs
====================  ==============================================================================================
"""

from .prepare import Prepared, find, prepare
from .reading import Reading, read
