"""A configuration that is not right is refused when it is loaded, with everything that is wrong."""

from __future__ import annotations

import subprocess
import unittest

import proxy
from proxy import answer, bootstrap, listener, onecors

BAD_POLICY = """{
  "allow_origins": ["https://app.example.com/", "localhost:3000"],
  "allow_credential": true,
  "max_age": 100000
}"""


def configured(config: object) -> proxy.Json:
    """A configuration of Envoy with this one for the filter."""
    return bootstrap([listener("edge", [onecors(config)], [answer("/")])])


class Refused(unittest.TestCase):
    """What Envoy writes to its log before it ends."""

    def assert_told(self, log: str, *words: str) -> None:
        for word in words:
            self.assertIn(word, log)

    def test_every_problem_of_the_policy(self) -> None:
        log = proxy.refused(configured({"policy": "policy.json"}), BAD_POLICY)
        self.assert_told(
            log,
            "[critical][dynamic_modules]",
            "onecors: configuration refused: policy.json: ",
            "https://app.example.com/",
            "localhost:3000",
            "allow_credentials",
            "100000",
        )

    def test_a_policy_that_is_not_there(self) -> None:
        log = proxy.refused(configured({"policy": "nowhere.json"}))
        self.assert_told(log, "onecors: configuration refused: nowhere.json: No such file")

    def test_a_policy_that_is_no_json(self) -> None:
        log = proxy.refused(configured({"policy": "policy.json"}), b"\xff{")
        self.assert_told(log, "onecors: configuration refused: policy.json: ")

    def test_keys_that_are_unknown_missing_or_wrong(self) -> None:
        log = proxy.refused(configured({"Policy": "policy.json", "rules": []}))
        self.assert_told(log, 'no "policy"', 'an unknown key "Policy"', 'an unknown key "rules"')
        # Nothing of it forges a line, or turns the direction of the log.
        log = proxy.refused(configured({"x\x1b[31m\u202e\nall is well": "", "policy": "policy.json"}))
        self.assert_told(log, r"x\u{1b}[31m\u{202e}\u{a}all is well")
        for wrong in (1, "", None, ["policy.json"]):
            log = proxy.refused(configured({"policy": wrong}))
            self.assert_told(log, '"policy" in filter_config is not a file name')
        log = proxy.refused(configured({}))
        self.assert_told(log, 'no "policy"', '{"policy": "<file>"}')

    def test_no_configuration_at_all(self) -> None:
        config = configured({})
        manager = config["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]
        del manager["http_filters"][0]["typed_config"]["filter_config"]
        self.assert_told(proxy.refused(config), "filter_config is not a JSON object", '{"policy": "<file>"}')

    def test_envoys_own_check_is_enough(self) -> None:
        for policy, code in ((None, 0), (BAD_POLICY, 1)):
            with proxy.folder_with(configured({"policy": "policy.json"}), policy) as folder:
                checked = subprocess.run(
                    proxy.command("--mode", "validate"),
                    cwd=folder,
                    env=proxy.environment(None),
                    capture_output=True,
                    text=True,
                    timeout=proxy.PATIENCE_S,
                    check=False,
                )
            self.assertEqual(checked.returncode, code, checked.stderr)
            self.assertEqual("configuration refused" in checked.stderr, code == 1)


if __name__ == "__main__":
    unittest.main()
