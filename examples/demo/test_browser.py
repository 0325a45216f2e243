"""The browser of the demo blocks what the Fetch standard blocks."""

import unittest

from browser import Answer, Sent, outcome

ORIGIN = "https://app.lantern.example"


def sent(method: str = "GET", credentials: str = "include", **headers: str) -> Sent:
    lines = {"Origin": ORIGIN, "Sec-Fetch-Mode": "cors", "Sec-Fetch-Site": "same-site"}
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    return Sent(method, "/", tuple(lines.items()), "", credentials)


def preflight(method: str, names: str | None = None, credentials: str = "include") -> Sent:
    headers = {"Access_Control_Request_Method": method}
    if names is not None:
        headers["Access_Control_Request_Headers"] = names
    return sent("OPTIONS", credentials, **headers)


def answer(*lines: tuple[str, str], status: int = 200) -> Answer:
    return Answer(status, lines)


ALLOW = ("Access-Control-Allow-Origin", ORIGIN)
ANY = ("Access-Control-Allow-Origin", "*")
CREDENTIALS = ("Access-Control-Allow-Credentials", "true")


class ActualRequests(unittest.TestCase):
    def test_an_answer_without_allow_origin_is_blocked(self) -> None:
        self.assertEqual(outcome(sent(), answer()), "blocked")

    def test_the_origin_with_credentials_is_readable(self) -> None:
        self.assertEqual(outcome(sent(), answer(ALLOW, CREDENTIALS)), "readable")

    def test_a_repeated_allow_origin_is_blocked(self) -> None:
        self.assertEqual(outcome(sent(), answer(ALLOW, ALLOW, CREDENTIALS)), "blocked")

    def test_credentials_need_a_lower_case_true(self) -> None:
        self.assertEqual(outcome(sent(), answer(ALLOW)), "blocked")
        shouted = ("Access-Control-Allow-Credentials", "TRUE")
        self.assertEqual(outcome(sent(), answer(ALLOW, shouted)), "blocked")

    def test_a_star_is_readable_without_credentials_only(self) -> None:
        self.assertEqual(outcome(sent(), answer(ANY, CREDENTIALS)), "blocked")
        self.assertEqual(outcome(sent(credentials="same-origin"), answer(ANY)), "readable")

    def test_what_is_no_cors_request_is_not_checked(self) -> None:
        self.assertEqual(outcome(sent(Sec_Fetch_Mode="no-cors"), answer()), "opaque")
        self.assertEqual(outcome(sent(Sec_Fetch_Mode="navigate"), answer()), "opened")
        self.assertEqual(outcome(sent(Sec_Fetch_Site="same-origin"), answer()), "readable")


class Preflights(unittest.TestCase):
    def check(self, request: Sent, *lines: tuple[str, str], status: int = 204) -> str:
        return outcome(request, answer(ALLOW, CREDENTIALS, *lines, status=status))

    def test_a_status_that_is_not_ok_blocks(self) -> None:
        self.assertEqual(self.check(preflight("GET")), "goes on")
        self.assertEqual(self.check(preflight("GET"), status=403), "blocked")

    def test_a_method_must_be_listed_in_its_case(self) -> None:
        allow = ("Access-Control-Allow-Methods", "PUT, PATCH")
        self.assertEqual(self.check(preflight("PATCH"), allow), "goes on")
        self.assertEqual(self.check(preflight("patch"), allow), "blocked")
        self.assertEqual(self.check(preflight("DELETE"), allow), "blocked")

    def test_header_names_are_compared_without_case(self) -> None:
        allow = ("Access-Control-Allow-Headers", "X-One, x-two")
        self.assertEqual(self.check(preflight("GET", "x-one,x-two"), allow), "goes on")
        self.assertEqual(self.check(preflight("GET", "x-one,x-three"), allow), "blocked")

    def test_a_star_is_a_wildcard_without_credentials_only(self) -> None:
        allow = [("Access-Control-Allow-Methods", "*"), ("Access-Control-Allow-Headers", "*")]
        self.assertEqual(self.check(preflight("PUT", "x-one"), *allow), "blocked")
        self.assertEqual(self.check(preflight("PUT", "x-one", "omit"), *allow), "goes on")

    def test_a_star_never_covers_authorization(self) -> None:
        allow = ("Access-Control-Allow-Headers", "*")
        self.assertEqual(self.check(preflight("GET", "authorization", "omit"), allow), "blocked")


if __name__ == "__main__":
    unittest.main()
