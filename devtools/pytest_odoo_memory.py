"""A pytest plugin that excludes the models, which exist for the whole run, from garbage collection."""

import gc

import pytest


@pytest.fixture(scope="session", autouse=True)
def registry_at_rest(load_registry):
    gc.collect()
    gc.freeze()
