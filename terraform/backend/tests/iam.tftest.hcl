# Writes out each role's policy with the ARNs that it would have; tests/iam/check.mjs simulates them.

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

run "policies" {
  command = apply

  variables {
    use_cookies = true
    launcher    = "agent"
  }

  override_resource {
    target = aws_sqs_queue.jobs
    values = { arn = "arn:aws:sqs:us-east-1:123456789012:aircheck-jobs.fifo" }
  }

  override_resource {
    target = aws_sqs_queue.dead
    values = { arn = "arn:aws:sqs:us-east-1:123456789012:aircheck-jobs-dead.fifo" }
  }

  override_resource {
    target = aws_dynamodb_table.jobs
    values = { arn = "arn:aws:dynamodb:us-east-1:123456789012:table/aircheck-jobs" }
  }

  override_resource {
    target = aws_s3_bucket.recordings
    values = { arn = "arn:aws:s3:::aircheck-recordings" }
  }

  override_resource {
    target = aws_ssm_parameter.token
    values = { arn = "arn:aws:ssm:us-east-1:123456789012:parameter/aircheck/api-token" }
  }

  override_resource {
    target = aws_ecr_repository.recorder
    values = { arn = "arn:aws:ecr:us-east-1:123456789012:repository/aircheck-recorder" }
  }

  override_resource {
    target = aws_iam_role.task
    values = { arn = "arn:aws:iam::123456789012:role/aircheck-task" }
  }

  override_resource {
    target = aws_iam_role.execution
    values = { arn = "arn:aws:iam::123456789012:role/aircheck-execution" }
  }

  override_resource {
    target = aws_secretsmanager_secret.cookies[0]
    values = { arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:aircheck/cookies-AbCdEf" }
  }

  override_resource {
    target = aws_cloudwatch_log_group.recorder
    values = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:/aircheck/recorder" }
  }

  override_resource {
    target = aws_cloudwatch_log_group.lambda["dispatch_to_ecs"]
    values = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/aircheck-dispatch_to_ecs" }
  }

  override_resource {
    target = aws_cloudwatch_log_group.lambda["sqs_handler"]
    values = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/aircheck-sqs_handler" }
  }

  override_resource {
    target = aws_cloudwatch_log_group.lambda["reconciler"]
    values = { arn = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/lambda/aircheck-reconciler" }
  }

  assert {
    condition     = length(local.policies) == 6
    error_message = "three functions, the task, what starts it, and the agent"
  }
}
