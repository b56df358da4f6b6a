from . import test_import_jobs, test_import_properties, test_import_rows
