resource "aws_s3_bucket" "recordings" {
  bucket        = "${var.name}-recordings-${local.account}-${var.region}"
  force_destroy = !var.deletion_protection
}

resource "aws_s3_bucket_public_access_block" "recordings" {
  bucket = aws_s3_bucket.recordings.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "recordings" {
  bucket = aws_s3_bucket.recordings.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "recordings" {
  bucket = aws_s3_bucket.recordings.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

# Versioning stays off: a recording's journal is replaced after each part, and each version would be kept and billed.
resource "aws_s3_bucket_lifecycle_configuration" "recordings" {
  bucket = aws_s3_bucket.recordings.id

  rule {
    id     = "abort-unfinished-uploads"
    status = "Enabled"
    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  dynamic "rule" {
    for_each = var.recording_retention_days > 0 ? [var.recording_retention_days] : []

    content {
      id     = "expire-recordings"
      status = "Enabled"

      filter {
        prefix = "recordings/"
      }

      expiration {
        days = rule.value
      }
    }
  }
}

resource "aws_s3_bucket_policy" "recordings" {
  bucket = aws_s3_bucket.recordings.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TlsOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [aws_s3_bucket.recordings.arn, "${aws_s3_bucket.recordings.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })

  depends_on = [aws_s3_bucket_public_access_block.recordings]
}

resource "aws_dynamodb_table" "jobs" {
  name                        = "${var.name}-jobs"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "id"
  deletion_protection_enabled = var.deletion_protection

  dynamic "attribute" {
    for_each = { id = "S", everything = "S", place = "S", due_kind = "S", due_at = "N" }

    content {
      name = attribute.key
      type = attribute.value
    }
  }

  # The list, newest first: a place begins with the time.
  global_secondary_index {
    name            = "by_place"
    hash_key        = "everything"
    range_key       = "place"
    projection_type = "ALL"
  }

  # What the reconciler has to look at.
  global_secondary_index {
    name            = "by_due"
    hash_key        = "due_kind"
    range_key       = "due_at"
    projection_type = "ALL"
  }

  ttl {
    attribute_name = "expires_at"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled = true
  }
}

resource "aws_sqs_queue" "dead" {
  name                      = "${var.name}-jobs-dead.fifo"
  fifo_queue                = true
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = true
}

resource "aws_sqs_queue" "jobs" {
  name       = "${var.name}-jobs.fifo"
  fifo_queue = true
  # One message group per job: jobs do not wait for each other.
  deduplication_scope        = "messageGroup"
  fifo_throughput_limit      = "perMessageGroupId"
  visibility_timeout_seconds = 6 * local.lambdas.sqs_handler.timeout
  message_retention_seconds  = 345600
  sqs_managed_sse_enabled    = true

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead.arn
    maxReceiveCount     = 5
  })
}

resource "aws_sqs_queue_redrive_allow_policy" "dead" {
  queue_url = aws_sqs_queue.dead.id

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.jobs.arn]
  })
}

resource "aws_sqs_queue_policy" "tls" {
  for_each = { jobs = aws_sqs_queue.jobs, dead = aws_sqs_queue.dead }

  queue_url = each.value.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TlsOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "sqs:*"
      Resource  = each.value.arn
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}

# The token's value never enters Terraform's state: it is written once as "unset", which locks the API, and util/deploy.sh
# puts the real one there.
resource "aws_ssm_parameter" "token" {
  name             = "/${var.name}/api-token"
  description      = "Bearer token of the API; 'unset' locks it"
  type             = "SecureString"
  value_wo         = "unset"
  value_wo_version = 1
}

resource "aws_secretsmanager_secret" "cookies" {
  count = var.use_cookies ? 1 : 0

  name                    = "${var.name}/cookies"
  description             = "Cookies file for yt-dlp, in Netscape format"
  recovery_window_in_days = 7
}
