from . import opportunity_report
