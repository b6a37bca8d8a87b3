"""Prints, as JSON, what is there in the emulator, asked of each service's own API: `inventory.py ENDPOINT [DIRECTORY]`.

With a directory it also unpacks there the code of each function, by the function's name: the zip that was uploaded.
"""

import base64
import hashlib
import io
import json
import sys
import zipfile
from functools import cache
from pathlib import Path

import boto3

endpoint = sys.argv[1]


@cache
def client(service):
    credentials = {"aws_access_key_id": "emulator", "aws_secret_access_key": "emulator"}
    return boto3.client(service, region_name="us-east-1", endpoint_url=endpoint, **credentials)


def every(service, operation, result, **arguments):
    pages = client(service).get_paginator(operation).paginate(**arguments)
    return [item for page in pages for item in page.get(result, [])]


def table(name):
    dynamodb = client("dynamodb")
    described = dynamodb.describe_table(TableName=name)["Table"]
    ttl = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    return {
        "name": name,
        "items": dynamodb.scan(TableName=name, Select="COUNT")["Count"],
        "timeToLive": ttl.get("AttributeName"),
        "recoverable": backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED",
        "protected": described["DeletionProtectionEnabled"],
    }


def key(key_id):
    described = client("kms").describe_key(KeyId=key_id)["KeyMetadata"]
    policy = json.loads(client("kms").get_key_policy(KeyId=key_id, PolicyName="default")["Policy"])
    return {
        "id": key_id,
        "state": described["KeyState"],
        "spec": described["KeySpec"],
        "use": described["KeyUsage"],
        "policy": policy,
    }


def function(configuration):
    return {
        "name": configuration["FunctionName"],
        "handler": configuration["Handler"],
        "timeoutSeconds": configuration["Timeout"],
        "memoryMegabytes": configuration["MemorySize"],
        "environment": configuration["Environment"]["Variables"],
        "architectures": configuration["Architectures"],
        "role": configuration["Role"].split("/")[-1],
        "codeSha256": configuration["CodeSha256"],
    }


def role(name):
    iam = client("iam")
    names = iam.list_role_policies(RoleName=name)["PolicyNames"]
    policies = [iam.get_role_policy(RoleName=name, PolicyName=each) for each in names]
    role_id = iam.get_role(RoleName=name)["Role"]["RoleId"]
    return {"name": name, "id": role_id, "policies": [each["PolicyDocument"] for each in policies]}


def api(described):
    apis, of_api = client("apigatewayv2"), {"ApiId": described["ApiId"]}
    uris = {each["IntegrationId"]: each["IntegrationUri"] for each in apis.get_integrations(**of_api)["Items"]}

    def function_of(route):
        uri = uris[route["Target"].split("/")[-1]]
        return uri.split(":function:")[1].split("/")[0]

    return {
        "endpoint": described["ApiEndpoint"],
        "stages": [each["StageName"] for each in apis.get_stages(**of_api)["Items"]],
        "routes": [
            {"routeKey": each["RouteKey"], "functionName": function_of(each)}
            for each in apis.get_routes(**of_api)["Items"]
        ],
    }


def unpack(directory):
    """moto's Lambda does not say where its code is, but what the SHA-256 of it is."""
    s3 = client("s3")
    zips = {}
    for bucket in s3.list_buckets()["Buckets"]:
        for stored in every("s3", "list_objects_v2", "Contents", Bucket=bucket["Name"]):
            content = s3.get_object(Bucket=bucket["Name"], Key=stored["Key"])["Body"].read()
            zips[base64.b64encode(hashlib.sha256(content).digest()).decode()] = content
    for configuration in every("lambda", "list_functions", "Functions"):
        with zipfile.ZipFile(io.BytesIO(zips[configuration["CodeSha256"]])) as archive:
            archive.extractall(Path(directory, configuration["FunctionName"]))


if len(sys.argv) > 2:
    unpack(sys.argv[2])

inventory = {
    "stacks": [each["StackName"] for each in every("cloudformation", "describe_stacks", "Stacks")],
    "tables": [table(name) for name in every("dynamodb", "list_tables", "TableNames")],
    "keys": [key(each["KeyId"]) for each in every("kms", "list_keys", "Keys")],
    "aliases": [
        each["AliasName"]
        for each in every("kms", "list_aliases", "Aliases")
        if not each["AliasName"].startswith("alias/aws/")
    ],
    "functions": [function(each) for each in every("lambda", "list_functions", "Functions")],
    "roles": [role(each["RoleName"]) for each in every("iam", "list_roles", "Roles")],
    "policies": [each["PolicyName"] for each in every("iam", "list_policies", "Policies", Scope="Local")],
    "logGroups": [each["logGroupName"] for each in every("logs", "describe_log_groups", "logGroups")],
    "metricFilters": [each["filterPattern"] for each in every("logs", "describe_metric_filters", "metricFilters")],
    "apis": [api(each) for each in client("apigatewayv2").get_apis()["Items"]],
    "domains": [each["DomainName"] for each in client("apigatewayv2").get_domain_names()["Items"]],
    "alarms": [each["AlarmName"] for each in every("cloudwatch", "describe_alarms", "MetricAlarms")],
    "dashboards": [each["DashboardName"] for each in every("cloudwatch", "list_dashboards", "DashboardEntries")],
    "topics": [each["TopicArn"] for each in every("sns", "list_topics", "Topics")],
    "subscriptions": [each["Endpoint"] for each in every("sns", "list_subscriptions", "Subscriptions")],
    "certificates": [each["DomainName"] for each in every("acm", "list_certificates", "CertificateSummaryList")],
}
print(json.dumps(inventory))
