from . import test_company_move, test_leaving, test_leaving_tours, test_pipeline, test_team_archive
