"""The texts of the demo replies in other languages than English.

A reply has a text for each language (``helpdesk_lite.reply.text``) instead of a translated field, so these are no translations
that Odoo would load, and a language must be installed before there can be a text in it.
"""

TEXTS = {
    "es": {
        "helpdesk_lite.reply_received": """
            <p>Hola, {{customer.first_name|buenos días}}:</p>
            <p>Gracias por su mensaje. Lo estamos revisando y hoy mismo tendrá noticias nuestras. El número de su solicitud es
            {{ticket.number}}.</p>
            <p>{{agent.first_name}}, {{team.name}}</p>""",
        "helpdesk_lite.reply_order_number": """
            <p>Hola, {{customer.first_name|buenos días}}:</p>
            <p>¿Podría decirnos el número de su pedido? Está al principio de la confirmación y empieza por S.</p>
            <p>{{agent.first_name}}, {{team.name}}</p>""",
        "helpdesk_lite.reply_replacement": """
            <p>Hola, {{customer.first_name|buenos días}}:</p>
            <p>Siento que haya llegado dañado. Hoy sale de nuestro almacén uno nuevo, y no tiene que devolver nada.</p>
            <p>{{agent.first_name}}, {{team.name}}</p>""",
        "helpdesk_lite.reply_restart": """
            <p>Hola, {{customer.first_name|buenos días}}:</p>
            <p>Reinicie el equipo una vez, por favor, y dígame si eso ayuda. Si no, me paso por su mesa.</p>
            <p>{{agent.first_name}}</p>""",
    }
}


def texts(name):
    """The texts for a language.

    :param str name: code of the language, such as ``es``, ``es_419`` or ``fr_FR``
    :return: dict of external id of a reply to its text as HTML
    """
    return TEXTS.get(name.split("_")[0], {})
