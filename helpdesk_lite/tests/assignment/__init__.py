from . import test_assignment, test_assignment_property, test_assignment_retention, test_assignment_tours, test_notices
