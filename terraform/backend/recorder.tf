resource "aws_ecr_repository" "recorder" {
  name                 = "${var.name}-recorder"
  image_tag_mutability = "IMMUTABLE"
  force_delete         = !var.deletion_protection

  image_scanning_configuration {
    scan_on_push = true
  }

  encryption_configuration {
    encryption_type = "AES256"
  }
}

resource "aws_ecr_lifecycle_policy" "recorder" {
  repository = aws_ecr_repository.recorder.name

  policy = jsonencode({
    rules = [{
      rulePriority = 1
      description  = "Ten images to go back to"
      selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 10 }
      action       = { type = "expire" }
    }]
  })
}

resource "aws_ecs_cluster" "this" {
  name = var.name

  setting {
    name  = "containerInsights"
    value = "disabled" # costs more than the recorders; what matters comes with their logs as metrics
  }
}

resource "aws_ecs_cluster_capacity_providers" "this" {
  cluster_name       = aws_ecs_cluster.this.name
  capacity_providers = ["FARGATE", "FARGATE_SPOT"]

  # For tasks that a person starts by hand; the launcher says with each task where it shall run.
  default_capacity_provider_strategy {
    capacity_provider = "FARGATE"
    weight            = 1
  }
}

resource "aws_cloudwatch_log_group" "recorder" {
  name              = "/${var.name}/recorder"
  retention_in_days = var.log_retention_days
}

locals {
  recorder_environment = merge({
    AIRCHECK_TABLE  = aws_dynamodb_table.jobs.name
    AIRCHECK_BUCKET = aws_s3_bucket.recordings.id
    AIRCHECK_PREFIX = ""
    AWS_REGION      = var.region
    HOME            = "/tmp"
    },
    var.ytdlp_update ? { AIRCHECK_YTDLP_UPDATE = "1" } : {},
    var.live_chat ? { AIRCHECK_CHAT = "true" } : {},
    local.proxy,
  )
}

resource "aws_ecs_task_definition" "recorder" {
  family                   = "${var.name}-recorder"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.task_cpu
  memory                   = var.task_memory
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.architecture
  }

  lifecycle {
    create_before_destroy = true # while a new one is made, jobs are started from the old one
  }

  # The only place that can be written: yt-dlp's scratch. The image declares it as a volume, which is what makes it belong to
  # the image's user; ECS gives root's to others.
  volume {
    name = "scratch"
  }

  container_definitions = jsonencode([{
    name                   = "recorder"
    image                  = "${aws_ecr_repository.recorder.repository_url}:${var.image_tag}"
    essential              = true
    command                = ["recorder"]
    user                   = "10001:10001"
    readonlyRootFilesystem = true
    memoryReservation      = 128
    # From SIGTERM to SIGKILL. The recorder needs a few seconds to commit; the rest is for a slow upload.
    stopTimeout     = 120
    linuxParameters = { initProcessEnabled = true, capabilities = { drop = ["ALL"] } }
    mountPoints     = [{ sourceVolume = "scratch", containerPath = "/tmp", readOnly = false }]
    environment     = [for name, value in local.recorder_environment : { name = name, value = value }]
    secrets         = [for secret in aws_secretsmanager_secret.cookies : { name = "AIRCHECK_COOKIES_TEXT", valueFrom = secret.arn }]

    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.recorder.name
        awslogs-region        = var.region
        awslogs-stream-prefix = "job"
        mode                  = "non-blocking" # a full log never holds up a recording
      }
    }
  }])
}
