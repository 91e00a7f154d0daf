variable "name" {
  description = "Begins the name of everything that is created, so that one account can hold several installations."
  type        = string
  default     = "aircheck"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,19}$", var.name))
    error_message = "The name has 2 to 20 lower-case letters, digits and dashes, and begins with a letter."
  }
}

variable "region" {
  description = "Where everything is created."
  type        = string
  default     = "us-east-1"
}

variable "dashboard_origin" {
  description = "The one web origin that may call the API (https://host, no slash at the end). Empty: none."
  type        = string
  default     = ""

  validation {
    condition     = var.dashboard_origin == "" || can(regex("^https://[a-z0-9.-]+(:[0-9]+)?$|^http://localhost:[0-9]+$", var.dashboard_origin))
    error_message = "An origin is https://host without a path, or http://localhost:PORT for development."
  }
}

variable "architecture" {
  description = "Of the recorders and of the Lambdas: that of the machine they are built on. Fargate takes a fifth less for ARM64, which makes a recorded hour 12% cheaper."
  type        = string
  default     = "X86_64"

  validation {
    condition     = contains(["ARM64", "X86_64"], var.architecture)
    error_message = "ARM64 or X86_64."
  }
}

variable "image_tag" {
  description = "Tag of the recorder's image in the repository. Tags are immutable: a new image is a new tag."
  type        = string
  default     = "initial"
}

variable "lambda_dir" {
  description = "Folder of dispatch_to_ecs.zip, sqs_handler.zip and reconciler.zip. Empty: build/lambda of this repository."
  type        = string
  default     = ""
}

variable "task_cpu" {
  description = "CPU units of one recorder (1024 are one core)."
  type        = number
  default     = 256
}

variable "task_memory" {
  description = "MiB of one recorder; yt-dlp with its JavaScript runtime sets the need, not the recording."
  type        = number
  default     = 1024
}

variable "launcher" {
  description = "Who starts recorders: fargate, or agent (`aircheck agent` on machines of one's own, where YouTube does not block the address). Only one of them may take jobs."
  type        = string
  default     = "fargate"

  validation {
    condition     = contains(["fargate", "agent"], var.launcher)
    error_message = "fargate or agent."
  }
}

variable "spot" {
  description = "Run recorders on Fargate Spot where it has room. An interrupted recording goes on in the next task, with a gap where that takes longer than the origin's window."
  type        = bool
  default     = false
}

variable "ytdlp_update" {
  description = "Let a recorder fetch the newest yt-dlp when it starts."
  type        = bool
  default     = false
}

variable "live_chat" {
  description = "Record live chat too, into a .live_chat.json beside each recording."
  type        = bool
  default     = false
}

variable "proxy" {
  description = "Proxy of the recorders, of the look whether a video exists, and of the look at watched channels (http://host:port or socks5h://host:port). Empty: none."
  type        = string
  default     = ""
}

variable "egress_ports" {
  description = "TCP ports that recorders may connect to. A proxy may need another."
  type        = set(number)
  default     = [443]
}

variable "use_cookies" {
  description = "Create a secret for a cookies file and hand it to the recorders. Fill it after the apply, see docs/deploy.md."
  type        = bool
  default     = false
}

variable "recording_retention_days" {
  description = "Recordings older than this are deleted. 0, the default: never."
  type        = number
  default     = 0

  validation {
    condition     = var.recording_retention_days >= 0
    error_message = "0 (never) or a number of days."
  }
}

variable "log_retention_days" {
  description = "How long CloudWatch keeps the logs; one of the numbers that it knows."
  type        = number
  default     = 30
}

variable "alarm_email" {
  description = "Address that alarms are sent to, once it has confirmed. Empty: nobody."
  type        = string
  default     = ""
}

variable "deletion_protection" {
  description = "Refuse to delete the table of jobs, and a bucket or repository that holds anything."
  type        = bool
  default     = true
}

variable "manage_api_gateway_account" {
  description = "Let API Gateway write logs: one setting for the account and region. False where another stack has made it."
  type        = bool
  default     = true
}

variable "throttle" {
  description = "Requests a second that the API takes, and the burst above it."
  type        = object({ rate = number, burst = number })
  default     = { rate = 50, burst = 100 }
}

variable "vpc_cidr" {
  description = "Addresses of the network. Each recorder takes one: a /18 holds 12,000."
  type        = string
  default     = "10.20.0.0/18"
}
