import unicodedata

MAX_LENGTH = 100


def clean_file_name(name: str) -> str:
    r"""Make the name of an uploaded file safe to store, show and download.

    Folders are removed, and so are invisible characters that change how the name looks or works:
    control characters, zero-width characters and those that change the direction of writing.

    :param name: as sent by a client or a mail
    :return: at most ``MAX_LENGTH`` characters, never empty

    >>> clean_file_name("../../etc/passwd")
    'passwd'
    >>> clean_file_name("C:\\temp\\report.pdf")
    'report.pdf'
    >>> clean_file_name("invoice\u202efdp.exe")
    'invoicefdp.exe'
    >>> clean_file_name("a\x00\r\nb.txt")
    'ab.txt'
    >>> clean_file_name("..")
    'file'
    >>> clean_file_name("\u200b.htaccess")
    'htaccess'
    >>> len(clean_file_name("x" * 300 + ".pdf")), clean_file_name("x" * 300 + ".pdf")[-4:]
    (100, '.pdf')
    """
    name = unicodedata.normalize("NFC", name or "").replace("\\", "/").rpartition("/")[2]
    # category C: control, format, surrogate, private use, unassigned; Zl and Zp: line separators
    name = "".join(
        char
        for char in name
        if not unicodedata.category(char).startswith("C") and unicodedata.category(char) not in ("Zl", "Zp")
    )
    name = name.strip(" .") or "file"
    if len(name) <= MAX_LENGTH:
        return name
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension) > 10:
        return name[:MAX_LENGTH]
    return stem[: MAX_LENGTH - len(extension) - 1] + dot + extension
