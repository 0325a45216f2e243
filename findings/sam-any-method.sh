#!/usr/bin/env bash
# aws-sam-translator 1.115.0: where an API has "MergeDefinitions: true", an event with "Method: ANY" becomes a
# method "any" of its path. Without MergeDefinitions it is "x-amazon-apigateway-any-method", as it has to be.
#
# Why it matters: a definition with preflights of its own is merged with events, and ANY is the common way to hand
# everything else to one function. No error says that the function is under a name that is no method. What API
# Gateway makes of that was not tried.
# What onecors does: cli/src/export/aws/sam.rs says in the template's Description to write an event for each
# method, and tests/export/formats.py notices when this is no longer needed.
# Standard: OpenAPI 3.0.1, "Path Item Object": the methods are get, put, post, delete, options, head, patch and
# trace. A field of another name is an extension, which begins with "x-": API Gateway's for any method is
# x-amazon-apigateway-any-method.
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat >translate.py <<'PYTHON'
"""Prints the methods of the path of an event, as the translator makes them."""

import logging
import os
import sys

# What the translator has to say of its own features and metrics.
logging.disable()
# The translator asks for one, and for no other setting of an account.
os.environ["AWS_DEFAULT_REGION"] = "eu-west-1"

from samtranslator.translator.transform import transform

PREFLIGHT = {
    "responses": {"204": {"description": "a preflight"}},
    "x-amazon-apigateway-integration": {
        "type": "mock",
        "requestTemplates": {"application/json": '{"statusCode": 204}'},
        "responses": {"default": {"statusCode": "204"}},
    },
}
MERGED = {
    "MergeDefinitions": True,
    "DefinitionBody": {
        "openapi": "3.0.1",
        "info": {"title": "orders", "version": "1"},
        "paths": {"/orders": {"options": PREFLIGHT}},
    },
}


class NoPolicies:
    """AWS's managed policies, of which none is needed here."""

    def load(self):
        return {}


def methods(method, api):
    event = {"RestApiId": {"Ref": "Api"}, "Path": "/orders", "Method": method}
    function = {
        "Runtime": "python3.13",
        "Handler": "app.handler",
        "InlineCode": "pass",
        "Events": {"Orders": {"Type": "Api", "Properties": event}},
    }
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {
            "Api": {"Type": "AWS::Serverless::Api", "Properties": {"StageName": "prod", **api}},
            "Function": {"Type": "AWS::Serverless::Function", "Properties": function},
        },
    }
    translated = transform(template, {}, NoPolicies())
    return sorted(translated["Resources"]["Api"]["Properties"]["Body"]["paths"]["/orders"])


print(*methods(sys.argv[1], MERGED if sys.argv[2] == "merged" else {}))
PYTHON

python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check aws-sam-translator==1.115.0

echo "aws-sam-translator $(venv/bin/python -c 'import samtranslator; print(samtranslator.__version__)')"
named=$(venv/bin/python translate.py get merged)
any=$(venv/bin/python translate.py ANY merged)
alone=$(venv/bin/python translate.py ANY alone)
echo "  Method: get, merged:                    $named"
echo "  Method: ANY, merged:                    $any"
echo "  Method: ANY, without MergeDefinitions:  $alone"

wanted='get options|any options|x-amazon-apigateway-any-method'
if [ "$named|$any|$alone" != "$wanted" ]; then
  echo "changed: this was $wanted"
  exit 1
fi
