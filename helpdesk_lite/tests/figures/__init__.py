from . import (
    test_answers,
    test_figures_tours,
    test_odd_tickets,
    test_overview,
    test_overview_sections,
    test_pivots,
    test_reports,
)
