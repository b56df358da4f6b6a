from . import test_leaving, test_pipeline, test_team_archive
