"""Checks the exports to AWS in golden/ with the schemas and linters of their formats.

cfn-lint reads the templates of CloudFormation and SAM, AWS's own translator transforms those of SAM
together with a function's event, openapi-spec-validator reads OpenAPI, and botocore validates the
inputs of the AWS command line.
"""

from __future__ import annotations

import copy
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session  # type: ignore[import-untyped, import-not-found, unused-ignore]
from botocore.model import Shape  # type: ignore[import-untyped, import-not-found, unused-ignore]
from botocore.validate import ParamValidator  # type: ignore[import-untyped, import-not-found, unused-ignore]
from openapi_spec_validator import validate  # type: ignore[import-untyped, import-not-found, unused-ignore]
from samtranslator.translator.transform import transform  # type: ignore[import-untyped, import-not-found, unused-ignore]

GOLDEN = Path(__file__).resolve().parent / "golden"


def exports(target: str) -> Iterator[tuple[str, Any]]:
    """The exports to a target, by the name of their file."""
    for file in sorted((GOLDEN / target).glob("*.json")):
        yield f"{target}/{file.name}", json.loads(file.read_text())


def check_templates() -> Iterator[tuple[str, str]]:
    """Templates have no error and no warning."""
    for target in ("aws-rest", "cloudfront", "sam"):
        names = [name for name, _ in exports(target)]
        linter = str(Path(sys.executable).parent / "cfn-lint")
        command = [linter, "--regions", "eu-west-1", "--format", "parseable"]
        done = subprocess.run(
            [*command, "--", *names], cwd=GOLDEN, check=False, capture_output=True, text=True
        )
        if done.stderr:
            raise SystemExit(f"cfn-lint: {done.stderr}")
        for name in names:
            lines = done.stdout.splitlines()
            yield name, "; ".join(line for line in lines if line.startswith(f"{name}:"))
        if done.returncode and not done.stdout:
            yield target, f"cfn-lint ended with {done.returncode}"


def check_sam() -> Iterator[tuple[str, str]]:
    """A function's event joins the API; its authorizer and API key stay away from the preflights."""
    for name, template in exports("sam"):
        api = template["Resources"]["Api"]["Properties"]
        api["Auth"] |= {
            "DefaultAuthorizer": "Users",
            "ApiKeyRequired": True,
            "Authorizers": {
                "Users": {"UserPoolArn": "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/a"}
            },
        }
        template["Resources"]["Function"] = {
            "Type": "AWS::Serverless::Function",
            "Properties": {
                "Runtime": "python3.13",
                "Handler": "app.handler",
                "InlineCode": "pass",
                "Events": {
                    "Get": {
                        "Type": "Api",
                        "Properties": {
                            "RestApiId": {"Ref": "Api"},
                            "Path": "/orders/{order}",
                            "Method": "get",
                        },
                    }
                },
            },
        }
        preflights = set(api["DefinitionBody"]["paths"])
        translated = transform(template, {"StageName": "prod"}, NoPolicies())
        yield name, judge_sam(translated, preflights)


def check_sam_events() -> Iterator[tuple[str, str]]:
    """What the template's Description says of events: a function has the methods that are named, and none by
    ANY; a path that only an event has is given no OPTIONS."""
    for name, template in exports("sam"):
        paths = template["Resources"]["Api"]["Properties"]["DefinitionBody"]["paths"]
        path = next(iter(paths))
        named = methods_of(template, path, "get", "post")
        yield f"{name}, named", "" if named == {"get", "post", "options"} else f"has {sorted(named)}"
        any_method = methods_of(template, path, "ANY")
        lost = any_method == {"any", "options"}
        yield f"{name}, ANY", "" if lost else f"has {sorted(any_method)}: the Description may say so"
        own = methods_of(template, "/own/{path}", "get")
        yield f"{name}, its own path", "" if own == {"get"} else f"has {sorted(own)}"
        said = template["Description"]
        yield f"{name}, said", "" if "Method: ANY" in said and "no OPTIONS" in said else said


def methods_of(template: dict[str, Any], path: str, *methods: str) -> set[str]:
    """The methods of a path, where a function has events for some."""
    template = copy.deepcopy(template)
    properties = [{"RestApiId": {"Ref": "Api"}, "Path": path, "Method": method} for method in methods]
    events = {f"Event{n}": {"Type": "Api", "Properties": its} for n, its in enumerate(properties)}
    code = {"Runtime": "python3.13", "Handler": "app.handler", "InlineCode": "pass"}
    function = {"Type": "AWS::Serverless::Function", "Properties": code | {"Events": events}}
    template["Resources"]["Function"] = function
    translated = transform(template, {"StageName": "prod"}, NoPolicies())
    return set(translated["Resources"]["Api"]["Properties"]["Body"]["paths"][path])


class NoPolicies:
    """AWS's managed policies, of which none is needed here."""

    def load(self) -> dict[str, str]:
        """No policy."""
        return {}


def judge_sam(translated: dict[str, Any], preflights: set[str]) -> str:
    """What is wrong with the API that a template became."""
    body = translated["Resources"]["Api"]["Properties"]["Body"]
    if set(body["paths"]) - {"/orders/{order}"} != preflights - {"/orders/{order}"}:
        return f"the paths are {sorted(body['paths'])}"
    if not body["paths"]["/orders/{order}"]["get"].get("security"):
        return "the function has no authorizer, so that nothing is shown"
    for path in preflights:
        options = body["paths"][path]["options"]
        if options.get("security"):
            return f"OPTIONS {path} asks for {options['security']}"
        if "responseTemplates" not in json.dumps(options["x-amazon-apigateway-integration"]):
            return f"OPTIONS {path} has lost its integration"
    if set(body["x-amazon-apigateway-gateway-responses"]) != {"DEFAULT_4XX", "DEFAULT_5XX"}:
        return "the gateway responses are lost"
    return ""


def check_openapi() -> Iterator[tuple[str, str]]:
    """OpenAPI is right, but for the plus of `{proxy+}`, which only API Gateway has."""
    for name, document in exports("openapi"):
        text = json.dumps(document).replace("{proxy+}", "{proxy}")
        try:
            validate(json.loads(text))
        except Exception as error:
            yield name, str(error)
        else:
            open_to_all = [path["options"]["security"] == [] for path in document["paths"].values()]
            yield name, "" if all(open_to_all) else "an OPTIONS has security"


def check_inputs() -> Iterator[tuple[str, str]]:
    """The inputs of the command line are what the services take."""
    session = botocore.session.get_session()
    for target, service, operation, extra in (
        ("aws-http", "apigatewayv2", "UpdateApi", {"ApiId": "abcdef"}),
        ("aws-function-url", "lambda", "UpdateFunctionUrlConfig", {"FunctionName": "service"}),
    ):
        shape = session.get_service_model(service).operation_model(operation).input_shape
        for name, parameters in exports(target):
            errors = ParamValidator().validate(parameters | extra, shape)
            limits = list(over_limits(parameters, shape, ""))
            yield name, errors.generate_report() or "; ".join(limits)


def over_limits(value: object, shape: Shape, place: str) -> Iterator[str]:
    """Values beyond the bounds of the service's model, which botocore leaves to the service."""
    size = value if isinstance(value, int) else len(value) if isinstance(value, str | list) else None
    if size is not None and not shape.metadata.get("min", size) <= size <= shape.metadata.get("max", size):
        yield f"{place or 'the input'} is out of bounds: {value!r}"
    if isinstance(value, dict):
        for key, member in value.items():
            yield from over_limits(member, shape.members[key], f"{place}.{key}")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from over_limits(item, shape.member, f"{place}[{number}]")


def check_cdk() -> Iterator[tuple[str, str]]:
    """The properties of CDK are those of CloudFormation, which has been linted, with other names."""
    templates = dict(exports("aws-rest"))
    for name, properties in exports("cdk-json"):
        resources = templates[name.replace("cdk-json/", "aws-rest/")]["Resources"].values()
        ids = ("RestApiId", "ResourceId")
        wanted = [
            {key: value for key, value in resource["Properties"].items() if key not in ids}
            for resource in resources
        ]
        found = [method["props"] for method in properties["methods"]] + properties["gatewayResponses"]
        yield name, "" if [capitalised(props) for props in found] == wanted else "differs from aws-rest"


def capitalised(value: object) -> object:
    """The same with the names of CloudFormation."""
    if isinstance(value, list):
        return [capitalised(item) for item in value]
    if not isinstance(value, dict):
        return value
    names = {key: key if set("./") & set(key) else key[0].upper() + key[1:] for key in value}
    return {names[key]: capitalised(item) for key, item in value.items()}


def main() -> int:
    """Runs every check."""
    logging.disable()
    # The translator asks for one, and for no other setting of an account.
    os.environ["AWS_DEFAULT_REGION"] = "eu-west-1"
    checks = (check_templates, check_sam, check_sam_events, check_openapi, check_inputs, check_cdk)
    passed, failed = 0, set()
    for check in checks:
        for name, problem in check():
            if problem:
                failed.add(f"FAILED {check.__name__}: {name}: {problem}")
            else:
                passed += 1
    print(*sorted(failed), sep="\n", end="\n" if failed else "")
    print(f"{passed} passed, {len(failed)} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
