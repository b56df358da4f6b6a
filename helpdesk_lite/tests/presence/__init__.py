from . import test_presence, test_crossing, test_held, test_drafts, test_collision_tours
