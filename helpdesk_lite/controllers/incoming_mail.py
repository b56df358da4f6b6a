import tempfile
import zipfile

from odoo import http
from odoo.http import content_disposition, request

from ..tools.file_names import clean_file_name
from ..tools.ids import is_id

# as many as fit into an address
MOST = 500


class IncomingMail(http.Controller):
    """The download of incoming mails, for administrators of the helpdesk who can read them.

    They are sent as files to be stored, never as pages: what is in them comes from strangers.
    """

    @http.route("/helpdesk/incoming-mail/<string:ids>", type="http", auth="user", methods=["GET"], readonly=True)
    def helpdesk_incoming_mail(self, ids, **_kwargs):
        """Send one mail as an ``.eml`` file, several in a ``.zip`` file.

        :param str ids: ids of ``helpdesk_lite.mail``, separated by commas
        :return: a response; 404 if one of the ids is malformed, or not of a mail that the user can read
        """
        words = ids.split(",")
        if len(words) > MOST or not all(word.isascii() and word.isdecimal() and is_id(int(word)) for word in words):
            raise request.not_found()
        mails = request.env["helpdesk_lite.mail"].browse(dict.fromkeys(map(int, words)))
        # not which of them exist in other companies
        if mails.exists()._filtered_access("read") != mails:
            raise request.not_found()
        if len(mails) == 1:
            return self._send(mails._get_source(), "message/rfc822", self._get_file_name(mails))
        with tempfile.TemporaryFile() as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                for mail in mails:
                    archive.writestr(f"{mail.id} {self._get_file_name(mail)}", mail._get_source())
            file.seek(0)
            return self._send(file.read(), "application/zip", "mails.zip")

    def _get_file_name(self, mail):
        return clean_file_name(f"{(mail.subject or 'mail')[:80].replace('/', '-')}.eml")

    def _send(self, content, kind, name):
        headers = [
            ("Content-Type", kind),
            ("Content-Disposition", content_disposition(name)),
            ("X-Content-Type-Options", "nosniff"),
            ("Content-Security-Policy", "default-src 'none'; sandbox"),
            ("Cache-Control", "no-store"),
        ]
        return request.make_response(content, headers=headers)
