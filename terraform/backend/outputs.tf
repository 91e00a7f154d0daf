output "cluster_name" {
  value = aws_ecs_cluster.this.name
}

output "task_definition_arn" {
  value = aws_ecs_task_definition.recorder.arn
}

output "queue_url" {
  value = aws_sqs_queue.jobs.url
}

output "dead_letter_queue_url" {
  value = aws_sqs_queue.dead.url
}

output "table_name" {
  value = aws_dynamodb_table.jobs.name
}

output "api_endpoint" {
  description = "The dashboard's NEXT_PUBLIC_API_URL."
  value       = aws_api_gateway_stage.prod.invoke_url
}

output "repository_url" {
  value = aws_ecr_repository.recorder.repository_url
}

output "recordings_bucket" {
  value = aws_s3_bucket.recordings.id
}

output "recordings_origin" {
  description = "Where recordings are played from: the dashboard's content policy must allow it."
  value       = "https://${aws_s3_bucket.recordings.bucket_regional_domain_name}"
}

output "token_parameter" {
  description = "SSM parameter that holds the API's token."
  value       = aws_ssm_parameter.token.name
}

output "cookies_secret" {
  value = one(aws_secretsmanager_secret.cookies[*].name)
}

output "agent_policy_arn" {
  description = "To be attached to the user or role of the machine that `aircheck agent` runs on."
  value       = one(aws_iam_policy.agent[*].arn)
}

output "alarm_topic_arn" {
  value = aws_sns_topic.alarms.arn
}

output "region" {
  value = var.region
}

output "image_tag" {
  description = "Of the image that new recorders run."
  value       = var.image_tag
}
