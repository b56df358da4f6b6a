from markupsafe import Markup
from odoo import models


class TicketProperties(models.Model):
    """What the properties of a ticket say is kept when it moves to another team.

    A property of the new team with the same label and type takes over the value. Odoo logs the values of the former team,
    except formatted texts, which are logged here.
    """

    _inherit = "helpdesk_lite.ticket"

    def write(self, vals):
        if not vals.get("team_id"):
            return super().write(vals)
        # sudo: a property is copied as it is, whoever moves the ticket
        moved = self.sudo().filtered(lambda ticket: ticket.team_id.id != vals["team_id"] and ticket.properties)
        said = {row["id"]: [value for value in row["properties"] if value.get("value")] for row in moved.read(["properties"])}
        result = super().write(vals)
        for ticket in moved:
            ticket._keep_properties(said[ticket.id])
        return result

    def _keep_properties(self, said):
        """Take over what the properties of the former team said.

        :param list said: of dicts, the former properties in Odoo's format for reading
        """
        values, kept = self._match_properties(said)
        if values:
            self.properties = {**self.properties._values, **values}
        for text in said:
            if text["type"] == "html" and text["name"] not in kept:
                self._message_log(body=Markup("<p>%s</p>%s") % (text["string"], Markup(text["value"])))

    def _match_properties(self, said):
        """Find the properties of the new team that ask the same.

        :param list said: see above
        :return: tuple (dict of name to value of the new properties, set of the names of the former ones)
        """
        asked = {_get_question(definition): definition for definition in self.team_id.ticket_properties_definition}
        values, kept = {}, set()
        for former in said:
            definition = asked.get(_get_question(former))
            if definition and (value := _translate(former, definition)):
                values[definition["name"]] = value
                kept.add(former["name"])
        return values, kept


def _get_question(definition):
    """What makes two properties the same question.

    :param dict definition: of a property
    :return: tuple
    """
    label = " ".join((definition.get("string") or "").split()).casefold()
    return label, definition["type"], definition.get("comodel")


def _translate(former, definition):
    """The value of a property in terms of another one: by the labels of options and tags, whose keys differ.

    :param dict former: a property with its value
    :param dict definition: of the other property
    :return: the value, or None when the other one has no such option
    """
    value = former["value"]
    if definition["type"] == "many2one":
        return value[0]
    if definition["type"] == "many2many":
        return [record[0] for record in value]
    if definition["type"] not in ("selection", "tags"):
        return value
    labels = {key: label.casefold() for key, label, *_color in former.get(definition["type"]) or ()}
    keys = {label.casefold(): key for key, label, *_color in definition.get(definition["type"]) or ()}
    if definition["type"] == "selection":
        return keys.get(labels.get(value))
    found = [keys.get(labels.get(key)) for key in value]
    return found if all(found) else None
