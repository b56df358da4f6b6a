from base64 import b64encode
from hashlib import sha256

from odoo import fields
from odoo.tests import new_test_user

from ..common import HelpdeskCase

MAIL = """\
From: {email_from}
To: {email_to}
Subject: {subject}
Message-ID: {message_id}
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8

{body}
"""


class KeptMailCase(HelpdeskCase):
    """Incoming mails as the gateway stores them, and an administrator of another company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        domain = cls.env["mail.alias.domain"].create({"name": "care.example"})
        cls.company.alias_domain_id = domain
        cls.env["helpdesk_lite.team"].union(*cls.teams.values()).alias_domain_id = domain
        cls.other_company = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.other_manager = new_test_user(
            cls.env,
            "hl_other_manager",
            "helpdesk_lite.group_manager",
            company_id=cls.other_company.id,
            company_ids=cls.other_company.ids,
            email="other.manager@test.example",
        )
        cls.other_team = cls.env["helpdesk_lite.team"].create(
            {"name": "Other Care", "company_id": cls.other_company.id, "privacy_visibility": "public"}
        )

    @classmethod
    def keep(cls, state="failed", source=None, **values):
        """Store a mail as the gateway does: with all rights, and without processing it.

        :param bytes source: the mail, or None to make one of the values
        :return: record of ``helpdesk_lite.mail``
        """
        number = cls.env["helpdesk_lite.mail"].search_count([]) + 1
        values = {
            "email_from": "Zoe Quill <zoe@quill.example>",
            "email_to": cls.team.alias_email,
            "subject": "My lamp",
            "message_id": f"<kept-{number}@quill.example>",
            "transport": "gateway",
            "company_id": cls.company.id,
            "received_on": fields.Datetime.now(),
            "options": {"model": None},
            **values,
        }
        source = source or MAIL.format(body=values.pop("body", "<p>It is dark.</p>"), **values).encode()
        return cls.env["helpdesk_lite.mail"].create(
            {"state": state, "size": len(source), "source": b64encode(source), "digest": sha256(source).hexdigest(), **values}
        )
