"""The tests of the store once more, on PostgreSQL: mirror, index, outbox and ledgers behave the same."""

from types import ModuleType

from tests.integration.store import test_store_entries, test_store_mirror, test_store_search

OF_SQLITE_ALONE = {
    "test_range_is_read_by_the_clustered_index_alone",
    "test_without_full_text_the_same_is_found",
}


def _tests_of(module: ModuleType) -> dict[str, object]:
    return {name: value for name, value in vars(module).items() if name.startswith("test_")}


filled = test_store_search.filled

# pytest collects them here, where `store` is the fixture of this folder.
globals().update(
    {
        name: test
        for module in (test_store_entries, test_store_mirror, test_store_search)
        for name, test in _tests_of(module).items()
        if name not in OF_SQLITE_ALONE
    }
)
