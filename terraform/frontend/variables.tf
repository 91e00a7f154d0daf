variable "name" {
  description = "Begins the name of everything that is created."
  type        = string
  default     = "aircheck"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,19}$", var.name))
    error_message = "The name has 2 to 20 lower-case letters, digits and dashes, and begins with a letter."
  }
}

variable "region" {
  description = "Of the bucket; CloudFront is everywhere."
  type        = string
  default     = "us-east-1"
}

variable "api_endpoint" {
  description = "Output api_endpoint of the backend (https://HOST/prod). CloudFront then serves the API under the same path of its own domain, where players can use it, too. Empty: the dashboard must have been built with an API of its own."
  type        = string
  default     = ""

  validation {
    condition     = var.api_endpoint == "" || can(regex("^https://[^/]+/[a-z0-9_-]+$", var.api_endpoint))
    error_message = "Take the backend's output as it is: https://HOST/STAGE."
  }
}

variable "recordings_origin" {
  description = "Output recordings_origin of the backend: from where the player may load. Empty: from nowhere else."
  type        = string
  default     = ""
}

variable "domain_name" {
  description = "The dashboard's own domain. Empty: the one that CloudFront gives."
  type        = string
  default     = ""
}

variable "hosted_zone_id" {
  description = "Route53 zone of the domain: its certificate and records are then made here."
  type        = string
  default     = ""
}

variable "certificate_arn" {
  description = "Certificate for the domain, in us-east-1, where its zone is not in Route53."
  type        = string
  default     = ""
}

variable "price_class" {
  description = "Where CloudFront answers from: PriceClass_100 (Europe, North America), _200, or _All."
  type        = string
  default     = "PriceClass_100"
}

variable "web_dir" {
  description = "The exported dashboard; its content policy is read from it. Empty: web/out of this repository."
  type        = string
  default     = ""
}

variable "deletion_protection" {
  description = "Refuse to delete the bucket while it holds the dashboard."
  type        = bool
  default     = false
}
