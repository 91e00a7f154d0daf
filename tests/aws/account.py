"""An account for tests without Terraform: what terraform/backend creates, as far as a recording passes through it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

from .rights import NAME, REGION, arn, rights, statement

ROOT = Path(__file__).parents[2]
ZIPS = ROOT / "build" / "lambda"
FUNCTIONS = ("dispatch_to_ecs", "sqs_handler", "reconciler")


@dataclass
class Settings:
    visibility: int = 30  # s, of the queue
    deliveries: int = 5  # before a message is a dead letter
    timeout: int = 20  # s, of a function
    token: str = "secret"
    function_environment: dict[str, str] = field(default_factory=dict)
    task_environment: dict[str, str] = field(default_factory=dict)
    schedule: bool = True
    zips: Path = ZIPS


class Account:
    """Made in the emulator at `address`."""

    def __init__(self, address: str, settings: Settings | None = None):
        self.address, self.settings = address, settings or Settings()
        self.keys = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "testing"}
        self.clients: dict[str, Any] = {}
        self.keys = self.create_operator()
        self.clients.clear()  # they had other keys
        self.table, self.bucket = f"{NAME}-jobs", f"{NAME}-recordings"
        self.statements = rights()
        self.create_storage()
        self.create_queues()
        self.create_tasks()
        self.create_functions()
        self.create_api()
        self.create_rules()

    def client(self, service: str) -> Any:
        """The same one each time: to make one takes longer than to ask it something."""
        if service not in self.clients:
            self.clients[service] = boto3.client(service, region_name=REGION, endpoint_url=self.address, **self.keys)
        return self.clients[service]

    def create_operator(self) -> dict[str, str]:
        """Keys of somebody who may do everything, for once IAM is enforced."""
        iam = self.client("iam")
        iam.create_user(UserName="operator")
        everything = json.dumps({"Version": "2012-10-17", "Statement": [statement(["*"], "*")]})
        iam.put_user_policy(UserName="operator", PolicyName="everything", PolicyDocument=everything)
        made = iam.create_access_key(UserName="operator")["AccessKey"]
        return {"aws_access_key_id": made["AccessKeyId"], "aws_secret_access_key": made["SecretAccessKey"]}

    def create_storage(self) -> None:
        self.client("s3").create_bucket(Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        strings = ["id", "everything", "place", "due_kind"]

        def index(name: str, partition: str, sort: str) -> dict[str, Any]:
            schema = [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]
            return {"IndexName": name, "KeySchema": schema, "Projection": {"ProjectionType": "ALL"}}

        self.client("dynamodb").create_table(
            TableName=self.table,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[
                *({"AttributeName": name, "AttributeType": "S"} for name in strings),
                {"AttributeName": "due_at", "AttributeType": "N"},
            ],
            GlobalSecondaryIndexes=[index("by_place", "everything", "place"), index("by_due", "due_kind", "due_at")],
        )

    def create_queues(self) -> None:
        sqs = self.client("sqs")
        fifo = {"FifoQueue": "true"}
        self.dead_url = sqs.create_queue(QueueName=f"{NAME}-jobs-dead.fifo", Attributes=fifo)["QueueUrl"]
        redrive = {
            "deadLetterTargetArn": arn("sqs", f"{NAME}-jobs-dead.fifo"),
            "maxReceiveCount": self.settings.deliveries,
        }
        attributes = {
            **fifo,
            "VisibilityTimeout": str(self.settings.visibility),
            "RedrivePolicy": json.dumps(redrive),
        }
        self.queue_url = sqs.create_queue(QueueName=f"{NAME}-jobs.fifo", Attributes=attributes)["QueueUrl"]

    def create_role(self, name: str, service: str, statements: list[dict[str, Any]]) -> str:
        iam = self.client("iam")
        trust = [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": f"{service}.amazonaws.com"}}]
        made = iam.create_role(
            RoleName=f"{NAME}-{name}",
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": trust}),
        )
        iam.put_role_policy(
            RoleName=f"{NAME}-{name}",
            PolicyName="own",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements}),
        )
        return made["Role"]["Arn"]

    def create_tasks(self) -> None:
        ec2, ecs = self.client("ec2"), self.client("ecs")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
        self.subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
        self.group = ec2.create_security_group(GroupName=NAME, Description="none in", VpcId=vpc)["GroupId"]
        self.cluster = ecs.create_cluster(clusterName=NAME)["cluster"]["clusterArn"]
        environment = {"AIRCHECK_TABLE": self.table, "AIRCHECK_BUCKET": self.bucket, **self.settings.task_environment}
        container = {
            "name": "recorder",
            "image": "recorder",
            "memoryReservation": 128,
            "stopTimeout": 120,
            "environment": [{"name": name, "value": value} for name, value in environment.items()],
        }
        made = ecs.register_task_definition(
            family=f"{NAME}-recorder",
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="256",
            memory="512",
            taskRoleArn=self.create_role("task", "ecs-tasks", self.statements["task"]),
            executionRoleArn=self.create_role("execution", "ecs-tasks", self.statements["execution"]),
            containerDefinitions=[container],
        )
        self.task_definition = made["taskDefinition"]["taskDefinitionArn"]

    def create_functions(self) -> None:
        environment = {
            "AIRCHECK_TABLE": self.table,
            "AIRCHECK_QUEUE_URL": self.queue_url,
            "AIRCHECK_DEAD_LETTER_URL": self.dead_url,
            "AIRCHECK_BUCKET": self.bucket,
            "AIRCHECK_CLUSTER": self.cluster,
            "AIRCHECK_TASK_DEFINITION": self.task_definition,
            "AIRCHECK_SUBNETS": self.subnet,
            "AIRCHECK_SECURITY_GROUPS": self.group,
            "AIRCHECK_TOKEN": self.settings.token,
            **self.settings.function_environment,
        }
        for function in FUNCTIONS:
            self.client("lambda").create_function(
                FunctionName=f"{NAME}-{function}",
                Runtime="provided.al2023",
                Handler="bootstrap",
                Role=self.create_role(function, "lambda", self.statements[function]),
                Code={"ZipFile": (self.settings.zips / f"{function}.zip").read_bytes()},
                Timeout=self.settings.timeout,
                Environment={"Variables": environment},
            )
        self.client("lambda").create_event_source_mapping(
            EventSourceArn=arn("sqs", f"{NAME}-jobs.fifo"),
            FunctionName=f"{NAME}-sqs_handler",
            BatchSize=10,
            FunctionResponseTypes=["ReportBatchItemFailures"],
        )

    def function_arn(self, function: str) -> str:
        return arn("lambda", f"function:{NAME}-{function}")

    def create_api(self) -> None:
        gateway = self.client("apigateway")
        api = gateway.create_rest_api(name=NAME)["id"]
        root = gateway.get_resources(restApiId=api)["items"][0]["id"]
        proxy = gateway.create_resource(restApiId=api, parentId=root, pathPart="{proxy+}")["id"]
        gateway.put_method(restApiId=api, resourceId=proxy, httpMethod="ANY", authorizationType="NONE")
        function = self.function_arn("dispatch_to_ecs")
        gateway.put_integration(
            restApiId=api,
            resourceId=proxy,
            httpMethod="ANY",
            type="AWS_PROXY",
            integrationHttpMethod="POST",
            uri=f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{function}/invocations",
        )
        gateway.create_deployment(restApiId=api, stageName="prod")
        self.api = f"{self.address}/_api/{api}/prod"

    def create_rules(self) -> None:
        events = self.client("events")
        stopped = {
            "source": ["aws.ecs"],
            "detail-type": ["ECS Task State Change"],
            "detail": {"clusterArn": [self.cluster], "lastStatus": ["STOPPED"]},
        }
        events.put_rule(Name="task-stopped", EventPattern=json.dumps(stopped))
        rules = ["task-stopped"]
        if self.settings.schedule:
            events.put_rule(Name="schedule", ScheduleExpression="rate(1 minute)")
            rules.append("schedule")
        for rule in rules:
            events.put_targets(Rule=rule, Targets=[{"Id": "reconciler", "Arn": self.function_arn("reconciler")}])
