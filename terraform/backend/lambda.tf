locals {
  lambda_dir = var.lambda_dir != "" ? var.lambda_dir : "${path.module}/../../build/lambda"

  # The names are those that apps/lambda/wiring.hpp reads.
  lambda_environment = {
    AIRCHECK_TABLE           = aws_dynamodb_table.jobs.name
    AIRCHECK_QUEUE_URL       = aws_sqs_queue.jobs.url
    AIRCHECK_DEAD_LETTER_URL = aws_sqs_queue.dead.url
    AIRCHECK_BUCKET          = aws_s3_bucket.recordings.id
  }

  proxy = var.proxy == "" ? {} : { AIRCHECK_PROXY = var.proxy }

  lambdas = {
    dispatch_to_ecs = {
      timeout = 15
      memory  = 256
      environment = {
        AIRCHECK_TOKEN_PARAMETER = aws_ssm_parameter.token.name
        AIRCHECK_CORS_ORIGIN     = var.dashboard_origin
      }
    }
    sqs_handler = {
      timeout = 30
      memory  = 256
      environment = merge({
        AIRCHECK_CLUSTER         = aws_ecs_cluster.this.arn
        AIRCHECK_TASK_DEFINITION = aws_ecs_task_definition.recorder.arn
        AIRCHECK_SUBNETS         = join(",", aws_subnet.public[*].id)
        AIRCHECK_SECURITY_GROUPS = aws_security_group.ecs_tasks.id
        AIRCHECK_SPOT            = var.spot ? "1" : ""
      }, local.proxy)
    }
    reconciler = {
      timeout     = 60
      memory      = 256
      environment = merge({ AIRCHECK_CLUSTER = aws_ecs_cluster.this.arn }, local.proxy)
    }
  }
}

resource "aws_cloudwatch_log_group" "lambda" {
  for_each = local.lambdas

  name              = "/aws/lambda/${var.name}-${each.key}"
  retention_in_days = var.log_retention_days
}

resource "aws_lambda_function" "this" {
  for_each = local.lambdas

  function_name    = "${var.name}-${each.key}"
  role             = aws_iam_role.lambda[each.key].arn
  runtime          = "provided.al2023"
  handler          = "bootstrap"
  architectures    = [var.architecture == "ARM64" ? "arm64" : "x86_64"]
  filename         = "${local.lambda_dir}/${each.key}.zip"
  source_code_hash = filebase64sha256("${local.lambda_dir}/${each.key}.zip")
  timeout          = each.value.timeout
  memory_size      = each.value.memory

  environment {
    variables = merge(local.lambda_environment, each.value.environment)
  }

  depends_on = [aws_cloudwatch_log_group.lambda, aws_iam_role_policy.lambda]
}

resource "aws_lambda_event_source_mapping" "jobs" {
  enabled                 = var.launcher == "fargate"
  event_source_arn        = aws_sqs_queue.jobs.arn
  function_name           = aws_lambda_function.this["sqs_handler"].arn
  batch_size              = 10
  function_response_types = ["ReportBatchItemFailures"]

  scaling_config {
    maximum_concurrency = 10 # RunTask's own limit is 20 a second
  }
}

resource "aws_cloudwatch_event_rule" "schedule" {
  name                = "${var.name}-reconcile"
  description         = "Leases that ran out, waits that are due, messages that were lost"
  schedule_expression = "rate(1 minute)"
}

resource "aws_cloudwatch_event_rule" "task_stopped" {
  name        = "${var.name}-task-stopped"
  description = "A recorder has ended: look at its job at once"

  event_pattern = jsonencode({
    source      = ["aws.ecs"]
    detail-type = ["ECS Task State Change"]
    detail      = { clusterArn = [aws_ecs_cluster.this.arn], lastStatus = ["STOPPED"] }
  })
}

resource "aws_cloudwatch_event_target" "reconciler" {
  for_each = local.reconciler_rules

  rule = each.value.name
  arn  = aws_lambda_function.this["reconciler"].arn
}

resource "aws_lambda_permission" "events" {
  for_each = local.reconciler_rules

  statement_id  = "events-${each.key}"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this["reconciler"].function_name
  principal     = "events.amazonaws.com"
  source_arn    = each.value.arn
}

locals {
  reconciler_rules = {
    schedule     = aws_cloudwatch_event_rule.schedule
    task-stopped = aws_cloudwatch_event_rule.task_stopped
  }
}
