from odoo.tests import TransactionCase, tagged

# (model, method): files in ``models/``, outermost first, and the reason for their order
TICKET, TEAM, STAGE, THREAD = "helpdesk_lite.ticket", "helpdesk_lite.team", "helpdesk_lite.stage", "mail.thread"
BLOCK, SLA, TARGET = "helpdesk_lite.mail.block", "helpdesk_lite.sla", "helpdesk_lite.sla.target"
REPLY, REPLY_TEXT = "helpdesk_lite.reply", "helpdesk_lite.reply.text"
CHAINS = {
    (TICKET, "create"): (
        ["pipeline.ticket_needs", "ticket_number", "ticket", "guards.links_mixin"],
        "What a stage needs is asked for when the ticket is complete. Numbers are drawn within, so what is refused there is "
        "refused because of a number. Teams, stages and assignees are filled in before the "
        "links are checked, so that these are checked as well.",
    ),
    (TICKET, "write"): (
        [
            "access.ticket_access_link",
            "figures.ticket_answers",
            "queue.ticket_snooze",
            "pipeline.ticket_needs",
            "assignment.ticket_assignee_notice",
            "assignment.ticket_assignment",
            "sla.ticket_sla",
            "time.ticket_event_sources",
            "ticket_subscriptions",
            "ticket_properties",
            "ticket_number",
            "guards.links_mixin",
        ],
        "The followers of the new team are added before an assignee is chosen, and the links are checked before both. "
        "What a stage needs can be an assignee. What a write changed is logged before another write follows from it. The new "
        "assignee is told when all is done. Links end with the address that is stored. "
        "Whether a ticket is closed is known before it is put aside.",
    ),
    ("res.config.settings", "get_values"): (["intake.res_config_settings", "form_settings"], "Each adds its own settings."),
    ("res.config.settings", "set_values"): (["intake.res_config_settings", "form_settings"], "Each stores its own settings."),
    (TICKET, "_route_to_threads"): (
        ["closing.ticket_after", "leaving.ticket_redirect", "mail.ticket_incoming"],
        "The team that takes the e-mail is known before the routes are counted, one for each team. A ticket is found before it "
        "is asked whether it is over.",
    ),
    ("mail.compose.message", "_prepare_mail_values_static"): (
        ["presence.mail_compose_message", "replies.mail_compose_message"],
        "What was seen and what was staged are independent of each other.",
    ),
    ("mail.scheduled.message", "_notification_parameters_whitelist"): (
        ["presence.mail_scheduled_message", "replies.mail_scheduled_message"],
        "See above.",
    ),
    ("res.users", "write"): (
        ["contacts.res_users", "leaving.res_users"],
        "Whoever comes back gets the tickets of their address after it was ended what they had as an employee.",
    ),
    ("mail.alias", "_search"): (
        ["guards.attached_mixin", "intake.mail_alias"],
        "What a user may not see is part of what is searched, and only the gateway's own searches are remembered.",
    ),
    (TICKET, "_is_unseen"): (["intake.ticket_made", "ticket"], "A mail that is processed knows better."),
    ("mail.alias", "_alias_bounce_incoming_email"): (
        ["intake.mail_alias", "leaving.mail_alias"],
        "A mail that an archived team takes no more is parked, whether or not its sender is told.",
    ),
    (TICKET, "message_new"): (
        ["intake.ticket_made", "closing.ticket_after", "mail.ticket_incoming"],
        "A follow-up is linked once it exists, and what the mail made is known when all of it is there.",
    ),
    (TICKET, "_get_fixed_links"): (["ratings.ticket_question", "ticket_bonds"], "Each adds its own."),
    (TICKET, "_log_message"): (
        ["queue.ticket_snooze", "pipeline.ticket_replies", "time.ticket_event_sources"],
        "The message is logged before the change of stage that it causes, and before it ends a snooze.",
    ),
    (TICKET, "_compute_auto_close_date"): (["queue.ticket_snooze", "closing.ticket_closing"], "It depends on one field more."),
    (TICKET, "_find_idle"): (["queue.ticket_snooze", "closing.ticket_closing"], "A snooze counts after the last message."),
    (TICKET, "_get_idle"): (["queue.ticket_snooze", "closing.ticket_closing"], "See the same in Python."),
    (TICKET, "_search"): (
        ["queue.ticket_news", "guards.rules_mixin", "guards.search_mixin"],
        "The order that is asked for is known before the rules are put into the form that suits it, and before it is guarded.",
    ),
    (TICKET, "_search_display_name"): (
        ["access.ticket_portal_fields", "finding.ticket_finding"],
        "Customers search by two fields only, whatever agents find.",
    ),
    (TICKET, "_get_view"): (["requests.ticket_request", "ticket_views"], "They change different kinds of views."),
    (TICKET, "_get_view_cache_key"): (["requests.ticket_request", "ticket_views"], "Each adds what its own views depend on."),
    (TICKET, "_get_message_kind"): (
        ["closing.ticket_after", "time.ticket_event_sources"],
        "Whose message it is, before what it means for a closed ticket.",
    ),
    (TICKET, "_get_reopening_stage"): (
        ["pipeline.ticket_replies", "mail.ticket_posting"],
        "What the stage says goes before the order of the pipeline.",
    ),
    (TICKET, "_reopen_for_customer"): (
        ["closing.ticket_after", "mail.ticket_posting"],
        "The team decides whether a message reopens a ticket at all.",
    ),
    (TICKET, "_message_post_after_hook"): (
        ["access.ticket_customer_post", "mail.ticket_posting"],
        "The effects of a post need superuser rights, because they use fields that customers cannot read.",
    ),
    (TICKET, "_notify_thread"): (
        ["access.ticket_customer_post", "mail.ticket_posting", "time.ticket_event_sources"],
        "Agents are notified of a customer's post with superuser rights, for the same reason. Who gets it is known when it is "
        "logged.",
    ),
    (TICKET, "_notify_get_recipients"): (
        ["access.ticket_readers", "mail.ticket_automatic"],
        "Who cannot read the ticket is left out last, whoever added them.",
    ),
    (TICKET, "message_subscribe"): (
        ["access.ticket_readers", "guards.thread_mixin"],
        "Followers who cannot see the ticket are refused first.",
    ),
    (TEAM, "message_subscribe"): (
        ["access.ticket_readers", "guards.thread_mixin"],
        "Followers who cannot see the team are refused first.",
    ),
    (TICKET, "_has_field_access"): (
        ["access.ticket_portal_fields", "guards.protected_mixin"],
        "The list of fields for customers narrows the general rights.",
    ),
    (TICKET, "_is_protected"): (
        ["access.ticket_protected_fields", "guards.protected_mixin"],
        "Imports by administrators are an exception to the protected fields.",
    ),
    (TICKET, "_add_implied_links"): (["access.ticket_links", "guards.links_mixin"], "The mixin adds nothing."),
    (TICKET, "_thread_to_store"): (
        ["access.ticket_access_link", "access.ticket_rules", "replies.ticket_moves"],
        "People with a link are told nothing of it; who sees the ticket is asked once for all that Odoo adds; what replies add "
        "asks for rights of its own.",
    ),
    (TICKET, "_evaluate_rule"): (["access.ticket_rules", "guards.rules_mixin"], "The mixin returns the rule unchanged."),
    (TICKET, "_get_asked_ids"): (
        ["access.ticket_rules", "guards.rules_mixin"],
        '"Tickets I follow" is added to the ids that the mixin finds.',
    ),
    (TICKET, "_next_numbers"): (
        ["importing.ticket_import", "ticket_number"],
        "The test of an import takes numbers that are not drawn.",
    ),
    (TICKET, "_pass_numbers"): (
        ["importing.ticket_import", "ticket_number"],
        "The test of an import does not advance the sequence.",
    ),
    (TICKET, "_prepare_create_values"): (
        ["importing.ticket_import", "pipeline.ticket_type", "ticket_number"],
        "What an import leaves unknown is decided before numbers are drawn and values are computed.",
    ),
    (BLOCK, "create"): (["intake.mail_block", "guards.links_mixin"], "Names are brought into one form first."),
    (BLOCK, "write"): (["intake.mail_block", "guards.links_mixin"], "Names are brought into one form first."),
    (REPLY, "create"): (["replies.reply", "guards.links_mixin"], "Script is refused before anything is stored."),
    (REPLY, "write"): (["replies.reply", "guards.links_mixin"], "What it has become is looked at last."),
    (REPLY_TEXT, "create"): (["replies.reply_text", "guards.links_mixin"], "Script is refused before anything is stored."),
    (REPLY_TEXT, "write"): (["replies.reply_text", "guards.links_mixin"], "What it has become is looked at last."),
    (TICKET, "message_post"): (
        [
            "presence.ticket_crossing",
            "replies.ticket_staged",
            "mail.ticket_posting",
            "mail.ticket_reading_note",
            "guards.thread_mixin",
        ],
        "An answer is stopped before anything is done. The note about a doubtful mail stands below the mail, which is "
        "addressed first. What would be a rating is left out last.",
    ),
    (THREAD, "message_process"): (
        ["intake.fetchmail_server", "intake.mail_thread", "mail.mail_thread_reading"],
        "A mail is kept as it came before anything reads it, and the mailbox is told once it is stored.",
    ),
    (THREAD, "message_parse"): (
        ["intake.mail_thread", "mail.mail_routing"],
        "What is known of a mail that was received before is decided last.",
    ),
    (THREAD, "message_route"): (
        ["intake.mail_thread", "mail.mail_routing"],
        "The intake judges the final routes: those to tickets that a number in the subject found as well.",
    ),
    (THREAD, "_detect_loop_sender"): (
        ["intake.mail_thread", "mail.mail_routing"],
        "A mail is parked by whatever stops it, the limits of a team or those of standard Odoo.",
    ),
    (STAGE, "_evaluate_rule"): (["access.stage_rules", "guards.rules_mixin"], "The mixin returns the rule unchanged."),
    (STAGE, "create"): (["sla.sla_rules", "guards.links_mixin"], "A refused stage changes no promise."),
    (STAGE, "write"): (
        ["sla.sla_rules", "time.stage_events", "stage", "guards.links_mixin"],
        "The pipelines of the teams are checked after the stage is written; a refused write closes no tickets.",
    ),
    (SLA, "create"): (["sla.sla_rules", "guards.links_mixin"], "A refused policy has no versions."),
    (SLA, "write"): (["sla.sla_rules", "guards.links_mixin"], "A refused change is no version."),
    (TARGET, "create"): (["sla.sla_rules", "sla.sla_target", "guards.links_mixin"], "See the policy."),
    (TARGET, "write"): (["sla.sla_rules", "guards.links_mixin"], "See the policy."),
    ("helpdesk_lite.sla.status", "_cron_due"): (
        ["sla.sla_escalation", "sla.sla_status"],
        "What was missed is noted before it escalates.",
    ),
    (TICKET, "_log_events"): (
        ["figures.ticket_answers", "sla.ticket_sla", "time.ticket_events"],
        "Promises are judged, and answers measured, by what has been logged.",
    ),
    (TICKET, "_replay_events"): (["figures.ticket_answers", "sla.ticket_sla", "time.ticket_events"], "See above."),
    (TICKET, "_count_hours_again"): (["figures.ticket_answers", "ticket_hours"], "Both count what a calendar changed."),
    ("resource.calendar", "_change_hours"): (
        ["sla.sla_working_time", "team_hours", "working_time"],
        "The cached hours are forgotten first.",
    ),
    (TEAM, "_change_hours"): (["sla.sla_working_time", "team_hours"], "Independent of each other."),
    ("mail.alias.domain", "_find_aliases"): (
        ["intake.mail_alias_domain", "mail.mail_alias_domain"],
        "What a delivery remembers of an address includes what is ours with a tag.",
    ),
    ("rating.rating", "_check_access"): (
        ["ratings.rating_rating", "guards.attached_mixin"],
        "What cannot be read is refused as such before it is said that nobody writes it.",
    ),
    ("rating.rating", "_refuse_hidden_in_form"): (
        ["ratings.rating_rating", "guards.onchange_mixin"],
        "Who would make a rating of a ticket by a form is told that nobody does, before hidden records are looked for.",
    ),
    (TEAM, "create"): (
        ["access.team_visibility", "ratings.team_ratings", "closing.team_closing", "team", "guards.links_mixin"],
        "Members are invited after the team exists.",
    ),
    (TEAM, "write"): (
        [
            "access.team_visibility",
            "ratings.team_ratings",
            "closing.team_closing",
            "mail.team_addresses",
            "team_hours",
            "guards.links_mixin",
        ],
        "A refused write must neither invite members nor add customers, nor keep the former alias.",
    ),
    (TEAM, "unlink"): (
        ["mail.team_addresses", "assignment.team_assignment"],
        "The further addresses are found before the team is gone.",
    ),
}


@tagged("post_install", "-at_install")
class TestClassOrder(TransactionCase):
    """When several files define one method of a model, their import order decides which one wraps which.

    ``models/__init__.py`` and the ``__init__`` of each room decide it. When you add a file to a chain, add it here
    as well, with the reason for its place.
    """

    def test_order(self):
        self.maxDiff = None
        self.assertEqual(self.get_chains("helpdesk_lite"), {key: files for key, (files, _reason) in CHAINS.items()})

    def get_chains(self, addon):
        """Find the methods that several files of an addon define, except methods of mixins only.

        :param str addon: name of an addon
        :return: dict of (model, method) to files, outermost first
        """
        prefix = f"odoo.addons.{addon}.models."
        chains = {}
        for name, model in self.env.registry.items():
            for cls in model.mro():
                if cls.__module__.startswith(prefix):
                    for method, value in vars(cls).items():
                        if callable(value) and not method.startswith("__"):
                            chains.setdefault((name, method), []).append(cls.__module__.removeprefix(prefix))
        return {
            key: files
            for key, files in chains.items()
            if len(files) > 1
            and not all(file.startswith("guards.") for file in files)
            # the mixin does not define the method
            and key[1] != "_get_guard"
            # every thread has the chains of the abstract one
            and (key[0] == THREAD or chains.get((THREAD, key[1])) != files)
        }
