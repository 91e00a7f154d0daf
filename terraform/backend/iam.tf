# One role per actor, each with what its code calls and on what it calls it. tests/iam/needed.json lists what each needs;
# tests/iam/check.mjs proves that it may do that and nothing else.

locals {
  table   = aws_dynamodb_table.jobs.arn
  bucket  = aws_s3_bucket.recordings.arn
  objects = "${aws_s3_bucket.recordings.arn}/recordings/*"

  # Without ListBucket, and with a condition on it too, S3 answers 403 for an object that is not there: the journal's end
  # could not be told from a refusal.
  find_recordings = { Sid = "Find", Action = ["s3:ListBucket", "s3:ListBucketMultipartUploads"], Resource = [local.bucket] }
  # A recording goes with its journal, which says what belongs to it.
  discard_recordings = [
    { Sid = "Discard", Action = ["s3:GetObject", "s3:DeleteObject", "s3:AbortMultipartUpload"], Resource = [local.objects] },
    local.find_recordings,
  ]
  enqueue = [
    { Sid = "Enqueue", Action = ["sqs:SendMessage", "sqs:GetQueueAttributes"], Resource = [aws_sqs_queue.jobs.arn] },
    { Sid = "DeadLetters", Action = ["sqs:GetQueueAttributes"], Resource = [aws_sqs_queue.dead.arn] },
  ]
  in_cluster = { ArnEquals = { "ecs:cluster" = aws_ecs_cluster.this.arn } }

  lambda_statements = {
    dispatch_to_ecs = concat(local.enqueue, local.discard_recordings, [
      { Sid = "Jobs", Action = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"], Resource = [local.table] },
      { Sid = "List", Action = ["dynamodb:Query"], Resource = ["${local.table}/index/by_place"] },
      { Sid = "Token", Action = ["ssm:GetParameter"], Resource = [aws_ssm_parameter.token.arn] },
    ])
    sqs_handler = concat(local.discard_recordings, [
      {
        Sid      = "Receive"
        Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"]
        Resource = [aws_sqs_queue.jobs.arn]
      },
      { Sid = "Jobs", Action = ["dynamodb:GetItem", "dynamodb:PutItem"], Resource = [local.table] },
      {
        Sid       = "Start"
        Action    = ["ecs:RunTask"]
        Resource  = ["${aws_ecs_task_definition.recorder.arn_without_revision}:*"]
        Condition = local.in_cluster
      },
      {
        Sid       = "HandRolesToTasks"
        Action    = ["iam:PassRole"]
        Resource  = [aws_iam_role.task.arn, aws_iam_role.execution.arn]
        Condition = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } }
      },
    ])
    reconciler = concat(local.enqueue, local.discard_recordings, [
      { Sid = "Jobs", Action = ["dynamodb:GetItem", "dynamodb:PutItem"], Resource = [local.table] },
      { Sid = "Lists", Action = ["dynamodb:Query"], Resource = ["${local.table}/index/by_due", "${local.table}/index/by_place"] },
      # ListTasks knows no resource but a container instance, of which Fargate has none.
      { Sid = "FindTasks", Action = ["ecs:ListTasks"], Resource = ["*"], Condition = local.in_cluster },
      {
        Sid       = "Tasks"
        Action    = ["ecs:DescribeTasks"]
        Resource  = ["arn:${local.partition}:ecs:${var.region}:${local.account}:task/${aws_ecs_cluster.this.name}/*"]
        Condition = local.in_cluster
      },
    ])
  }

  task_statements = [
    { Sid = "Job", Action = ["dynamodb:GetItem", "dynamodb:PutItem"], Resource = [local.table] },
    {
      Sid      = "Record"
      Action   = ["s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:AbortMultipartUpload"]
      Resource = [local.objects]
    },
    local.find_recordings,
  ]

  # Dispatcher, reconciler and recorder in one, on a machine outside.
  agent_statements = concat(local.task_statements, [
    {
      Sid      = "Jobs"
      Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:SendMessage", "sqs:GetQueueAttributes"]
      Resource = [aws_sqs_queue.jobs.arn]
    },
    { Sid = "DeadLetters", Action = ["sqs:GetQueueAttributes"], Resource = [aws_sqs_queue.dead.arn] },
    { Sid = "Lists", Action = ["dynamodb:Query"], Resource = ["${local.table}/index/by_due", "${local.table}/index/by_place"] },
  ])

  execution_statements = concat([
    { Sid = "Login", Action = ["ecr:GetAuthorizationToken"], Resource = ["*"] }, # takes no resource
    {
      Sid      = "Pull"
      Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      Resource = [aws_ecr_repository.recorder.arn]
    },
    { Sid = "Log", Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = ["${aws_cloudwatch_log_group.recorder.arn}:*"] },
    ], [for secret in aws_secretsmanager_secret.cookies :
    { Sid = "Cookies", Action = ["secretsmanager:GetSecretValue"], Resource = [secret.arn] }
  ])

  functions = toset(["dispatch_to_ecs", "sqs_handler", "reconciler"])

  # Only for this account's own tasks: nobody else's can borrow the roles.
  trust = { for service in ["ecs-tasks", "lambda", "apigateway"] : service => jsonencode({
    Version = "2012-10-17"
    Statement = [merge(
      { Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "${service}.amazonaws.com" } },
      service == "ecs-tasks" ? { Condition = { StringEquals = { "aws:SourceAccount" = local.account } } } : {}
    )]
  }) }

  # What each role may do, as its policy says it.
  policies = {
    for actor, statements in merge(
      { for function, own in local.lambda_statements : function => concat(own, [{
        Sid      = "Log"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["${aws_cloudwatch_log_group.lambda[function].arn}:*"]
      }]) },
      { task = local.task_statements, execution = local.execution_statements, agent = local.agent_statements },
      ) : actor => jsonencode({
        Version   = "2012-10-17"
        Statement = [for statement in statements : merge({ Effect = "Allow" }, statement)]
    })
  }
}

resource "aws_iam_role" "lambda" {
  for_each = local.functions

  name               = "${var.name}-${var.region}-${each.key}"
  assume_role_policy = local.trust["lambda"]
}

resource "aws_iam_role_policy" "lambda" {
  for_each = local.functions # not the roles: an import needs to know the keys before there is any

  name   = "own"
  role   = aws_iam_role.lambda[each.key].id
  policy = local.policies[each.key]
}

resource "aws_iam_role" "task" {
  name               = "${var.name}-${var.region}-task"
  assume_role_policy = local.trust["ecs-tasks"]
}

resource "aws_iam_role_policy" "task" {
  name   = "own"
  role   = aws_iam_role.task.id
  policy = local.policies["task"]
}

resource "aws_iam_role" "execution" {
  name               = "${var.name}-${var.region}-execution"
  assume_role_policy = local.trust["ecs-tasks"]
}

resource "aws_iam_role_policy" "execution" {
  name   = "own"
  role   = aws_iam_role.execution.id
  policy = local.policies["execution"]
}

# For a user or role of the machine that the agent runs on; who that is, is not Terraform's to know.
resource "aws_iam_policy" "agent" {
  count = var.launcher == "agent" ? 1 : 0

  name        = "${var.name}-${var.region}-agent"
  description = "What aircheck agent does in the account"
  policy      = local.policies["agent"]
}

resource "aws_iam_role" "api_logs" {
  count = var.manage_api_gateway_account ? 1 : 0

  name               = "${var.name}-${var.region}-api-logs"
  assume_role_policy = local.trust["apigateway"]
}

resource "aws_iam_role_policy_attachment" "api_logs" {
  count = var.manage_api_gateway_account ? 1 : 0

  role       = aws_iam_role.api_logs[0].name
  policy_arn = "arn:${local.partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
}
