from . import test_answers, test_overview, test_overview_sections, test_reports
