from . import form, health, incoming_mail, portal, thread
