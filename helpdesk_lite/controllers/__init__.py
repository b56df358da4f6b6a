from . import action, export, form, health, import_template, incoming_mail, portal, rating, thread
