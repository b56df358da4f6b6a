from . import test_answers, test_figures_tours, test_overview, test_overview_sections, test_reports
