"""The words of other helpdesks, in English and Spanish: column titles, priorities, statuses and empty cells.

They are those of the exports of Zendesk, Freshdesk, OCA's helpdesk_mgmt and standard Odoo. A word that is not here is
left to the person who imports: Odoo's screen asks what to do with it.
"""

import re
import unicodedata
from datetime import datetime, timezone
from typing import NamedTuple


def fold(text: str) -> str:
    """A word as it is compared: without case, accents, punctuation between words, and blanks around it.

    >>> fold(" En-espera\\r\\n"), fold("On_Hold"), fold("CRÍTICA"), fold("\\ufeffTicket  ID"), fold("-")
    ('en espera', 'on hold', 'critica', 'ticket id', '')
    """
    text = unicodedata.normalize("NFKD", text.replace("\ufeff", "")).casefold()
    text = "".join(char for char in text if not unicodedata.combining(char))
    return " ".join(re.sub(r"[\s_/\-–—]+", " ", text).split())


def _index(table: dict[str, str]) -> dict[str, str]:
    return {fold(word): key for key, words in table.items() for word in words.split(",")}


# what a cell says that has no value; "-" is folded to nothing
EMPTY = frozenset(
    {"", "none", "n a", "null", "no agent", "no group", "unassigned", "ninguno", "ninguna", "sin agente", "sin asignar"}
)

PRIORITIES = _index(
    {
        "0": "low,lowest,very low,minor,trivial,baja,bajo,muy baja,muy bajo,menor",
        "1": "medium,normal,moderate,average,standard,media,medio,mediana,estándar",
        "2": "high,major,important,alta,alto,elevada,importante",
        "3": "urgent,very high,highest,critical,blocker,emergency,urgente,muy alta,muy alto,crítica,crítico,máxima",
    }
)

STATUSES = _index(
    {
        "new": "new,unopened,to do,received,nuevo,nueva,por hacer,recibido,recibida,sin abrir",
        "open": "open,in progress,work in progress,assigned,active,ongoing,reopened,"
        "abierto,abierta,en curso,en progreso,en proceso,asignado,asignada,activo,activa,reabierto,reabierta",
        "pending": "pending,waiting,waiting on customer,waiting for customer,pending customer,awaiting,awaiting customer,"
        "awaiting your reply,pendiente,esperando,esperando al cliente,en espera del cliente,pendiente del cliente,a la espera",
        "hold": "on hold,hold,paused,blocked,stalled,waiting on third party,waiting for third party,"
        "en espera,en pausa,bloqueado,bloqueada,detenido,esperando a un tercero",
        "solved": "solved,resolved,done,fixed,completed,complete,"
        "resuelto,resuelta,solucionado,solucionada,hecho,terminado,terminada,completado,completada",
        "closed": "closed,cerrado,cerrada,finalizado,finalizada",
        "cancelled": "cancelled,canceled,rejected,declined,deleted,spam,"
        "cancelado,cancelada,rechazado,rechazada,descartado,descartada,anulado,anulada,eliminado,eliminada",
    }
)
# the kinds of stages that a status fits, best first
FITTING = {
    "new": ("new",),
    "open": ("open",),
    "pending": ("pending", "hold"),
    "hold": ("hold", "pending"),
    "solved": ("solved", "closed"),
    "closed": ("closed", "solved"),
    "cancelled": ("cancelled",),
}
CLOSED = frozenset({"solved", "closed", "cancelled"})

# field: titles of its column, the best one first where an export has several
_TITLES = {
    "number": "ticket id,ticket number,ticket #,ticket no.,number,número,número de ticket,id de ticket,id del ticket,n.º",
    "name": "subject,ticket subject,title,summary,asunto,título,resumen",
    "description": "description,descripción,body,message,cuerpo,mensaje",
    "partner_id": "customer,partner,contact,cliente,contacto",
    "partner_name": "requester,requester name,full name,contact name,customer name,partner name,"
    "solicitante,nombre del solicitante,nombre completo,nombre del contacto,nombre del cliente",
    "partner_email": "requester email,email,e-mail,contact email,customer email,partner email,correo electrónico,correo,"
    "correo electrónico del solicitante,correo electrónico del contacto,correo electrónico del cliente,email del cliente",
    "partner_phone": "phone,work phone,mobile phone,requester phone,teléfono,teléfono del trabajo,teléfono móvil",
    "user_id": "assignee,agent,assigned to,assigned user,agente,asignado a,usuario asignado,agente asignado,responsable",
    "team_id": "group,team,helpdesk team,grupo,equipo",
    "stage_id": "status,stage,ticket status,state,estado,etapa",
    "type_id": "type,ticket type,tipo,tipo de ticket",
    "priority": "priority,prioridad",
    "tag_ids": "tags,tag,labels,etiquetas",
    "opened_on": "opened on,created at,created time,created on,created date,creation date,create date,requested,opened,"
    "abierto el,creado,creado el,creado en,fecha de creación,hora de creación,fecha de apertura",
    "assign_date": "initially assigned at,assigned at,assigned on,assigned date,assign date,"
    "asignado el,fecha de asignación,asignado inicialmente el",
    "close_date": "solved at,resolved at,resolved time,solved,closed at,closed time,closed on,closed date,close date,"
    "resuelto el,hora de resolución,fecha de resolución,cerrado el,fecha de cierre,hora de cierre",
}
TITLES = {fold(title): (field, rank) for field, titles in _TITLES.items() for rank, title in enumerate(titles.split(","))}


def is_empty(text: str) -> bool:
    """Whether a cell has no value, in the words of other helpdesks.

    >>> [is_empty(text) for text in ("-", " ", "No Agent", "Unassigned", "Ana", "0")]
    [True, True, True, True, False, False]
    """
    return len(text) < 20 and fold(text) in EMPTY


def find_field(title: str) -> tuple[str, int] | None:
    """The field of a ticket whose column has this title, and how good the title is, 0 being best.

    >>> find_field("Requester\\remail"), find_field("Hora de creación"), find_field("Satisfaction Score")
    (('partner_email', 0), ('opened_on', 14), None)
    """
    return TITLES.get(fold(title))


class Stage(NamedTuple):
    """A stage of a team: its id, its names in all languages, folded as ``fold`` does, and whether it is a closed one."""

    id: int
    names: frozenset[str]
    closed: bool


def choose_stage(status: str, stages: list[Stage]) -> tuple[int, bool] | None:
    """The stage of a team for a status of another helpdesk: the one with its name, or of its kind, or as open as it is.

    :return: the id, and whether the stage has the name of the status; None for a word that is not known

    >>> new, doing, hold = (Stage(i, frozenset({name}), False) for i, name in enumerate(("new", "in progress", "on hold")))
    >>> solved = Stage(3, frozenset({"solved", "resuelto"}), True)
    >>> team = [new, doing, hold, solved]
    >>> [choose_stage(word, team) for word in ("New", "Open", "Pending", "On-hold", "Closed", "Resuelto", "Rejected", "Foo")]
    [(0, True), (1, False), (2, False), (2, True), (3, False), (3, True), (3, False), None]
    >>> choose_stage("Pending", [new]), choose_stage("Solved", [new])
    ((0, False), None)
    """
    word = fold(status)
    for stage in stages:
        if word in stage.names:
            return stage.id, True
    kind = STATUSES.get(word)
    if not kind:
        return None
    possible = [stage for stage in stages if stage.closed == (kind in CLOSED)]
    for fitting in FITTING[kind]:
        for stage in possible:
            if fitting in {STATUSES.get(name) for name in stage.names}:
                return stage.id, False
    return (possible[0].id, False) if possible else None


# ------------------------------------------------------------
# VALUES
# ------------------------------------------------------------

_BLOCK = r"(?:p|div|ul|ol|table|blockquote|pre|section|article|h[1-6]|html|body)"
_HTML = re.compile(rf"<{_BLOCK}\b[^<>]*>.*(?:</{_BLOCK}\s*>|<[bh]r\s*/?>)", re.IGNORECASE | re.DOTALL)
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?)?\s*(Z|UTC|GMT|[+-]\d\d:?\d\d)?", re.IGNORECASE
)


def is_html(text: str) -> bool:
    """Whether a text is a document in HTML, as Odoo exports it, and not a text that mentions a tag.

    >>> [is_html(text) for text in ("<p>Hello</p>", "<div class='x'>a</div><p>b</p>", "<b>Bold</b>", "a <p>b</p>", "1 < 2")]
    [True, True, False, False, False]
    """
    return bool(_HTML.fullmatch(text.strip()))


def parse_iso(text: str) -> datetime | None:
    """A date as ISO 8601 writes it, which no other format can be mistaken for; None for anything else.

    :return: a datetime, aware when the text says the time zone

    >>> parse_iso("2024-02-13T09:15:00Z"), parse_iso("2024-02-13 09:15"), parse_iso("13/02/2024"), parse_iso("2024-02-31")
    (datetime.datetime(2024, 2, 13, 9, 15, tzinfo=datetime.timezone.utc), datetime.datetime(2024, 2, 13, 9, 15), None, None)
    >>> parse_iso("2024-02-13 09:15:00 +0200").astimezone(timezone.utc).hour
    7
    """
    if not (match := _ISO.fullmatch(text.strip())):
        return None
    *numbers, zone = match.groups()
    try:
        moment = datetime(*(int(number or 0) for number in numbers))
    except ValueError:
        return None
    if not zone:
        return moment
    if zone.upper() in ("Z", "UTC", "GMT"):
        return moment.replace(tzinfo=timezone.utc)
    return moment.replace(tzinfo=datetime.strptime(zone.replace(":", ""), "%z").tzinfo)
