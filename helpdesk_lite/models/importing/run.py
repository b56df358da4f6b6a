from collections import defaultdict

KEY = "helpdesk_lite_import"
SHOWN = 10  # rows that a notice names


class Run:
    """One batch of an import, for the steps that Odoo's screen and ``load`` take one after the other.

    It is in the context, because ``load`` passes nothing else on. A client cannot send an object, so a step that finds one
    knows that the server put it there.

    ``test``: nothing is kept. ``offset``: the rows of the file before the first one of this batch, its titles included.
    ``is_first``: no batch of the file came before.
    """

    def __init__(self, test=False, offset=0, is_first=True):
        self.test = test
        self.offset = offset
        self.is_first = is_first
        self._noticed = defaultdict(list)

    def row(self, extras):
        """The row of the file, as a spreadsheet counts, from what ``load`` knows of a record."""
        return self.offset + extras["rows"]["from"] + 1

    def notice(self, text, row):
        """Keep what the person who imports should know although it is no mistake.

        :param str text: a sentence, the same for all rows that it is about
        :param int row: of the file
        """
        self._noticed[text].append(row)

    def forget_notices(self):
        self._noticed.clear()

    def get_notices(self):
        """:return: list of dicts with the ``text``, the number of rows as ``count``, and the first ``rows``"""
        return [{"text": text, "count": len(rows), "rows": rows[:SHOWN]} for text, rows in self._noticed.items()]


def get_run(env):
    """:return: the :class:`Run` of this environment, or None"""
    run = env.context.get(KEY)
    return run if isinstance(run, Run) else None
