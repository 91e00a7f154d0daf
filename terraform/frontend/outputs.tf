output "bucket_name" {
  value = aws_s3_bucket.web.id
}

output "distribution_id" {
  value = aws_cloudfront_distribution.this.id
}

output "distribution_domain" {
  value = aws_cloudfront_distribution.this.domain_name
}

output "dashboard_url" {
  value = "https://${local.has_domain ? var.domain_name : aws_cloudfront_distribution.this.domain_name}"
}
