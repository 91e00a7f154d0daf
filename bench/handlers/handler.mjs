// A Lambda in JavaScript that has what ours needs: clients of DynamoDB and SQS, then events from the Runtime API.
import { createRequire } from "node:module";
import http from "node:http";

const require = createRequire(process.env.BENCH_NODE_MODULES);
const { DynamoDBClient } = require("@aws-sdk/client-dynamodb");
const { SQSClient } = require("@aws-sdk/client-sqs");

const table = new DynamoDBClient({ region: "eu-central-1" });
const queue = new SQSClient({ region: "eu-central-1" });
http.get(`http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation/next`);
