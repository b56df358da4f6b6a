"""A pytest plugin: the models that stay for the whole run are not looked through for garbage again and again."""

import gc

import pytest


@pytest.fixture(scope="session", autouse=True)
def registry_at_rest(load_registry):
    gc.collect()
    gc.freeze()
