"""AWS on 127.0.0.1, for `cdk deploy`: moto's server, taught what this stack needs and moto's CloudFormation lacks.

Prints one line of JSON once it answers: its port, the resource types it knows, and those it leaves out. Ends with its
standard input. A resource is taught as calls to the service's own API, as CloudFormation makes them; to teach another,
write a class below. All state is in memory.

What AWS does and this does not: roll a failed update back, replace a resource, check who calls (what serves the
functions checks their roles and the keys' policies), isolate transactions from each other, and run the functions.
"""

import json
import logging
import os
import sys
import threading
import traceback
from functools import cache

# Before moto reads it: the bootstrap stack attaches policies that AWS manages.
os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
os.environ["MOTO_ACCOUNT_ID"] = ACCOUNT = "000000000000"
# That of a new account.
os.environ["MOTO_LAMBDA_CONCURRENCY_QUOTA"] = "10"

import boto3
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, utils
from moto.cloudformation import models as stacks
from moto.cloudformation import parsing
from moto.cloudformation.exceptions import CloudFormationError, ValidationError
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import EmptyResult
from moto.kms.models import KmsBackend
from moto.kms.responses import KmsResponse
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

REGION = "us-east-1"

# What the emulator leaves out, and why. Such a resource is passed over, and a Ref to it is nothing.
LEFT_OUT = {
    "AWS::CDK::Metadata": "which constructs an app has, for the statistics of AWS",
    "AWS::S3::BucketPolicy": "of the bootstrap stack: that assets are fetched over TLS",
    "AWS::Logs::QueryDefinition": "moto's Logs Insights has no saved queries",
}

server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)


@cache
def client(service):
    """A client of this very emulator."""
    _, port = server.get_host_and_port()
    return boto3.client(
        service,
        region_name=REGION,
        endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id="emulator",
        aws_secret_access_key="emulator",
    )


def only(properties, *names):
    """Those of the properties that are given."""
    return {name: properties[name] for name in names if name in properties}


class Resource:
    """A taught resource. `create` says its physical id; what is not overridden cannot happen to it."""

    TYPE = ""
    attributes: dict[str, str] = {}

    def __init__(self, name):
        self.physical_resource_id = name

    def create(self, name, properties):
        raise NotImplementedError

    def update(self, properties):
        raise NotImplementedError(f"The emulator does not know how {self.TYPE} is updated: teach it.")

    def remove(self, properties):
        raise NotImplementedError

    # What moto calls, of its CloudFormationModel.

    @classmethod
    def cloudformation_type(cls):
        return cls.TYPE

    @staticmethod
    def cloudformation_name_type():
        return ""

    @classmethod
    def has_cfn_attr(cls, _attribute):
        return True

    def is_created(self):
        return True

    def get_cfn_attribute(self, attribute):
        return self.attributes[attribute]

    @classmethod
    def create_from_cloudformation_json(cls, resource_name, cloudformation_json, *_, **__):
        resource = cls(resource_name)
        resource.attributes = {}
        resource.properties = cloudformation_json["Properties"]
        resource.physical_resource_id = resource.create(resource_name, resource.properties)
        return resource

    @classmethod
    def update_from_cloudformation_json(cls, original_resource, new_resource_name, cloudformation_json, *_, **__):
        properties = cloudformation_json["Properties"]
        original_resource.update(properties)
        original_resource.properties = properties
        return original_resource

    def delete(self, *_):
        self.remove(self.properties)


class GlobalTable(Resource):
    """With one replica, in the emulator's Region."""

    TYPE = "AWS::DynamoDB::GlobalTable"

    def create(self, name, properties):
        replica = properties["Replicas"][0]
        table = client("dynamodb").create_table(
            TableName=name,
            DeletionProtectionEnabled=replica.get("DeletionProtectionEnabled", False),
            **only(properties, "KeySchema", "AttributeDefinitions", "BillingMode", "GlobalSecondaryIndexes"),
            **self.stream(properties),
        )["TableDescription"]
        self.attributes = {"Arn": table["TableArn"], "StreamArn": table.get("LatestStreamArn", "")}
        self.physical_resource_id = name
        self.settings(properties)
        return name

    def stream(self, properties):
        if "StreamSpecification" not in properties:
            return {}
        return {"StreamSpecification": {**properties["StreamSpecification"], "StreamEnabled": True}}

    def settings(self, properties):
        dynamodb, name, replica = client("dynamodb"), self.physical_resource_id, properties["Replicas"][0]
        if "TimeToLiveSpecification" in properties:
            dynamodb.update_time_to_live(
                TableName=name, TimeToLiveSpecification=properties["TimeToLiveSpecification"]
            )
        dynamodb.update_continuous_backups(
            TableName=name, PointInTimeRecoverySpecification=replica["PointInTimeRecoverySpecification"]
        )

    def update(self, properties):
        if only(properties, "KeySchema", "GlobalSecondaryIndexes") != only(
            self.properties, "KeySchema", "GlobalSecondaryIndexes"
        ):
            raise ValidationError(message="The emulator does not change the keys or indexes of a table.")
        client("dynamodb").update_table(
            TableName=self.physical_resource_id,
            DeletionProtectionEnabled=properties["Replicas"][0].get("DeletionProtectionEnabled", False),
        )
        self.settings(properties)

    def remove(self, _properties):
        client("dynamodb").delete_table(TableName=self.physical_resource_id)


class KmsKey(Resource):
    """moto's own makes every key a symmetric one."""

    TYPE = "AWS::KMS::Key"

    def create(self, _name, properties):
        key = client("kms").create_key(
            Policy=json.dumps(properties["KeyPolicy"]), **only(properties, "Description", "KeySpec", "KeyUsage", "Tags")
        )["KeyMetadata"]
        self.attributes = {"Arn": key["Arn"], "KeyId": key["KeyId"]}
        return key["KeyId"]

    def update(self, properties):
        if only(properties, "KeySpec", "KeyUsage") != only(self.properties, "KeySpec", "KeyUsage"):
            raise ValidationError(message="The emulator does not change what a key is for.")
        client("kms").put_key_policy(
            KeyId=self.physical_resource_id, PolicyName="default", Policy=json.dumps(properties["KeyPolicy"])
        )

    def remove(self, properties):
        client("kms").schedule_key_deletion(
            KeyId=self.physical_resource_id, PendingWindowInDays=properties.get("PendingWindowInDays", 30)
        )


class KmsAlias(Resource):
    """moto's own is never deleted."""

    TYPE = "AWS::KMS::Alias"

    def create(self, _name, properties):
        client("kms").create_alias(**only(properties, "AliasName", "TargetKeyId"))
        return properties["AliasName"]

    def update(self, properties):
        client("kms").update_alias(**only(properties, "AliasName", "TargetKeyId"))

    def remove(self, properties):
        client("kms").delete_alias(AliasName=properties["AliasName"])


class LambdaFunction(Resource):
    """moto's own forgets the architecture."""

    TYPE = "AWS::Lambda::Function"
    CONFIGURATION = ("Role", "Handler", "Description", "Timeout", "MemorySize", "Environment", "Runtime")

    def create(self, name, properties):
        settings = only(properties, "Code", "Architectures", *self.CONFIGURATION)
        created = client("lambda").create_function(FunctionName=name, **settings)
        self.attributes = {"Arn": created["FunctionArn"]}
        self.physical_resource_id = name
        try:
            self.concurrency(properties)
        except Exception:
            self.remove(properties)
            raise
        return name

    def concurrency(self, properties):
        reserved, of_function = "ReservedConcurrentExecutions", {"FunctionName": self.physical_resource_id}
        if reserved in properties:
            client("lambda").put_function_concurrency(**of_function, **only(properties, reserved))
        else:
            client("lambda").delete_function_concurrency(**of_function)

    def update(self, properties):
        name = self.physical_resource_id
        client("lambda").update_function_configuration(FunctionName=name, **only(properties, *self.CONFIGURATION))
        client("lambda").update_function_code(
            FunctionName=name, **properties["Code"], **only(properties, "Architectures")
        )
        self.concurrency(properties)

    def remove(self, _properties):
        client("lambda").delete_function(FunctionName=self.physical_resource_id)


class LambdaPermission(Resource):
    """moto's own cannot be taken back."""

    TYPE = "AWS::Lambda::Permission"

    def create(self, name, properties):
        function = properties["FunctionName"].split(":")[-1]
        client("lambda").add_permission(
            FunctionName=function, StatementId=name, **only(properties, "Action", "Principal", "SourceArn")
        )
        return name

    def remove(self, properties):
        # AWS takes a function's permissions with the function, which here may have gone before.
        lambdas = client("lambda")
        try:
            lambdas.remove_permission(
                FunctionName=properties["FunctionName"].split(":")[-1], StatementId=self.physical_resource_id
            )
        except lambdas.exceptions.ResourceNotFoundException:
            pass


class LogGroup(Resource):
    """moto's own is lost at an update."""

    TYPE = "AWS::Logs::LogGroup"

    def create(self, name, properties):
        logs, name = client("logs"), properties.get("LogGroupName", name)
        logs.create_log_group(logGroupName=name)
        self.physical_resource_id = name
        self.update(properties)
        [group] = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
        self.attributes = {"Arn": group["arn"].removesuffix(":*") + ":*"}
        return name

    def update(self, properties):
        if "RetentionInDays" in properties:
            client("logs").put_retention_policy(
                logGroupName=self.physical_resource_id, retentionInDays=properties["RetentionInDays"]
            )

    def remove(self, _properties):
        client("logs").delete_log_group(logGroupName=self.physical_resource_id)


class MetricFilter(Resource):
    TYPE = "AWS::Logs::MetricFilter"

    def create(self, name, properties):
        self.physical_resource_id = properties.get("FilterName", name)
        self.update(properties)
        return self.physical_resource_id

    def update(self, properties):
        client("logs").put_metric_filter(
            filterName=self.physical_resource_id,
            logGroupName=properties["LogGroupName"],
            filterPattern=properties["FilterPattern"],
            metricTransformations=[
                {
                    "metricNamespace": each["MetricNamespace"],
                    "metricName": each["MetricName"],
                    "metricValue": str(each["MetricValue"]),
                }
                for each in properties["MetricTransformations"]
            ],
        )

    def remove(self, properties):
        # AWS takes the filters of a log group with it, which here may have gone before.
        logs = client("logs")
        try:
            logs.delete_metric_filter(filterName=self.physical_resource_id, logGroupName=properties["LogGroupName"])
        except logs.exceptions.ResourceNotFoundException:
            pass


class Role(Resource):
    """moto's own keeps its policies at an update."""

    TYPE = "AWS::IAM::Role"

    def create(self, name, properties):
        name = properties.get("RoleName", name)[-64:]
        role = client("iam").create_role(
            RoleName=name,
            AssumeRolePolicyDocument=json.dumps(properties["AssumeRolePolicyDocument"]),
            **only(properties, "Description", "Path", "Tags"),
        )["Role"]
        self.attributes = {"Arn": role["Arn"], "RoleId": role["RoleId"]}
        self.physical_resource_id = name
        self.policies({}, properties)
        return name

    def policies(self, before, after):
        iam, name = client("iam"), self.physical_resource_id
        for policy in before.get("Policies", []):
            iam.delete_role_policy(RoleName=name, PolicyName=policy["PolicyName"])
        for policy in after.get("Policies", []):
            document = json.dumps(policy["PolicyDocument"])
            iam.put_role_policy(RoleName=name, PolicyName=policy["PolicyName"], PolicyDocument=document)
        for arn in before.get("ManagedPolicyArns", []):
            iam.detach_role_policy(RoleName=name, PolicyArn=arn)
        for arn in after.get("ManagedPolicyArns", []):
            iam.attach_role_policy(RoleName=name, PolicyArn=arn)

    def update(self, properties):
        self.policies(self.properties, properties)

    def remove(self, properties):
        # With those of separate resources: moto deletes in no order, AWS deletes what refers to a role before the role.
        iam, of_role = client("iam"), {"RoleName": self.physical_resource_id}
        inline = iam.list_role_policies(**of_role)["PolicyNames"]
        self.policies({**properties, "Policies": [{"PolicyName": name} for name in inline]}, {})
        iam.delete_role(**of_role)


class Policy(Resource):
    TYPE = "AWS::IAM::Policy"

    def create(self, name, properties):
        for role in properties.get("Roles", []):
            client("iam").put_role_policy(
                RoleName=role,
                PolicyName=properties["PolicyName"],
                PolicyDocument=json.dumps(properties["PolicyDocument"]),
            )
        return name

    def update(self, properties):
        self.remove(self.properties)
        self.create("", properties)

    def remove(self, properties):
        iam = client("iam")
        for role in properties.get("Roles", []):
            try:
                iam.delete_role_policy(RoleName=role, PolicyName=properties["PolicyName"])
            except iam.exceptions.NoSuchEntityException:
                pass


class Api(Resource):
    TYPE = "AWS::ApiGatewayV2::Api"

    def create(self, _name, properties):
        api = client("apigatewayv2").create_api(**properties)
        self.attributes = {"ApiEndpoint": api["ApiEndpoint"], "ApiId": api["ApiId"]}
        return api["ApiId"]

    def update(self, properties):
        settings = {name: value for name, value in properties.items() if name != "ProtocolType"}
        client("apigatewayv2").update_api(ApiId=self.physical_resource_id, **settings)

    def remove(self, _properties):
        client("apigatewayv2").delete_api(ApiId=self.physical_resource_id)


def tolerating_its_api(method):
    """What belongs to an API is gone with it, in whatever order they are deleted."""

    def tolerating(self, properties):
        apis = client("apigatewayv2")
        try:
            method(self, apis, properties)
        except apis.exceptions.NotFoundException:
            pass

    return tolerating


class Integration(Resource):
    TYPE = "AWS::ApiGatewayV2::Integration"

    def create(self, _name, properties):
        return client("apigatewayv2").create_integration(**properties)["IntegrationId"]

    def update(self, properties):
        client("apigatewayv2").update_integration(IntegrationId=self.physical_resource_id, **properties)

    @tolerating_its_api
    def remove(self, apis, properties):
        apis.delete_integration(ApiId=properties["ApiId"], IntegrationId=self.physical_resource_id)


class Route(Resource):
    TYPE = "AWS::ApiGatewayV2::Route"

    def create(self, _name, properties):
        return client("apigatewayv2").create_route(**properties)["RouteId"]

    def update(self, properties):
        client("apigatewayv2").update_route(RouteId=self.physical_resource_id, **properties)

    @tolerating_its_api
    def remove(self, apis, properties):
        apis.delete_route(ApiId=properties["ApiId"], RouteId=self.physical_resource_id)


class Stage(Resource):
    TYPE = "AWS::ApiGatewayV2::Stage"

    def create(self, _name, properties):
        client("apigatewayv2").create_stage(**properties)
        return properties["StageName"]

    def update(self, properties):
        # moto's API Gateway cannot change a stage.
        self.remove(self.properties)
        self.create("", properties)

    @tolerating_its_api
    def remove(self, apis, properties):
        apis.delete_stage(**only(properties, "ApiId", "StageName"))


class Alarm(Resource):
    TYPE = "AWS::CloudWatch::Alarm"

    def create(self, name, properties):
        self.physical_resource_id = properties.get("AlarmName", name)
        self.attributes = {"Arn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{self.physical_resource_id}"}
        self.update(properties)
        return self.physical_resource_id

    def update(self, properties):
        client("cloudwatch").put_metric_alarm(**{**properties, "AlarmName": self.physical_resource_id})

    def remove(self, _properties):
        client("cloudwatch").delete_alarms(AlarmNames=[self.physical_resource_id])


class Subscription(Resource):
    TYPE = "AWS::SNS::Subscription"

    def create(self, _name, properties):
        settings = only(properties, "TopicArn", "Protocol", "Endpoint")
        return client("sns").subscribe(**settings, ReturnSubscriptionArn=True)["SubscriptionArn"]

    def remove(self, _properties):
        client("sns").unsubscribe(SubscriptionArn=self.physical_resource_id)


class ChangeSetNotFound(CloudFormationError):
    code = "ChangeSetNotFound"


class TopicPolicy(Resource):
    TYPE = "AWS::SNS::TopicPolicy"

    def create(self, name, properties):
        self.update(properties)
        return name

    def update(self, properties):
        policy = json.dumps(properties["PolicyDocument"])
        for topic in properties["Topics"]:
            client("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)

    def remove(self, _properties):
        """A topic is never without a policy; AWS puts back the one it is born with."""


class Certificate(Resource):
    TYPE = "AWS::CertificateManager::Certificate"

    def create(self, _name, properties):
        settings = only(properties, "DomainName", "ValidationMethod", "SubjectAlternativeNames", "KeyAlgorithm")
        return client("acm").request_certificate(**settings)["CertificateArn"]

    def remove(self, _properties):
        client("acm").delete_certificate(CertificateArn=self.physical_resource_id)


class DomainName(Resource):
    TYPE = "AWS::ApiGatewayV2::DomainName"

    def create(self, _name, properties):
        name = properties["DomainName"]
        client("apigatewayv2").create_domain_name(**properties)
        self.attributes = {
            "RegionalDomainName": f"d-0000000000.execute-api.{REGION}.amazonaws.com",
            "RegionalHostedZoneId": "Z1UJRXOUMOOFQ8",
        }
        return name

    def remove(self, _properties):
        client("apigatewayv2").delete_domain_name(DomainName=self.physical_resource_id)


class ApiMapping(Resource):
    TYPE = "AWS::ApiGatewayV2::ApiMapping"

    def create(self, _name, properties):
        return client("apigatewayv2").create_api_mapping(**properties)["ApiMappingId"]

    @tolerating_its_api
    def remove(self, apis, properties):
        apis.delete_api_mapping(ApiMappingId=self.physical_resource_id, **only(properties, "DomainName"))


def teach_resources():
    # moto's map of its models holds what it has found so far; ours replace those of the same type.
    parsing.get_model_map().update({model.TYPE: model for model in Resource.__subclasses__()})
    known = parsing.resource_class_from_type

    def known_or_left_out(resource_type):
        model = known(resource_type)
        if model is None and resource_type not in LEFT_OUT:
            raise ValidationError(message=f"The emulator does not know {resource_type}: teach it in emulator.py.")
        return model

    parsing.resource_class_from_type = known_or_left_out


def teach_termination_protection():
    """moto keeps the setting, but has no call to change it and deletes a protected stack."""

    def update_termination_protection(self):
        stack = self.cloudformation_backend.get_stack(self._get_param("StackName"))
        stack.enable_termination_protection = str(self._get_param("EnableTerminationProtection")).lower() == "true"
        return EmptyResult()

    delete_stack = stacks.CloudFormationBackend.delete_stack

    def delete_unprotected_stack(self, name_or_stack_id):
        stack = self.get_stack(name_or_stack_id)
        if stack.enable_termination_protection:
            message = f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled"
            raise ValidationError(message=message)
        delete_stack(self, name_or_stack_id)

    CloudFormationResponse.update_termination_protection = update_termination_protection
    stacks.CloudFormationBackend.delete_stack = delete_unprotected_stack


def teach_deletion_policies():
    """moto deletes what has `RetainExceptOnCreate` with its stack. Only the rollback of a creation may do that."""
    delete_all = parsing.ResourceMap.delete

    def delete(self):
        of_template = self._resource_json_map
        self._resource_json_map = {
            name: resource
            for name, resource in of_template.items()
            if resource.get("DeletionPolicy") != "RetainExceptOnCreate"
        }
        try:
            delete_all(self)
        finally:
            self._resource_json_map = of_template

    def roll_back(self):
        try:
            delete_all(self)
        finally:
            # moto would create what it deleted again as soon as somebody asks for the resources of the stack.
            created = self._parsed_resources
            self._resource_json_map = {name: r for name, r in self._resource_json_map.items() if name in created}

    parsing.ResourceMap.delete = delete
    parsing.ResourceMap.roll_back = roll_back


def teach_failures():
    """moto answers a failure with a 500, and says success when `cdk` repeats the call. Here the stack fails."""

    backend = stacks.CloudFormationBackend
    execute_change_set, delete_stack = backend.execute_change_set, backend.delete_stack

    def tell(stack, status, error):
        traceback.print_exc()
        stack.status = status
        stack._add_stack_event(status, resource_status_reason=f"{type(error).__name__}: {error}")

    def execute(self, change_set_name, stack_name=None):
        stack = self.describe_change_set(change_set_name).stack
        try:
            execute_change_set(self, change_set_name, stack_name)
            # moto forgets the outputs of a change set.
            stack._parse_template()
            stack.output_map = stack._create_output_map()
        except Exception as error:
            if stack.status != "REVIEW_IN_PROGRESS":
                return tell(stack, "UPDATE_FAILED", error)
            tell(stack, "CREATE_FAILED", error)
            try:
                stack.resource_map.roll_back()
                tell(stack, "ROLLBACK_COMPLETE", error)
            except Exception as second_error:
                tell(stack, "ROLLBACK_FAILED", second_error)

    def delete(self, name_or_stack_id):
        stack = self.get_stack(name_or_stack_id)
        try:
            delete_stack(self, name_or_stack_id)
        except Exception as error:
            self.stacks[stack.stack_id] = stack
            tell(stack, "DELETE_FAILED", error)

    backend.execute_change_set = execute
    backend.delete_stack = delete


def teach_template_urls():
    """moto looks for a template in the bucket that the host name begins with, unless the host is localhost."""
    read_template = CloudFormationResponse._get_stack_from_s3_url
    CloudFormationResponse._get_stack_from_s3_url = lambda self, url: read_template(
        self, url.replace("127.0.0.1", "localhost")
    )


def teach_change_sets():
    """moto takes a change set that is not there for a missing stack, and fails to delete one; AWS passes over that."""
    backend = stacks.CloudFormationBackend
    describe_change_set, delete_change_set = backend.describe_change_set, backend.delete_change_set

    def is_there(self, name):
        return any(name in (id, change_set.change_set_name) for id, change_set in self.change_sets.items())

    def describe(self, change_set_name):
        if not is_there(self, change_set_name):
            raise ChangeSetNotFound(f"ChangeSet [{change_set_name}] does not exist")
        return describe_change_set(self, change_set_name)

    def delete(self, change_set_name):
        if is_there(self, change_set_name):
            delete_change_set(self, change_set_name)

    backend.describe_change_set = describe
    backend.delete_change_set = delete


def teach_previous_parameters():
    """moto takes a parameter's previous value, which an update keeps, for the name of an SSM parameter."""
    read_parameter = parsing.ResourceMap.parse_ssm_parameter

    def read_or_keep(self, value, value_type):
        return read_parameter(self, value, value_type) if value.startswith("/") else value

    parsing.ResourceMap.parse_ssm_parameter = read_or_keep


def teach_digests():
    """moto's KMS takes a digest for a message and hashes it once more."""
    sign_message = KmsBackend.sign
    asked = threading.local()

    def sign(self, key_id, message, signing_algorithm):
        if asked.message_type != "DIGEST":
            return sign_message(self, key_id, message, signing_algorithm)
        key = self.describe_key(key_id)
        if (key.key_usage, key.key_state, signing_algorithm) != ("SIGN_VERIFY", "Enabled", "RSASSA_PKCS1_V1_5_SHA_256"):
            raise ValidationError(message="The emulator signs digests with enabled RS256 keys only.")
        digest = utils.Prehashed(hashes.SHA256())
        return key.arn, key.private_key.private_key.sign(message, padding.PKCS1v15(), digest), signing_algorithm

    respond = KmsResponse.sign

    def sign_as_asked(self):
        asked.message_type = self._get_param("MessageType")
        return respond(self)

    KmsBackend.sign = sign
    KmsResponse.sign = sign_as_asked


if __name__ == "__main__":
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    teach_resources()
    teach_deletion_policies()
    teach_failures()
    teach_termination_protection()
    teach_template_urls()
    teach_change_sets()
    teach_previous_parameters()
    teach_digests()
    server.start()
    _, port = server.get_host_and_port()
    print(json.dumps({"port": port, "types": sorted(parsing.get_model_map()), "leftOut": sorted(LEFT_OUT)}), flush=True)
    sys.stdin.read()
