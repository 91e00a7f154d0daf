# The web build writes which scripts its pages contain; where it has not, inline scripts are allowed.

locals {
  policy_file   = "${local.web_dir}/content-security-policy.txt"
  policy_origin = var.recordings_origin == "" ? "" : " ${var.recordings_origin}"

  content_policy = join("; ", [
    "default-src 'self'",
    "script-src 'self' 'unsafe-inline'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: https://i.ytimg.com https://*.ytimg.com",
    "font-src 'self'",
    "connect-src 'self'${local.api_host}",
    "media-src 'self'${local.api_host}${local.policy_origin}",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ])

  api_host = join("", [for api in local.api : " https://${api.host}"])
}

resource "aws_cloudfront_response_headers_policy" "web" {
  name    = "${var.name}-web"
  comment = "Security headers of the dashboard"

  security_headers_config {
    content_security_policy {
      content_security_policy = local.content_policy
      override                = true
    }

    content_type_options {
      override = true
    }

    frame_options {
      frame_option = "DENY"
      override     = true
    }

    referrer_policy {
      referrer_policy = "no-referrer"
      override        = true
    }

    strict_transport_security {
      access_control_max_age_sec = 31536000
      include_subdomains         = false
      override                   = true
    }
  }

  custom_headers_config {
    items {
      header   = "Permissions-Policy"
      value    = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
      override = true
    }

    items {
      header   = "Cross-Origin-Opener-Policy"
      value    = "same-origin"
      override = true
    }
  }
}
