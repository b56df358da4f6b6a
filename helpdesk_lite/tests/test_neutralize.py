from odoo import fields
from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import HttpCase, tagged

from .common import HelpdeskCase


@tagged("post_install", "-at_install")
class TestNeutralize(HelpdeskCase, HttpCase):
    """A copy of the database for trying things out reaches nobody outside, and nobody reaches it."""

    def neutralize(self):
        """Do to this database what Odoo does to a copy, as far as it concerns the helpdesk."""
        self.env.flush_all()
        for query in get_neutralization_queries(["helpdesk_lite"]):
            self.env.cr.execute(query)
        self.env.invalidate_all()

    def test_links_in_mails_are_void(self):
        ticket = self.make_ticket(partner_id=self.customer.id)
        url = f"/my/helpdesk-tickets/{ticket.id}?access_token={ticket.sudo()._portal_ensure_token()}"
        self.assertIn(ticket.number, self.url_open(url).text)
        self.neutralize()
        self.assertNotIn(ticket.number, self.url_open(url).text)

    def test_links_to_files_are_void(self):
        ticket = self.make_ticket(partner_id=self.customer.id)
        file = self.env["ir.attachment"].create(
            {"name": "plan.txt", "raw": b"the plan", "res_model": ticket._name, "res_id": ticket.id}
        )
        ticket.sudo()._portal_ensure_token()
        url = f"/web/content/{file.id}?access_token={file.generate_access_token()[0]}"
        self.assertEqual(self.url_open(url).content, b"the plan")
        self.neutralize()
        self.assertEqual(self.url_open(url).status_code, 404)

    def test_links_to_rate_are_void(self):
        self.team.use_rating = True
        ticket = self.make_ticket(partner_id=self.customer.id)
        # sudo: nobody has access to questions
        Question = self.env["helpdesk_lite.rating.request"].sudo()
        token = Question._make_token()
        Question.create(
            {
                "ticket_id": ticket.id,
                "team_id": self.team.id,
                "state": "asked",
                "partner_id": self.customer.id,
                "token_hash": Question._hash_token(token),
                "asked_on": fields.Datetime.now(),
            }
        )
        self.assertEqual(self.url_open(f"/helpdesk/rate/{token}").status_code, 200)
        self.neutralize()
        self.assertEqual(self.url_open(f"/helpdesk/rate/{token}").status_code, 404)

    def test_forms_are_closed(self):
        self.team.use_website_form = True
        url = f"/helpdesk/{self.env['ir.http']._slug(self.team)}"
        self.assertEqual(self.url_open(url).status_code, 200)
        self.neutralize()
        self.assertEqual(self.url_open(url).status_code, 404)

    def test_waiting_mails_are_left_to_the_original(self):
        Mail = self.env["helpdesk_lite.mail"]
        mail, _identity = Mail._keep(b"From: zoe@quill.example\r\nTo: care@helpdesk.example\r\n\r\nDark.", {})
        self.assertTrue(mail.next_try)
        self.neutralize()
        self.assertFalse(mail.next_try)
        self.assertEqual(mail.state, "received", "an administrator can still process it")

    def test_keys_of_mail_servers_are_void(self):
        keys = self.env["res.users.apikeys"]
        postman = self.env["res.users"].create(
            {
                "name": "Postman",
                "login": "hl_postman",
                "group_ids": [(6, 0, [self.env.ref("base.group_user").id, self.env.ref("helpdesk_lite.group_gateway").id])],
            }
        )
        # sudo: how a key is made in the preferences is Odoo's
        made = {user: keys.with_user(user).sudo()._generate("rpc", "key", None) for user in (postman, self.agent)}
        self.neutralize()
        found = {user: keys._check_credentials(scope="rpc", key=key) for user, key in made.items()}
        self.assertEqual(found, {postman: None, self.agent: self.agent.id}, "people keep their own")

    def test_monitoring_does_not_take_the_copy_for_the_original(self):
        self.env["ir.config_parameter"].set_param("helpdesk_lite.health_token", "secret")
        self.assertEqual(self.url_open("/helpdesk/health?token=secret").status_code, 200)
        self.neutralize()
        # a copy is neutralized before a server reads it
        self.env.registry.clear_cache("stable")
        self.assertEqual(self.url_open("/helpdesk/health?token=secret").status_code, 404)
