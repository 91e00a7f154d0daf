# Without an account and without credentials: tools/terraform-check runs them.

mock_provider "aws" {
  mock_data "aws_availability_zones" {
    defaults = { names = ["us-east-1a", "us-east-1b", "us-east-1c"] }
  }

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_resource "aws_lambda_function" {
    defaults = {
      arn        = "arn:aws:lambda:us-east-1:123456789012:function:f"
      invoke_arn = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/f/invocations"
    }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/role" }
  }

  mock_resource "aws_ecs_cluster" {
    defaults = { arn = "arn:aws:ecs:us-east-1:123456789012:cluster/aircheck" }
  }

  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:us-east-1:123456789012:queue.fifo" }
  }

  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:us-east-1:123456789012:topic" }
  }

  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::bucket" }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:group" }
  }

  mock_resource "aws_cloudwatch_event_rule" {
    defaults = { arn = "arn:aws:events:us-east-1:123456789012:rule/rule" }
  }

  mock_resource "aws_secretsmanager_secret" {
    defaults = { arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:cookies" }
  }

  mock_resource "aws_api_gateway_rest_api" {
    defaults = { execution_arn = "arn:aws:execute-api:us-east-1:123456789012:api" }
  }

  mock_resource "aws_ecs_task_definition" {
    defaults = {
      arn                  = "arn:aws:ecs:us-east-1:123456789012:task-definition/aircheck-recorder:1"
      arn_without_revision = "arn:aws:ecs:us-east-1:123456789012:task-definition/aircheck-recorder"
    }
  }
}

run "recorder_is_confined" {
  command = apply

  assert {
    condition = alltrue([for container in jsondecode(aws_ecs_task_definition.recorder.container_definitions) :
      container.readonlyRootFilesystem && container.user == "10001:10001" && container.stopTimeout == 120 &&
    container.linuxParameters.capabilities.drop == ["ALL"] && !contains(keys(container), "privileged")])
    error_message = "read-only root, no root user, no capability, two minutes to stop"
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.recorder.container_definitions)[0].secrets == []
    error_message = "no secret unless cookies are wanted"
  }

  assert {
    condition     = one(aws_ecs_task_definition.recorder.runtime_platform).cpu_architecture == "X86_64"
    error_message = "X86_64 unless said otherwise"
  }

  assert {
    condition = toset([for variable in jsondecode(aws_ecs_task_definition.recorder.container_definitions)[0].environment :
    variable.name if startswith(variable.name, "AIRCHECK_")]) == toset(["AIRCHECK_TABLE", "AIRCHECK_BUCKET", "AIRCHECK_PREFIX"])
    error_message = "the recorder's environment"
  }

  assert {
    condition     = toset(keys(aws_lambda_function.this["sqs_handler"].environment[0].variables)) == toset(["AIRCHECK_TABLE", "AIRCHECK_QUEUE_URL", "AIRCHECK_DEAD_LETTER_URL", "AIRCHECK_BUCKET", "AIRCHECK_CLUSTER", "AIRCHECK_TASK_DEFINITION", "AIRCHECK_SUBNETS", "AIRCHECK_SECURITY_GROUPS", "AIRCHECK_SPOT"])
    error_message = "the environment that apps/lambda/wiring.hpp reads"
  }
}

run "network_lets_nothing_in" {
  command = plan

  assert {
    condition     = alltrue([for subnet in aws_subnet.public : subnet.map_public_ip_on_launch == false])
    error_message = "nothing gets a public address that does not ask for it"
  }

  assert {
    condition     = toset([for rule in aws_vpc_security_group_egress_rule.recorder : rule.from_port]) == toset([443])
    error_message = "only HTTPS goes out"
  }

  assert {
    condition     = toset([for service, endpoint in aws_vpc_endpoint.gateway : service if endpoint.vpc_endpoint_type == "Gateway"]) == toset(["s3", "dynamodb"])
    error_message = "S3 and DynamoDB by gateway endpoints"
  }
}

run "messages_get_time_and_a_second_chance" {
  command = apply

  assert {
    condition     = aws_sqs_queue.jobs.visibility_timeout_seconds >= 6 * aws_lambda_function.this["sqs_handler"].timeout
    error_message = "AWS advises six times the function's timeout"
  }

  assert {
    condition     = aws_sqs_queue.jobs.fifo_queue && aws_sqs_queue.dead.fifo_queue && jsondecode(aws_sqs_queue.jobs.redrive_policy).maxReceiveCount == 5
    error_message = "both are FIFO, the fifth failure is the last"
  }

  assert {
    condition     = aws_lambda_event_source_mapping.jobs.function_response_types == toset(["ReportBatchItemFailures"])
    error_message = "one bad message must not fail its batch"
  }
}

run "recordings_are_never_deleted_by_surprise" {
  command = plan

  assert {
    condition     = length(flatten([for rule in aws_s3_bucket_lifecycle_configuration.recordings.rule : rule.expiration])) == 0
    error_message = "no expiry by default"
  }

  assert {
    condition     = one(flatten([for rule in aws_s3_bucket_lifecycle_configuration.recordings.rule : rule.abort_incomplete_multipart_upload])).days_after_initiation == 7
    error_message = "unfinished uploads are aborted after a week"
  }

  assert {
    condition     = aws_s3_bucket.recordings.force_destroy == false && aws_dynamodb_table.jobs.deletion_protection_enabled
    error_message = "destroy refuses to take recordings and jobs along"
  }
}

run "recordings_expire_when_asked" {
  command = plan

  variables {
    recording_retention_days = 30
  }

  assert {
    condition     = one(flatten([for rule in aws_s3_bucket_lifecycle_configuration.recordings.rule : rule.expiration])).days == 30
    error_message = "recordings expire after the days given"
  }
}

run "table_fits_the_program" {
  command = plan

  assert {
    condition = { for index in aws_dynamodb_table.jobs.global_secondary_index : index.name => [index.hash_key, index.range_key] } == {
      by_place = ["everything", "place"]
      by_due   = ["due_kind", "due_at"]
    }
    error_message = "the indexes that src/aws/dynamo_jobs.cpp asks"
  }

  assert {
    condition     = one(aws_dynamodb_table.jobs.ttl).attribute_name == "expires_at" && one(aws_dynamodb_table.jobs.point_in_time_recovery).enabled && aws_dynamodb_table.jobs.billing_mode == "PAY_PER_REQUEST"
    error_message = "on demand, with TTL and point-in-time recovery"
  }
}

run "api_is_the_contract" {
  command = apply

  variables {
    dashboard_origin = "https://dashboard.example"
  }

  assert {
    condition = { for path, item in jsondecode(aws_api_gateway_rest_api.this.body).paths : path => toset(keys(item)) } == {
      for path, item in yamldecode(file("../../api/openapi.yaml")).paths : path => toset(concat(["options"], [for method in keys(item) : method if method != "parameters"]))
    }
    error_message = "every route of api/openapi.yaml, and a preflight for each"
  }

  assert {
    condition = alltrue([for path, item in jsondecode(aws_api_gateway_rest_api.this.body).paths :
    item.options["x-amazon-apigateway-integration"].responses.default.responseParameters["method.response.header.Access-Control-Allow-Origin"] == "'https://dashboard.example'"])
    error_message = "the dashboard's origin and no other"
  }

  assert {
    condition     = aws_lambda_function.this["dispatch_to_ecs"].environment[0].variables.AIRCHECK_CORS_ORIGIN == "https://dashboard.example"
    error_message = "the function answers for the same origin"
  }
}

run "api_without_a_dashboard_allows_no_origin" {
  command = apply

  assert {
    condition     = !strcontains(aws_api_gateway_rest_api.this.body, "Access-Control-Allow-Origin")
    error_message = "no origin is allowed"
  }
}

run "api_is_throttled_and_logged" {
  command = apply

  assert {
    condition     = one(aws_api_gateway_method_settings.all.settings).throttling_rate_limit == 50 && !one(aws_api_gateway_method_settings.all.settings).data_trace_enabled
    error_message = "throttled, and no bodies in the log"
  }

  assert {
    condition     = !can(regex("(?i)authorization|header|querystring", one(aws_api_gateway_stage.prod.access_log_settings).format))
    error_message = "a token never gets into the log"
  }
}

run "roles_are_passed_only_to_tasks" {
  command = apply

  assert {
    condition = alltrue([for statement in jsondecode(aws_iam_role_policy.lambda["sqs_handler"].policy).Statement :
      statement.Condition.StringEquals["iam:PassedToService"] == "ecs-tasks.amazonaws.com" && length(statement.Action) == 1
    if contains(statement.Action, "iam:PassRole")])
    error_message = "PassRole stands alone, for ECS tasks only"
  }

  assert {
    condition = alltrue(flatten([for policy in concat(values(aws_iam_role_policy.lambda)[*].policy, [aws_iam_role_policy.task.policy, aws_iam_role_policy.execution.policy]) :
      [for statement in jsondecode(policy).Statement : [for action in statement.Action : !endswith(action, "*")]]
    ]))
    error_message = "no action with a star"
  }
}

run "every_alarm_is_in_the_runbook" {
  command = apply

  assert {
    condition = toset(concat(values(aws_cloudwatch_metric_alarm.this)[*].alarm_name, [aws_cloudwatch_metric_alarm.reconciler_silent.alarm_name, aws_cloudwatch_event_rule.task_failed.name])) == toset([
      "aircheck-api-5xx", "aircheck-dead-letters", "aircheck-late-heartbeats", "aircheck-old-messages",
      "aircheck-dispatch_to_ecs-errors", "aircheck-dispatch_to_ecs-throttles",
      "aircheck-sqs_handler-errors", "aircheck-sqs_handler-throttles",
      "aircheck-reconciler-errors", "aircheck-reconciler-throttles", "aircheck-reconciler-silent",
      "aircheck-task-failed",
    ])
    error_message = "these alarms and no others"
  }

  assert {
    condition = toset(regexall("\n## ([^ \n]+)\n", file("../../docs/runbook.md"))[*][0]) == toset([for alarm in concat(values(aws_cloudwatch_metric_alarm.this)[*].alarm_name, [aws_cloudwatch_metric_alarm.reconciler_silent.alarm_name, aws_cloudwatch_event_rule.task_failed.name]) :
    trimprefix(alarm, "aircheck-")])
    error_message = "docs/runbook.md has a section for each alarm, and none for others"
  }

  assert {
    condition = alltrue([for alarm in concat(values(aws_cloudwatch_metric_alarm.this), [aws_cloudwatch_metric_alarm.reconciler_silent]) :
    alarm.alarm_actions == toset([aws_sns_topic.alarms.arn])]) && aws_cloudwatch_event_target.task_failed.arn == aws_sns_topic.alarms.arn
    error_message = "every alarm tells the topic"
  }
}

run "arm_everywhere" {
  command = plan

  variables {
    architecture = "ARM64"
  }

  assert {
    condition = { for name, function in aws_lambda_function.this : name => function.architectures } == {
      for name in ["dispatch_to_ecs", "sqs_handler", "reconciler"] : name => tolist(["arm64"])
    }
    error_message = "the Lambdas"
  }

  assert {
    condition     = one(aws_ecs_task_definition.recorder.runtime_platform).cpu_architecture == "ARM64" && one(aws_ecs_task_definition.recorder.runtime_platform).operating_system_family == "LINUX"
    error_message = "the tasks"
  }
}

run "an_agent_takes_the_jobs" {
  command = plan

  variables {
    launcher = "agent"
  }

  assert {
    condition     = aws_lambda_event_source_mapping.jobs.enabled == false && length(aws_iam_policy.agent) == 1
    error_message = "the account's own dispatcher rests"
  }
}

run "cookies_are_a_secret" {
  command = apply

  variables {
    use_cookies = true
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.recorder.container_definitions)[0].secrets[0].valueFrom == aws_secretsmanager_secret.cookies[0].arn
    error_message = "the task gets the secret"
  }
}

run "all_that_reach_youtube_take_the_proxy" {
  command = apply

  variables {
    proxy = "http://proxy.example:3128"
  }

  assert {
    condition = alltrue([for function in ["sqs_handler", "reconciler"] :
    aws_lambda_function.this[function].environment[0].variables.AIRCHECK_PROXY == "http://proxy.example:3128"])
    error_message = "the functions take the proxy"
  }

  assert {
    condition     = contains(jsondecode(aws_ecs_task_definition.recorder.container_definitions)[0].environment, { name = "AIRCHECK_PROXY", value = "http://proxy.example:3128" })
    error_message = "the recorders take the proxy"
  }
}

# What util/, docs/ and the pipelines ask for.
run "outputs" {
  command = apply

  variables {
    use_cookies = true
    launcher    = "agent"
  }

  assert {
    condition = alltrue([for right in [
      output.cluster_name == "aircheck",
      output.task_definition_arn == aws_ecs_task_definition.recorder.arn,
      output.queue_url == aws_sqs_queue.jobs.url,
      output.dead_letter_queue_url == aws_sqs_queue.dead.url,
      output.table_name == "aircheck-jobs",
      output.api_endpoint == aws_api_gateway_stage.prod.invoke_url,
      output.repository_url == aws_ecr_repository.recorder.repository_url,
      output.recordings_bucket == aws_s3_bucket.recordings.id,
      output.recordings_origin == "https://${aws_s3_bucket.recordings.bucket_regional_domain_name}",
      output.token_parameter == "/aircheck/api-token",
      output.cookies_secret == "aircheck/cookies",
      output.agent_policy_arn == aws_iam_policy.agent[0].arn,
      output.alarm_topic_arn == aws_sns_topic.alarms.arn,
      output.region == "us-east-1",
      output.image_tag == "initial",
    ] : right])
    error_message = "each output is what its name says"
  }

  assert {
    condition = toset(regexall("output \"(\\w+)\"", file("outputs.tf"))[*][0]) == toset(keys({
      cluster_name          = output.cluster_name
      task_definition_arn   = output.task_definition_arn
      queue_url             = output.queue_url
      dead_letter_queue_url = output.dead_letter_queue_url
      table_name            = output.table_name
      api_endpoint          = output.api_endpoint
      repository_url        = output.repository_url
      recordings_bucket     = output.recordings_bucket
      recordings_origin     = output.recordings_origin
      token_parameter       = output.token_parameter
      cookies_secret        = output.cookies_secret
      agent_policy_arn      = output.agent_policy_arn
      alarm_topic_arn       = output.alarm_topic_arn
      region                = output.region
      image_tag             = output.image_tag
    }))
    error_message = "these outputs and no others"
  }
}

run "wrong_values_are_refused" {
  command = plan

  variables {
    name                     = "Has Blanks"
    dashboard_origin         = "http://example.com"
    architecture             = "arm"
    recording_retention_days = -1
  }

  expect_failures = [var.name, var.dashboard_origin, var.architecture, var.recording_retention_days]
}
