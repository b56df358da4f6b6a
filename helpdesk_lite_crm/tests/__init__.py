from . import test_conformance, test_convert, test_conversation, test_doors, test_refusals, test_undo, test_answers
from . import (
    test_customer_documents,
    test_lead_to_ticket,
    test_links,
    test_probe,
    test_promises,
    test_query_count,
    test_report,
    test_rights,
    test_sales_guards,
)
from . import test_tours
