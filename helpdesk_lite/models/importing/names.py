"""Finds what cells name (teams, stages, assignees, tags), for all rows of an import at once."""

from collections import defaultdict

from odoo.fields import Domain
from odoo.tools import email_normalize

from ...tools.import_words import Stage, fold


def names_in_every_language(records):
    """The names of records in all installed languages, folded.

    :param records: of a model whose ``name`` is translated
    :return: dict of record to set of str, with the names that say what a record belongs to, such as "Delivery / Late"
    """
    names = defaultdict(set)
    for code, _label in records.env["res.lang"].get_installed():
        for record in records.with_context(lang=code):
            names[record.with_env(records.env)] |= {fold(record.name or ""), fold(record.display_name or "")}
    return names


def find_by_name(model, wanted):
    """The records that words name, in any language, among those that the user sees.

    :param model: empty recordset of a model whose ``name`` is translated, with few records
    :param wanted: str
    :return: dict of word to recordset
    """
    found = defaultdict(model.browse)
    if wanted:
        for record, names in names_in_every_language(model.search([])).items():
            for name in names:
                found[name] |= record
    return {word: found[fold(word)] for word in wanted}


def find_users(model, wanted):
    """The internal users that words name: by name, login or address.

    :param model: empty recordset of ``res.users``
    :param wanted: str
    :return: dict of word to recordset
    """
    words = list(wanted)
    emails = [email for word in words if (email := email_normalize(word))]
    users = model.search(
        Domain("share", "=", False)
        & (
            Domain("name", "in", words)
            | Domain("login", "in", words + emails)
            | Domain("partner_id.email_normalized", "in", emails)
        )
    )
    found = defaultdict(model.browse)
    for user in users:
        # sudo: users are found by their address, which is not shown
        for name in {fold(user.name), fold(user.login), fold(user.sudo().email_normalized or "")} - {""}:
            found[name] |= user
    return {word: found[fold(email_normalize(word) or word)] or found[fold(word)] for word in words}


def get_pipelines(teams):
    """The stages of teams, as words are compared with them.

    :param teams: records of ``helpdesk_lite.team``
    :return: dict of id of a team to list of :class:`Stage`, in the order of the pipeline
    """
    # sudo: whoever can create tickets in a team can put them into its stages
    teams = teams.sudo()
    names = names_in_every_language(teams.stage_ids)
    return {
        team.id: [Stage(stage.id, frozenset(names[stage]), stage.fold) for stage in team.stage_ids.sorted()] for team in teams
    }
