# A domain of one's own: with its zone in Route53 the certificate validates itself and the names are made; without, an existing
# certificate is taken and the names are the owner's to make.

locals {
  has_domain  = var.domain_name != ""
  has_zone    = local.has_domain && var.hosted_zone_id != ""
  certificate = local.has_zone ? one(aws_acm_certificate_validation.this[*].certificate_arn) : var.certificate_arn
}

resource "aws_acm_certificate" "this" {
  count    = local.has_zone ? 1 : 0
  provider = aws.us_east_1

  domain_name       = var.domain_name
  validation_method = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

# One name only, so one record: keyed by the domain, which is known before the certificate is.
resource "aws_route53_record" "validation" {
  for_each = toset(local.has_zone ? [var.domain_name] : [])

  zone_id         = var.hosted_zone_id
  name            = one(aws_acm_certificate.this[0].domain_validation_options).resource_record_name
  type            = one(aws_acm_certificate.this[0].domain_validation_options).resource_record_type
  records         = [one(aws_acm_certificate.this[0].domain_validation_options).resource_record_value]
  ttl             = 300
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "this" {
  count    = local.has_zone ? 1 : 0
  provider = aws.us_east_1

  certificate_arn         = aws_acm_certificate.this[0].arn
  validation_record_fqdns = [for record in aws_route53_record.validation : record.fqdn]
}

resource "aws_route53_record" "dashboard" {
  for_each = toset(local.has_zone ? ["A", "AAAA"] : [])

  zone_id = var.hosted_zone_id
  name    = var.domain_name
  type    = each.key

  alias {
    name                   = aws_cloudfront_distribution.this.domain_name
    zone_id                = aws_cloudfront_distribution.this.hosted_zone_id
    evaluate_target_health = false
  }
}
