from . import form, portal, thread
