"""The tests of accounts once more, on PostgreSQL."""

from tests.integration.store.test_store_accounts import (
    test_a_deleted_account_leaves_no_row_behind as test_a_deleted_account_leaves_no_row_behind,
)
from tests.integration.store.test_store_accounts import (
    test_the_default_account_comes_first as test_the_default_account_comes_first,
)
