from . import convert, convert_lead
