# The web build writes its policy, with the hash of each script that stands in a page; recordings come from their bucket, which
# the build does not know. Before there is a build nothing may run at all.

locals {
  policy_file     = "${local.web_dir}/content-security-policy.txt"
  built_policy    = fileexists(local.policy_file) ? trimspace(file(local.policy_file)) : "default-src 'none'; media-src 'self'"
  recordings_from = var.recordings_origin == "" ? "" : " ${var.recordings_origin}"
  content_policy  = replace(local.built_policy, "media-src 'self'", "media-src 'self'${local.recordings_from}")
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
