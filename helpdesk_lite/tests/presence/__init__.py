from . import test_presence, test_guard, test_held, test_drafts, test_collision_tours
