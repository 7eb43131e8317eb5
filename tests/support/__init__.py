"""What the tests share: types, drivers, waits."""
