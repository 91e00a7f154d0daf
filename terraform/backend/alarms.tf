# docs/runbook.md has a section for each alarm.

resource "aws_sns_topic" "alarms" {
  name = "${var.name}-alarms"
}

resource "aws_sns_topic_policy" "alarms" {
  arn = aws_sns_topic.alarms.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "OwnAlarms"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = aws_sns_topic.alarms.arn
        Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
      },
      # EventBridge sets no context that a condition on a topic could count on.
      {
        Sid       = "FailedTasks"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = aws_sns_topic.alarms.arn
      },
    ]
  })
}

resource "aws_sns_topic_subscription" "email" {
  count = var.alarm_email == "" ? 0 : 1

  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = var.alarm_email
}

locals {
  lambda_alarms = merge([for metric in ["Errors", "Throttles"] : {
    for function, _ in local.lambdas : "${function}-${lower(metric)}" => {
      description = "${function} had ${lower(metric)}"
      namespace   = "AWS/Lambda"
      metric      = metric
      dimensions  = { FunctionName = "${var.name}-${function}" }
      statistic   = "Sum"
      above       = 0
      minutes     = 5
    }
  }]...)

  alarms = merge(local.lambda_alarms, {
    dead-letters = {
      description = "A job could not be started five times over"
      namespace   = "AWS/SQS"
      metric      = "ApproximateNumberOfMessagesVisible"
      dimensions  = { QueueName = aws_sqs_queue.dead.name }
      statistic   = "Maximum"
      above       = 0
      minutes     = 1
    }
    old-messages = {
      description = "Jobs wait longer than a quarter of an hour to be started"
      namespace   = "AWS/SQS"
      metric      = "ApproximateAgeOfOldestMessage"
      dimensions  = { QueueName = aws_sqs_queue.jobs.name }
      statistic   = "Maximum"
      above       = 900
      minutes     = 5
    }
    # The reconciler's log line carries the metric (apps/lambda/reconciler.cpp).
    late-heartbeats = {
      description = "A recorder was not heard of for longer than its lease; another was asked for"
      namespace   = "aircheck"
      metric      = "LateHeartbeats"
      dimensions  = { Table = aws_dynamodb_table.jobs.name }
      statistic   = "Sum"
      above       = 0
      minutes     = 5
    }
    api-5xx = {
      description = "The API answered with 5xx"
      namespace   = "AWS/ApiGateway"
      metric      = "5XXError"
      dimensions  = { ApiName = var.name, Stage = "prod" }
      statistic   = "Sum"
      above       = 0
      minutes     = 5
    }
  })
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "${each.value.description}. See docs/runbook.md."
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.above
  period              = 60 * each.value.minutes
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

# All other alarms of lost recorders depend on the reconciler's being called.
resource "aws_cloudwatch_metric_alarm" "reconciler_silent" {
  alarm_name          = "${var.name}-reconciler-silent"
  alarm_description   = "The reconciler has not run for ten minutes. See docs/runbook.md."
  namespace           = "AWS/Lambda"
  metric_name         = "Invocations"
  dimensions          = { FunctionName = "${var.name}-reconciler" }
  statistic           = "Sum"
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  period              = 300
  evaluation_periods  = 2
  treat_missing_data  = "breaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

# Failed tasks: the event itself carries what an alarm on a count would not, the job and the reason.
resource "aws_cloudwatch_event_rule" "task_failed" {
  name        = "${var.name}-task-failed"
  description = "A recorder ended with another status than success, stream incomplete or stopped, or never started"

  event_pattern = jsonencode({
    source      = ["aws.ecs"]
    detail-type = ["ECS Task State Change"]
    detail = {
      clusterArn = [aws_ecs_cluster.this.arn]
      lastStatus = ["STOPPED"]
      "$or" = [
        { stopCode = ["TaskFailedToStart"] },
        { containers = { exitCode = [{ anything-but = [0, 3, 143] }] } },
      ]
    }
  })
}

resource "aws_cloudwatch_event_target" "task_failed" {
  rule = aws_cloudwatch_event_rule.task_failed.name
  arn  = aws_sns_topic.alarms.arn

  input_transformer {
    input_paths    = { task = "$.detail.taskArn", reason = "$.detail.stoppedReason" }
    input_template = "\"aircheck: the recorder <task> failed: <reason>. See docs/runbook.md.\""
  }
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name
  dashboard_body = jsonencode({
    widgets = [for position, widget in [
      { title = "Queue", metrics = [
        ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", aws_sqs_queue.jobs.name],
        ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", aws_sqs_queue.dead.name],
      ] },
      { title = "Age of the oldest message, s", metrics = [["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", aws_sqs_queue.jobs.name]] },
      { title = "Lambda errors", metrics = [for name, _ in local.lambdas : ["AWS/Lambda", "Errors", "FunctionName", "${var.name}-${name}"]] },
      { title = "Lambda time, ms", metrics = [for name, _ in local.lambdas : ["AWS/Lambda", "Duration", "FunctionName", "${var.name}-${name}"]] },
      { title = "Late heartbeats", metrics = [["aircheck", "LateHeartbeats", "Table", aws_dynamodb_table.jobs.name]] },
      { title = "API", metrics = [
        ["AWS/ApiGateway", "Count", "ApiName", var.name],
        ["AWS/ApiGateway", "4XXError", "ApiName", var.name],
        ["AWS/ApiGateway", "5XXError", "ApiName", var.name],
      ] },
      ] : {
      type   = "metric"
      x      = 12 * (position % 2)
      y      = 6 * floor(position / 2)
      width  = 12
      height = 6
      properties = {
        title   = widget.title
        region  = var.region
        metrics = widget.metrics
        stat    = position < 2 || position == 4 ? "Maximum" : position == 3 ? "p95" : "Sum"
        period  = 60
        view    = "timeSeries"
      }
    }]
  })
}
