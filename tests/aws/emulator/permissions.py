"""IAM, once it is enforced (`POST /moto-api/reset-auth` with body 0): moto then checks signatures and compares
actions, but for most services takes the resource for "*", which a policy that names one never allows. Here the
resources of our calls get their names, and RunTask needs iam:PassRole for the roles of its task. Conditions in a
role's policies are taken for met.
"""

from __future__ import annotations

import datetime
import json
from typing import Any

from moto.core.responses import BaseResponse
from moto.dynamodb.responses import DynamoHandler
from moto.ecs.models import ecs_backends
from moto.ecs.responses import EC2ContainerServiceResponse
from moto.iam import access_control
from moto.s3.exceptions import S3AccessDeniedError
from moto.ssm.responses import SimpleSystemManagerResponse

from .roles import ACCOUNT


def body_of(response: BaseResponse) -> dict[str, Any]:
    try:
        return json.loads(response.raw_body or b"{}")
    except ValueError:
        return {}


def table_or_index(response: BaseResponse) -> str:
    body = body_of(response)
    for operation in body.get("TransactItems", [])[:1]:
        body = next(iter(operation.values()))
    table = f"arn:aws:dynamodb:{response.region}:{ACCOUNT}:table/{body.get('TableName', '*')}"
    return f"{table}/index/{body['IndexName']}" if "IndexName" in body else table


def task_or_definition(response: BaseResponse) -> str:
    body = body_of(response)
    if "taskDefinition" in body:
        return ecs_backends[ACCOUNT][response.region].describe_task_definition(body["taskDefinition"]).arn
    tasks = body.get("tasks") or [body.get("task")]
    if not tasks[0]:
        return "*"
    cluster, task = (str(name).rsplit("/", 1)[-1] for name in (body.get("cluster", "default"), tasks[0]))
    return f"arn:aws:ecs:{response.region}:{ACCOUNT}:task/{cluster}/{task}"


def parameter(response: BaseResponse) -> str:
    name = str(body_of(response).get("Name", "*"))
    return f"arn:aws:ssm:{response.region}:{ACCOUNT}:parameter/{name.lstrip('/')}"


def take_conditions_for_met() -> None:
    check = access_control.IAMPolicyStatement._check_conditions

    def check_known(statement: Any, values: Any) -> bool:
        return values is None or check(statement, values)

    access_control.IAMPolicyStatement._check_conditions = check_known


def take_loopback_for_tls() -> None:
    """Policies that refuse whatever comes without TLS must not refuse everything here."""
    permits = access_control.IAMPolicyStatement.is_action_permitted

    def permits_here(statement: Any, *arguments: Any, **options: Any) -> Any:
        condition = statement._statement.get("Condition", {})
        if condition.get("Bool", {}).get("aws:SecureTransport") == "false":
            return access_control.PermissionResult.NEUTRAL
        return permits(statement, *arguments, **options)

    access_control.IAMPolicyStatement.is_action_permitted = permits_here


def roles_handed_over(action: str, resource: str) -> list[str]:
    """Of the task that is started."""
    if action != "ecs:RunTask" or "task-definition/" not in resource:
        return []
    definition = ecs_backends[ACCOUNT][resource.split(":")[3]].describe_task_definition(resource)
    return [role for role in (definition.task_role_arn, definition.execution_role_arn) if role]


def actions_of(request: Any) -> list[str]:
    """A transaction needs what its operations need."""
    if request._action != "dynamodb:TransactWriteItems":
        return [request._action]
    kinds = {next(iter(operation)) for operation in json.loads(request._body)["TransactItems"]}
    return sorted(f"dynamodb:{kind}Item" for kind in kinds)


def check_more_and_note(calls: dict[str, set[str]]) -> None:
    """Keeps who called what on what, so that a policy can be held against it."""
    check = access_control.IAMRequestBase.check_action_permitted

    def check_and_note(request: Any, resource: str) -> None:
        action = request._action
        for each in actions_of(request):
            request._action = each
            calls.setdefault(request._access_key.arn.split(":")[-1], set()).add(f"{each} {resource}")
            check(request, resource)
        request._action = action
        for role in roles_handed_over(action, resource):
            request._action = "iam:PassRole"
            check_and_note(request, role)
        request._action = action

    access_control.IAMRequestBase.check_action_permitted = check_and_note


def know_presigned_urls() -> None:
    """moto looks for an Authorization header only. Of a presigned URL the time and its signer's permission are
    checked."""
    authorize = BaseResponse._authenticate_and_authorize_action

    def authorize_url_too(response: Any, request_class: Any, resource: str = "*") -> None:
        query = {name: values[0] for name, values in (response.querystring or {}).items()}
        if "X-Amz-Signature" not in query or "Authorization" in response.headers:
            return authorize(response, request_class, resource)
        signed = datetime.datetime.strptime(query["X-Amz-Date"] + "+0000", "%Y%m%dT%H%M%SZ%z")
        if datetime.datetime.now(datetime.UTC) > signed + datetime.timedelta(seconds=int(query["X-Amz-Expires"])):
            raise S3AccessDeniedError
        request_class(
            account_id=ACCOUNT,
            method=response.method,
            path=response.raw_path,
            data=response.data,
            body=b"",
            headers={
                "Authorization": f"Credential={query['X-Amz-Credential']}, SignedHeaders=host, Signature=none",
                "X-Amz-Security-Token": query.get("X-Amz-Security-Token"),
            },
            action=response._get_action(),
        ).check_action_permitted(resource)
        return None

    BaseResponse._authenticate_and_authorize_action = authorize_url_too


def apply(calls: dict[str, set[str]]) -> None:
    DynamoHandler._determine_resource = table_or_index
    EC2ContainerServiceResponse._determine_resource = task_or_definition
    SimpleSystemManagerResponse._determine_resource = parameter
    take_conditions_for_met()
    take_loopback_for_tls()
    check_more_and_note(calls)
    know_presigned_urls()
