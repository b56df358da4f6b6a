"""How satisfied customers are: when they are asked, whose answer counts, who reads it and what is published.

``ticket_question.py`` asks, once for each closed ticket; ``rating_request.py`` holds what was asked of whom, and is the only
place that stores an answer; ``ticket_answer.py`` does what follows on the ticket. Answers are rows of Odoo's ``rating.rating``,
which ``rating_rating.py`` guards. Who is taken for a person is decided by ``controllers/rating.py``.
"""

from . import team_ratings, team_published_ratings
from . import rating_rating, rating_request
from . import ticket_question, ticket_answer
