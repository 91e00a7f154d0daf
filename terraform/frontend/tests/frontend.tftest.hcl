mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_resource "aws_cloudfront_function" {
    defaults = { arn = "arn:aws:cloudfront::123456789012:function/pages" }
  }

  mock_resource "aws_cloudfront_distribution" {
    defaults = { arn = "arn:aws:cloudfront::123456789012:distribution/E1", domain_name = "d1.cloudfront.net" }
  }
}

mock_provider "aws" {
  alias = "us_east_1"

  mock_resource "aws_acm_certificate" {
    defaults = {
      arn = "arn:aws:acm:us-east-1:123456789012:certificate/1"
      domain_validation_options = [{
        domain_name           = "aircheck.example"
        resource_record_name  = "_1.aircheck.example."
        resource_record_type  = "CNAME"
        resource_record_value = "_2.acm-validations.aws."
      }]
    }
  }

  mock_resource "aws_acm_certificate_validation" {
    defaults = { certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/1" }
  }
}

run "bucket_is_for_the_distribution_only" {
  command = apply

  assert {
    condition     = aws_s3_bucket_public_access_block.web.restrict_public_buckets && aws_s3_bucket_public_access_block.web.block_public_policy
    error_message = "nothing is public"
  }

  assert {
    condition     = [for statement in jsondecode(aws_s3_bucket_policy.web.policy).Statement : statement.Condition.StringEquals["aws:SourceArn"] if statement.Effect == "Allow"] == [aws_cloudfront_distribution.this.arn]
    error_message = "one distribution may read"
  }
}

run "distribution_is_modern" {
  command = apply

  assert {
    condition     = aws_cloudfront_distribution.this.http_version == "http2and3" && one(aws_cloudfront_distribution.this.default_cache_behavior).compress && one(aws_cloudfront_distribution.this.default_cache_behavior).viewer_protocol_policy == "redirect-to-https"
    error_message = "HTTP/3, compression, HTTPS"
  }

  assert {
    condition     = one(aws_cloudfront_distribution.this.custom_error_response).response_page_path == "/404.html"
    error_message = "an error page"
  }

  assert {
    condition     = length(aws_cloudfront_distribution.this.ordered_cache_behavior) == 0 && output.dashboard_url == "https://d1.cloudfront.net"
    error_message = "no API unless one is given"
  }
}

run "api_under_the_same_domain" {
  command = apply

  variables {
    api_endpoint      = "https://abc.execute-api.us-east-1.amazonaws.com/prod"
    recordings_origin = "https://recordings.s3.us-east-1.amazonaws.com"
  }

  assert {
    condition     = one(aws_cloudfront_distribution.this.ordered_cache_behavior).path_pattern == "/prod/*" && contains([for origin in aws_cloudfront_distribution.this.origin : origin.domain_name], "abc.execute-api.us-east-1.amazonaws.com")
    error_message = "/prod/* goes to the API"
  }

  assert {
    condition     = one(aws_cloudfront_distribution.this.ordered_cache_behavior).cache_policy_id == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    error_message = "answers of the API are not cached"
  }

  assert {
    condition     = strcontains(local.content_policy, "media-src 'self' https://recordings.s3.us-east-1.amazonaws.com")
    error_message = "the player may load recordings"
  }
}

run "policy_is_what_the_build_says" {
  command = apply

  variables {
    web_dir           = "tests/web"
    recordings_origin = "https://recordings.s3.us-east-1.amazonaws.com"
  }

  assert {
    condition     = one(one(aws_cloudfront_response_headers_policy.web.security_headers_config).content_security_policy).content_security_policy == "default-src 'none'; script-src 'self' 'sha256-x='; media-src 'self' https://recordings.s3.us-east-1.amazonaws.com https://api.example; frame-ancestors 'none'"
    error_message = "the build's policy with the recordings' origin"
  }
}

run "own_domain" {
  command = apply

  variables {
    domain_name    = "aircheck.example"
    hosted_zone_id = "Z1"
  }

  assert {
    condition     = aws_cloudfront_distribution.this.aliases == toset(["aircheck.example"]) && one(aws_cloudfront_distribution.this.viewer_certificate).minimum_protocol_version == "TLSv1.2_2021"
    error_message = "the domain and its certificate"
  }

  assert {
    condition     = length(aws_route53_record.dashboard) == 2 && output.dashboard_url == "https://aircheck.example"
    error_message = "records for IPv4 and IPv6"
  }
}

run "domain_without_certificate" {
  command = plan

  variables {
    domain_name = "aircheck.example"
  }

  expect_failures = [aws_cloudfront_distribution.this]
}
