from . import controllers, models, wizard


def _index_soon(env):
    """Start the daily job right after the installation, because it indexes the existing tickets."""
    env.ref("helpdesk_lite_data_cleaning.ir_cron_find_duplicates")._trigger()
