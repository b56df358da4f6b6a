from . import controllers, models


def _index_soon(env):
    """The tickets that are there already are indexed by the daily job, right after the installation."""
    env.ref("helpdesk_lite_data_cleaning.ir_cron_find_duplicates")._trigger()
