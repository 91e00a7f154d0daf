locals {
  web_dir = var.web_dir != "" ? var.web_dir : "${path.module}/../../web/out"

  # AWS's own policies, which have the same ids in every account.
  managed = {
    caching_optimized  = "658327ea-f89d-4fab-a63d-7e88639e58f6"
    caching_disabled   = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    all_but_host_asked = "b689b0a8-53d0-40ab-baf2-38268bf966ac"
  }

  api = var.api_endpoint == "" ? [] : [regex("^https://(?P<host>[^/]+)/(?P<stage>.+)$", var.api_endpoint)]
}

resource "aws_cloudfront_origin_access_control" "web" {
  name                              = "${var.name}-web"
  description                       = "CloudFront signs its requests to the bucket"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_cloudfront_function" "pages" {
  name    = "${var.name}-pages"
  runtime = "cloudfront-js-2.0"
  comment = "/job and /job/ are job.html in the export, and / is index.html"
  publish = true
  code    = file("${path.module}/pages.js")
}

resource "aws_cloudfront_distribution" "this" {
  enabled             = true
  comment             = "${var.name} dashboard"
  default_root_object = "index.html"
  http_version        = "http2and3"
  is_ipv6_enabled     = true
  price_class         = var.price_class
  aliases             = local.has_domain ? [var.domain_name] : []

  origin {
    origin_id                = "web"
    domain_name              = aws_s3_bucket.web.bucket_regional_domain_name
    origin_access_control_id = aws_cloudfront_origin_access_control.web.id
  }

  dynamic "origin" {
    for_each = local.api

    content {
      origin_id   = "api"
      domain_name = origin.value.host

      custom_origin_config {
        http_port              = 80
        https_port             = 443
        origin_protocol_policy = "https-only"
        origin_ssl_protocols   = ["TLSv1.2"]
      }
    }
  }

  default_cache_behavior {
    target_origin_id           = "web"
    allowed_methods            = ["GET", "HEAD"]
    cached_methods             = ["GET", "HEAD"]
    compress                   = true
    viewer_protocol_policy     = "redirect-to-https"
    cache_policy_id            = local.managed.caching_optimized
    response_headers_policy_id = aws_cloudfront_response_headers_policy.web.id

    function_association {
      event_type   = "viewer-request"
      function_arn = aws_cloudfront_function.pages.arn
    }
  }

  # Under the dashboard's own domain the API needs no CORS, and a player's cookie reaches it.
  dynamic "ordered_cache_behavior" {
    for_each = local.api

    content {
      path_pattern             = "/${ordered_cache_behavior.value.stage}/*"
      target_origin_id         = "api"
      allowed_methods          = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
      cached_methods           = ["GET", "HEAD"]
      compress                 = true
      viewer_protocol_policy   = "https-only"
      cache_policy_id          = local.managed.caching_disabled
      origin_request_policy_id = local.managed.all_but_host_asked
    }
  }

  # The bucket does not tell a stranger what it lacks. The API itself answers with 401 and 404, never 403, so that its
  # own words get through.
  custom_error_response {
    error_code            = 403
    response_code         = 404
    response_page_path    = "/404.html"
    error_caching_min_ttl = 10
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = !local.has_domain
    acm_certificate_arn            = local.has_domain ? local.certificate : null
    minimum_protocol_version       = local.has_domain ? "TLSv1.2_2021" : "TLSv1"
    ssl_support_method             = local.has_domain ? "sni-only" : null
  }

  lifecycle {
    precondition {
      condition     = !local.has_domain || var.hosted_zone_id != "" || var.certificate_arn != ""
      error_message = "A domain needs hosted_zone_id (its zone is in Route53) or certificate_arn (it is elsewhere)."
    }
  }
}
