from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ...tools.ids import is_id
from .relation import DIRECTED

# kind of relation: what its other ticket is to its ticket, and the other way round
ROLES = {"part": ("whole", "part"), "follow_up": ("former", "follow_up"), "relates": ("related", "related")}
# in which they are shown
ORDER = ("whole", "part", "former", "follow_up", "related")
MOST_SHOWN = 100  # of one kind; all are counted


class TicketRelations(models.Model):
    """The tickets that have to do with a ticket, as far as its reader can read them."""

    _inherit = "helpdesk_lite.ticket"

    follow_up_of_id = fields.Many2one(
        "helpdesk_lite.ticket",
        "Follow-up of",
        compute="_compute_follow_up_of_id",
        help="The ticket that this one continues. Empty if you cannot see it.",
    )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_follow_up_of_id(self):
        relations = self.env["helpdesk_lite.relation"].search([("ticket_id", "in", self.ids), ("kind", "=", "follow_up")])
        former = {relation.ticket_id.id: relation.other_id for relation in relations.sorted("id", reverse=True)}
        for ticket in self:
            ticket.follow_up_of_id = former.get(ticket._origin.id, False)

    def _relate(self, kind, others):
        """Relate this ticket with others; what is related already stays as it is.

        :param str kind: of ``helpdesk_lite.relation``: what this ticket is to the others
        :param others: records of ``helpdesk_lite.ticket``
        :return: records of ``helpdesk_lite.relation``, the new ones
        :raise AccessError: when the user cannot read all of them, or may not change relations
        :raise ValidationError: when a ticket would have a relation to itself, or be a part or a follow-up of itself
        """
        Relation = self.env["helpdesk_lite.relation"]
        if self in others:
            raise ValidationError(self.env._("A ticket has no relation to itself."))
        forth = Domain("ticket_id", "=", self.id) & Domain("other_id", "in", others.ids)
        back = Domain("other_id", "=", self.id) & Domain("ticket_id", "in", others.ids)
        known = Relation.search(Domain("kind", "=", kind) & (forth | back))
        if kind in DIRECTED and known.filtered(lambda relation: relation.other_id == self):
            Relation._refuse_circle()
        new = others - known.ticket_id - known.other_id
        return Relation.create([{"ticket_id": self.id, "kind": kind, "other_id": other.id} for other in new])

    def _get_related(self, roles=ORDER):
        """The relations of this ticket that the user can see, by what the other ticket is to this one.

        :param roles: of ``ORDER``
        :return: list of tuples (role, record of ``helpdesk_lite.relation``, record of ``helpdesk_lite.ticket``), in order
        """
        self.ensure_one()
        relations = self.env["helpdesk_lite.relation"].search(["|", ("ticket_id", "=", self.id), ("other_id", "=", self.id)])
        found = []
        for relation in relations:
            own, other = ROLES[relation.kind]
            is_first = relation.ticket_id == self
            found.append((own if is_first else other, relation, relation.other_id if is_first else relation.ticket_id))
        wanted = [item for item in found if item[0] in roles]
        return sorted(wanted, key=lambda item: (ORDER.index(item[0]), item[1].id))

    @api.readonly
    def get_related_tickets(self):
        """What the form shows of the tickets that have to do with this one.

        :return: dict: ``groups`` is a list of dicts (``role``, ``label``, ``tickets``), ``done`` and ``parts`` are numbers of
            parts that the user can read, ``can_change`` and ``can_close`` whether they may relate tickets and answer parts
        :raise AccessError: when the user cannot read the ticket
        """
        self.ensure_one()
        self.check_access("read")
        may = self.env["helpdesk_lite.relation"].has_access("create") and self.has_access("write")
        related = self._get_related()
        groups = [
            (role, label, [item for item in related if item[0] == role]) for role, label in self._get_role_labels().items()
        ]
        parts = self.browse(ticket.id for role, _relation, ticket in related if role == "part")
        return {
            "groups": [
                {
                    "role": role,
                    "label": label,
                    "tickets": [
                        {"relation_id": relation.id, **ticket._describe_related()}
                        for _role, relation, ticket in items[:MOST_SHOWN]
                    ],
                }
                for role, label, items in groups
                if items
            ],
            "parts": len(parts),
            "done": len(parts.filtered("is_closed")),
            "can_change": may,
            "can_close": may and bool(parts._filter_open()),
        }

    @api.model
    def _get_role_labels(self):
        return {
            "whole": self.env._("Part of"),
            "part": self.env._("Parts"),
            "former": self.env._("Follow-up of"),
            "follow_up": self.env._("Follow-ups"),
            "related": self.env._("Related"),
        }

    def _filter_open(self):
        return self.filtered(lambda ticket: ticket.active and not ticket.is_closed)

    def _describe_related(self):
        # sudo: who can read a ticket may know the name of its stage
        stage = self.sudo().stage_id
        return {
            "id": self.id,
            "number": self.number or "",
            "name": self.name,
            "stage": stage.name or "",
            "is_closed": self.is_closed,
            "active": self.active,
        }

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_relate(self):
        """Open the dialog that relates this ticket with others.

        :return: a window action
        """
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Relate to Tickets"),
            "res_model": "helpdesk_lite.relate",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_ticket_id": self.id},
        }

    def unrelate(self, relation_id):
        """Remove a relation of this ticket.

        :param int relation_id: id of a ``helpdesk_lite.relation``; one that is gone already is no error
        :return: True
        :raise AccessError: when the user cannot see it, or may not change relations
        """
        self.ensure_one()
        self.check_access("write")
        relation = self.env["helpdesk_lite.relation"].browse(relation_id if is_id(relation_id) else []).exists()
        relation.check_access("unlink")
        if relation and self not in relation.ticket_id | relation.other_id:
            raise AccessError(self.env._("This relation belongs to other tickets."))
        relation.unlink()
        return True

    def action_answer_parts(self):
        """Open the dialog that answers and solves the open parts of this ticket, each with its own text and result.

        :return: an action
        :raise UserError: when no part is open, as far as the user can read them
        """
        self.ensure_one()
        self.check_access("write")
        parts = self.browse(ticket.id for _role, _relation, ticket in self._get_related(["part"]))._filter_open()
        if not parts:
            raise UserError(self.env._("No part of the ticket #%s is open.", self.number))
        return self.env["helpdesk_lite.bulk.reply"]._open_for(parts, then="solve")
