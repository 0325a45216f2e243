"""CORS for an AWS Lambda function, and for a Lambda authorizer.

>>> from onecors import Policy
>>> from onecors.aws import lambda_handler
>>> @lambda_handler(Policy(allow_origins=["https://app.example.com"]))
... def handler(event, context):
...     return {"statusCode": 200, "body": "item"}
>>> event = {"httpMethod": "GET", "path": "/item", "requestContext": {}, "headers": {}}
>>> handler(event, None)
{'statusCode': 200, 'body': 'item', 'headers': {'Vary': 'Origin'}}
"""

from onecors.aws._authorizer import authorizer
from onecors.aws._handler import lambda_handler

__all__ = ["authorizer", "lambda_handler"]
