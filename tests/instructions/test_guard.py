import unittest

import counts
from ceilings import Row, ceiling

PROFILE = """\
version: 1
events: Ir
ob=(1) /usr/bin/host
fn=(1) invoke
12 5
cob=(2) /lib/libonecors.so.2
cfn=(2) 0x1000
calls=3 0
12 300
cfn=(3) own
calls=1 0
12 999

ob=(2)
fn=(2)
3 200
cob=(3) /lib/libc.so.6
cfn=(4) memcmp
calls=3 0
3 60
cfn=(5) inner
calls=3 0
3 40

ob=(1)
fn=(6) again
9 1
cob=(2)
cfn=(2)
calls=1 0
9 100
"""


class Counts(unittest.TestCase):
    def count(self, entry: str) -> int:
        found = counts.calls(PROFILE.splitlines(keepends=True))
        return sum(call.instructions for call in found if counts.into_library(entry)(call))

    def test_counts_what_enters_a_library_with_all_that_it_calls(self) -> None:
        self.assertEqual(self.count("libonecors.so"), 400)
        self.assertEqual(self.count("libc.so"), 60)

    def test_counts_one_function(self) -> None:
        found = counts.calls(PROFILE.splitlines(keepends=True))
        inner = [call.instructions for call in found if counts.into_function("inner")(call)]
        self.assertEqual(inner, [40])


class Ceilings(unittest.TestCase):
    def row(self, measured: int, blessed: int | None) -> Row:
        key = ("python", "exact-10", "no-origin")
        return Row(key, measured, ceiling(key, blessed))

    def test_leaves_ten_percent_of_room(self) -> None:
        self.assertFalse(self.row(1100, 1000).is_over)
        self.assertTrue(self.row(1101, 1000).is_over)
        self.assertFalse(self.row(0, 0).is_over)
        self.assertTrue(self.row(1, 0).is_over)

    def test_refuses_what_has_no_ceiling(self) -> None:
        self.assertTrue(self.row(1, None).is_over)

    def test_tells_a_gain(self) -> None:
        self.assertFalse(self.row(1000, 1000).is_gain)
        self.assertTrue(self.row(879, 1000).is_gain)
        self.assertFalse(self.row(0, 0).is_gain)

    def test_holds_core_to_the_design(self) -> None:
        self.assertEqual(ceiling(("core", "exact-10", "actual-allowed"), 5000), 250)
        self.assertEqual(ceiling(("core", "exact-10", "actual-denied"), 5000), 5500)
        self.assertEqual(ceiling(("core", "exact-10", "preflight-allowed"), 5000), 900)
        self.assertEqual(ceiling(("c", "exact-10", "preflight-allowed"), 5000), 5500)


if __name__ == "__main__":
    unittest.main()
