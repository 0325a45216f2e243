"""CORS from one policy document, with the same engine in every language.

Load a `Policy`, or watch its file with `LivePolicy`, and pass it to the adapter of your framework:
`onecors.asgi`, `onecors.wsgi`, `onecors.starlette`, `onecors.fastapi`, `onecors.flask`,
`onecors.django` or `onecors.aws`. Without an adapter:

>>> import onecors
>>> policy = onecors.Policy(allow_origins=["https://app.example.com"])
>>> verdict = policy.decide("GET", "/", "https://app.example.com")
>>> verdict.outcome
<Outcome.ACTUAL_ALLOWED: 'actual_allowed'>
>>> verdict.plan.lines("https://app.example.com")
[('Access-Control-Allow-Origin', 'https://app.example.com'), ('Vary', 'Origin')]
"""

from onecors._explanation import Explanation
from onecors._live import LivePolicy
from onecors._plan import Header, Plan, Slot
from onecors._policy import Policy, Regex, Rule
from onecors._problem import PolicyError, Problem
from onecors._verdict import Outcome, Reason, Verdict
from onecors._version import __version__

__all__ = [
    "Explanation",
    "Header",
    "LivePolicy",
    "Outcome",
    "Plan",
    "Policy",
    "PolicyError",
    "Problem",
    "Reason",
    "Regex",
    "Rule",
    "Slot",
    "Verdict",
    "__version__",
]

# Tracebacks, reprs and pickles name the public module, not the private one.
for _name in __all__:
    if isinstance(globals()[_name], type):
        globals()[_name].__module__ = __name__
