from . import test_rating_questions, test_rating_answers, test_rating_access, test_rating_pages
