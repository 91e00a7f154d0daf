# The routes come from the contract. Schemas stay behind: the function itself validates, and its answers say what is wrong.

locals {
  contract = yamldecode(file("${path.module}/../../api/openapi.yaml"))
  methods  = ["get", "post", "delete", "head", "put", "patch"]

  integration = {
    type                 = "aws_proxy"
    httpMethod           = "POST"
    payloadFormatVersion = "1.0"
    uri                  = aws_lambda_function.this["dispatch_to_ecs"].invoke_arn
  }

  cors = var.dashboard_origin == "" ? {} : {
    "Access-Control-Allow-Origin"  = "'${var.dashboard_origin}'"
    "Access-Control-Allow-Methods" = "'GET,HEAD,POST,DELETE'"
    "Access-Control-Allow-Headers" = "'Authorization,Content-Type,Idempotency-Key,If-None-Match,Range'"
    "Access-Control-Max-Age"       = "'600'"
    "Vary"                         = "'Origin'"
  }

  preflight = {
    responses = { "204" = {
      description = "What the dashboard may send"
      headers     = { for header, _ in local.cors : header => { schema = { type = "string" } } }
    } }
    "x-amazon-apigateway-integration" = {
      type             = "mock"
      requestTemplates = { "application/json" = "{\"statusCode\": 204}" }
      responses = { default = {
        statusCode         = "204"
        responseParameters = { for header, value in local.cors : "method.response.header.${header}" => value }
      } }
    }
  }

  path_parameters = { for path, _ in local.contract.paths : path => [
    for name in regexall("\\{([a-z_]+)\\}", path) : { name = name[0], in = "path", required = true, schema = { type = "string" } }
  ] }

  routes = { for path, item in local.contract.paths : path => merge(
    { for method, operation in item : method => {
      operationId                       = operation.operationId
      parameters                        = local.path_parameters[path]
      responses                         = { "200" = { description = "See api/openapi.yaml" } }
      "x-amazon-apigateway-integration" = local.integration
    } if contains(local.methods, method) },
    { options = merge(local.preflight, { parameters = local.path_parameters[path] }) }
  ) }

  api_body = jsonencode({
    openapi = "3.0.1"
    info    = { title = var.name, version = local.contract.info.version }
    paths   = local.routes
  })
}

resource "aws_api_gateway_rest_api" "this" {
  name = var.name
  body = local.api_body

  endpoint_configuration {
    types = ["REGIONAL"]
  }

  lifecycle {
    create_before_destroy = true
  }
}

# What the gateway itself refuses must be readable by the dashboard too.
resource "aws_api_gateway_gateway_response" "readable" {
  for_each = var.dashboard_origin == "" ? toset([]) : toset(["DEFAULT_4XX", "DEFAULT_5XX"])

  rest_api_id         = aws_api_gateway_rest_api.this.id
  response_type       = each.key
  response_parameters = { "gatewayresponse.header.Access-Control-Allow-Origin" = local.cors["Access-Control-Allow-Origin"] }
}

resource "aws_api_gateway_deployment" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  triggers    = { routes = sha256(local.api_body), origin = var.dashboard_origin }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [aws_api_gateway_gateway_response.readable]
}

resource "aws_cloudwatch_log_group" "api" {
  name              = "/${var.name}/api"
  retention_in_days = var.log_retention_days
}

resource "aws_api_gateway_account" "this" {
  count = var.manage_api_gateway_account ? 1 : 0

  cloudwatch_role_arn = aws_iam_role.api_logs[0].arn

  depends_on = [aws_iam_role_policy_attachment.api_logs]
}

resource "aws_api_gateway_stage" "prod" {
  rest_api_id   = aws_api_gateway_rest_api.this.id
  deployment_id = aws_api_gateway_deployment.this.id
  stage_name    = "prod"

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.api.arn
    # No headers and no query: a token never gets into a log.
    format = jsonencode({
      time    = "$context.requestTime"
      request = "$context.requestId"
      ip      = "$context.identity.sourceIp"
      method  = "$context.httpMethod"
      path    = "$context.resourcePath"
      status  = "$context.status"
      ms      = "$context.responseLatency"
      error   = "$context.error.message"
    })
  }

  depends_on = [aws_api_gateway_account.this]
}

resource "aws_api_gateway_method_settings" "all" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  stage_name  = aws_api_gateway_stage.prod.stage_name
  method_path = "*/*"

  settings {
    throttling_rate_limit  = var.throttle.rate
    throttling_burst_limit = var.throttle.burst
    metrics_enabled        = true
    logging_level          = "ERROR"
    data_trace_enabled     = false
  }
}

resource "aws_lambda_permission" "api" {
  statement_id  = "api"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this["dispatch_to_ecs"].function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.this.execution_arn}/prod/*"
}
