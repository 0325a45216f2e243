"""The runner itself: that it finds what is wrong."""

from __future__ import annotations

import http.client
import threading
import unittest
from collections.abc import Iterator
from typing import Any

from runner.cases import CaseError, cases, read
from runner.runtime_api import PATH, STREAM, Posted, RuntimeApi
from runner.same import same


class Same(unittest.TestCase):
    """The comparison of answers."""

    def test_what_is_the_same(self) -> None:
        for told, expected in (
            ({"a": 1, "b": [1, 2]}, {"b": [1.0, 2], "a": 1.0}),
            ({"chunks": ["ab", "c"]}, {"chunks": ["abc"]}),
            (None, None),
            (True, True),
        ):
            self.assertTrue(same(told, expected), told)

    def test_what_is_not(self) -> None:
        for told, expected in (
            ({"a": 1}, {"a": 1, "b": None}),
            ({"a": 1}, {"a": "1"}),
            ([1, 2], [2, 1]),
            (True, 1),
            (0, False),
            (None, ""),
            ({"Vary": "Origin"}, {"vary": "Origin"}),
            ({"chunks": []}, {"chunks": ["a"]}),
        ):
            self.assertFalse(same(told, expected), told)


class Cases(unittest.TestCase):
    """The files of cases."""

    def test_all_can_be_read(self) -> None:
        self.assertGreater(len(cases()), 100)
        self.assertEqual({"handler", "stream", "authorizer"}, {case.setting.function for case in cases()})

    def test_a_key_that_is_misspelt_is_an_error(self) -> None:
        good: dict[str, Any] = {
            "name": "n",
            "event": {},
            "handler": {"returns": 1},
            "expected": {"returns": 1},
        }
        read("n", good, "handler")
        for bad in ({**good, "onerror": "respond"}, {**good, "event": "text"}, {"name": "n", "event": {}}):
            with self.assertRaises(CaseError):
                read("n", bad, "handler")


class Api(unittest.TestCase):
    """The local Runtime API."""

    def setUp(self) -> None:
        self.api = RuntimeApi()
        self.addCleanup(self.api.close)

    def function(self, path: str, body: bytes | Iterator[bytes], headers: dict[str, str]) -> None:
        """Takes one event, and posts this."""
        connection = http.client.HTTPConnection(self.api.address)
        connection.request("GET", f"{PATH}/invocation/next")
        answer = connection.getresponse()
        self.assertEqual(b'{"a": "\\u00e4"}', answer.read())
        request_id = answer.headers["Lambda-Runtime-Aws-Request-Id"]
        encode_chunked = not isinstance(body, bytes)
        connection.request(
            "POST", f"{PATH}/{path.format(request_id)}", body, headers, encode_chunked=encode_chunked
        )
        self.assertEqual(202, connection.getresponse().status)
        connection.close()

    def posted(self, path: str, body: bytes | Iterator[bytes], **headers: str) -> Posted | None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        threading.Thread(target=self.function, args=(path, body, named)).start()
        return self.api.invoke({"a": "ä"}, lambda: True)

    def test_an_answer(self) -> None:
        posted = self.posted("invocation/{}/response", b'{"b": 1}', Content_Type="application/json")
        assert posted
        self.assertEqual({"returns": {"b": 1}}, posted.told())

    def test_an_error(self) -> None:
        posted = self.posted("invocation/{}/error", b'{"errorMessage": "m", "errorType": "t"}')
        assert posted
        self.assertEqual({"fails": "m"}, posted.told())

    def test_a_stream(self) -> None:
        pieces = iter((b'{"statusCode": 200}', b"\0" * 8 + b"on", b"e"))
        posted = self.posted(
            "invocation/{}/response", pieces, Content_Type=STREAM, Transfer_Encoding="chunked"
        )
        assert posted
        self.assertEqual({"streams": {"statusCode": 200, "chunks": ["one"]}}, posted.told())

    def test_a_function_that_has_ended(self) -> None:
        self.assertIsNone(self.api.invoke({}, lambda: False))


if __name__ == "__main__":
    unittest.main()
