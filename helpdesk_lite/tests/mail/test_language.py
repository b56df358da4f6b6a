from odoo.addons.mail.tests.common import MailCommon
from odoo.tests import HttpCase, tagged

from ..common import HelpdeskCase

SPANISH, LATIN, ENGLISH = "es_ES", "es_MX", "en_US"


@tagged("post_install", "-at_install")
class TestLanguage(HelpdeskCase, MailCommon, HttpCase):
    """Customers get mails, pages and errors in their own language, whatever the agent's language is."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        languages = cls.env["res.lang"]
        for code in (SPANISH, LATIN):
            languages += languages._activate_lang(code)
            cls.env.ref("base.module_helpdesk_lite")._update_translations(code)
        if "website" in cls.env:
            cls.env["website"].search([]).language_ids += languages
        cls.solved = cls.env.ref("helpdesk_lite.stage_solved")
        cls.solved.template_id = cls.env.ref("helpdesk_lite.mail_template_ticket_received").copy({"lang": False})
        for lang, word in {ENGLISH: "Done", SPANISH: "Resuelto", LATIN: "Listo"}.items():
            cls.solved.template_id.with_context(lang=lang).subject = f"[{{{{ object.number }}}}] {word}"
        cls.people = {
            lang: cls.env["res.partner"].create({"name": lang, "email": f"{lang.lower()}@customer.example", "lang": lang})
            for lang in (SPANISH, LATIN, ENGLISH)
        }

    def sent_to(self, email, act):
        """The only mail that is sent to a person."""
        with self.mock_mail_gateway():
            act()
            self.flush_tracking()
        (mail,) = [mail for mail in self._mails if email in "".join(mail["email_to"])]
        return mail

    def speak(self, user, lang):
        user.lang = lang
        return self.env["helpdesk_lite.ticket"].with_user(user).with_context(lang=lang)

    # ------------------------------------------------------------
    # MAILS
    # ------------------------------------------------------------

    def test_acknowledgement_in_language_of_customer(self):
        subjects = {
            SPANISH: "Hemos recibido su solicitud",
            LATIN: "Recibimos su solicitud",
            ENGLISH: "We received your request",
        }
        for agent_lang in (ENGLISH, SPANISH):
            tickets = self.speak(self.agent, agent_lang)
            for lang, customer in self.people.items():
                with self.subTest(agent=agent_lang, customer=lang):
                    values = {"name": "Lamp", "team_id": self.team.id, "partner_id": customer.id}
                    mail = self.sent_to(customer.email, lambda tickets=tickets, values=values: tickets.create(values))
                    self.assertIn(subjects[lang], mail["subject"])
                    self.assertIn("View the Ticket" if lang == ENGLISH else "Ver el ticket", mail["body"])

    def solve(self, ticket, agent_lang):
        self.flush_tracking()
        self.speak(self.agent, agent_lang).browse(ticket.id).stage_id = self.solved

    def test_stage_mail_of_a_template_without_language(self):
        subjects = {SPANISH: "Resuelto", LATIN: "Listo", ENGLISH: "Done"}
        for agent_lang in (ENGLISH, SPANISH):
            for lang, customer in self.people.items():
                with self.subTest(agent=agent_lang, customer=lang):
                    ticket = self.make_ticket(partner_id=customer.id)
                    mail = self.sent_to(customer.email, lambda ticket=ticket, lang=agent_lang: self.solve(ticket, lang))
                    self.assertEqual(mail["subject"], f"[{ticket.number}] {subjects[lang]}")

    def test_unknown_sender_is_written_to_in_language_of_company(self):
        self.team.company_id.partner_id.lang = SPANISH
        ticket = self.make_ticket(partner_email="nobody@visitor.example")
        mail = self.sent_to("nobody@visitor.example", lambda: self.solve(ticket, ENGLISH))
        self.assertEqual(mail["subject"], f"[{ticket.number}] Resuelto")

    def test_answer_has_layout_in_language_of_customer(self):
        """The text is in the agent's language, and Odoo's layout around it in the customer's."""
        described = {
            SPANISH: "Ticket del servicio de asistencia",
            LATIN: "Ticket de soporte al cliente",
            ENGLISH: "Helpdesk Ticket",
        }
        for lang, customer in self.people.items():
            ticket = self.make_ticket(partner_id=customer.id)
            agents = self.speak(self.agent, ENGLISH if lang == SPANISH else SPANISH).browse(ticket.id)
            mail = self.sent_to(
                customer.email,
                lambda agents=agents: agents.message_post(body="OK", message_type="comment", subtype_xmlid="mail.mt_comment"),
            )
            shown = {other for other, words in described.items() if words in mail["body"]}
            self.assertEqual(shown, {lang})

    def test_assignee_is_told_in_own_language(self):
        self.agent.lang = SPANISH
        mail = self.sent_to(
            "agent@test.example",
            lambda: self.speak(self.manager, ENGLISH).create(
                [{"name": name, "team_id": self.team.id, "user_id": self.agent.id} for name in ("One", "Two")]
            ),
        )
        self.assertEqual(mail["subject"], "Tickets que se le han asignado: 2")

    # ------------------------------------------------------------
    # PAGES AND ERRORS
    # ------------------------------------------------------------

    def visit(self, path, lang, **data):
        """Open a page as a visitor with a language; with data, send a form and return the answer."""
        self.authenticate(None, None)
        self.opener.cookies.set("frontend_lang", lang)
        page = self.url_open(path)
        if data:
            token = page.text.split('name="csrf_token" value="')[1].split('"')[0]
            page = self.url_open(path, data={**data, "csrf_token": token})
        return page.text

    def assertShows(self, page, *texts):
        self.assertFalse([text for text in texts if text not in page])

    def test_visitor_in_spanish_is_answered_in_spanish(self):
        self.team.use_website_form = True
        path = f"/helpdesk/{self.env['ir.http']._slug(self.team)}"
        message = {"name": "Vera", "email": "vera@visitor.example", "subject": "Lámpara", "description": "No luce."}
        self.assertShows(self.visit(path, SPANISH), "Su dirección de correo electrónico", "No rellene este campo")
        self.assertShows(self.visit(path, LATIN), "Su dirección de correo electrónico", "No llene este campo")
        self.assertShows(self.visit(path, SPANISH, **{**message, "subject": ""}), "Escriba el asunto de su mensaje.")
        self.assertShows(self.visit(path, SPANISH, **message), "El número de su ticket es")
        ticket = self.env["helpdesk_lite.ticket"].search([("partner_email", "=", "vera@visitor.example")])
        self.assertEqual(ticket.partner_lang, SPANISH)
        received = self.env["mail.mail"].search([("email_to", "ilike", "vera@visitor.example")])
        self.assertEqual(received.subject, f"[{ticket.number}] Hemos recibido su solicitud")
        mail = self.sent_to("vera@visitor.example", lambda: self.solve(ticket, ENGLISH))
        self.assertEqual(mail["subject"], f"[{ticket.number}] Resuelto")
        (known,) = ticket._get_customer_information().values()
        self.assertEqual(known["lang"], SPANISH, "a contact made from the answer keeps it")

    def test_portal_in_language_of_customer(self):
        self.team.write({"allow_portal_close": True, "auto_assignment": True})
        ticket = self.make_ticket(partner_id=self.customer.id)
        ticket.user_id = False
        for lang, words in {
            SPANISH: ("Cerrar ticket", "Nadie todavía", "Nuevo"),
            ENGLISH: ("Close Ticket", "Nobody yet", "New"),
        }.items():
            self.customer_user.lang = lang
            self.authenticate("hl_customer", "hl_customer")
            self.opener.cookies.set("frontend_lang", lang)
            self.assertShows(self.url_open(f"/my/helpdesk-tickets/{ticket.id}").text, *words)

    def test_figures_as_the_language_writes_them(self):
        self.env["ir.config_parameter"].set_param("web.max_file_upload_size", str(2560 * 1024))
        self.team.use_website_form = True
        path = f"/helpdesk/{self.env['ir.http']._slug(self.team)}"
        self.assertShows(self.visit(path, SPANISH), "2,5 MB")
        self.assertShows(self.visit(path, ENGLISH), "2.5 MB")
