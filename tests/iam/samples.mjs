// Shows that the check can fail: each sample adds one wrong to an account that is right.
import { check } from "./rights.mjs";

const QUEUE = "arn:aws:sqs:us-east-1:123456789012:jobs";
const MANAGED = "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs";
const ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess";
const WANTED = {
  things: {
    "the queue": { service: "sqs", arn: QUEUE },
    "another queue": { service: "sqs", arn: "arn:aws:sqs:us-east-1:123456789012:accounting" },
    "a role, for a task": {
      service: "iam",
      arn: "arn:aws:iam::123456789012:role/task",
      context: { "iam:PassedToService": "ecs-tasks.amazonaws.com" },
    },
  },
  needed: { sender: { "sqs:SendMessage": ["the queue"] } },
  attached: { api_logs: { [MANAGED]: "the account's setting asks for it" } },
};

const role = (name, values = {}) => ({ type: "aws_iam_role", name, values: { id: `id-${name}`, name: `a-${name}`, ...values } });
const policy = (...statements) => JSON.stringify({ Version: "2012-10-17", Statement: statements });
const allow = (action, more = {}) => ({ Effect: "Allow", Action: action, Resource: "*", ...more });
const own = (of, ...statements) => ({
  type: "aws_iam_role_policy",
  name: "own",
  index: of,
  values: { role: `id-${of}`, policy: policy(...statements) },
});
const attach = (of, arn) => ({ type: "aws_iam_role_policy_attachment", name: "a", values: { role: `a-${of}`, policy_arn: arn } });

const SENDER = own("sender", allow(["sqs:SendMessage"], { Resource: [QUEUE] }));
const RIGHT = [role("sender"), SENDER, role("api_logs"), attach("api_logs", MANAGED)];

// [what, the account's resources, what must be found; nothing else may be]
const SAMPLES = [
  ["all is well", RIGHT, []],
  ["an attached policy", [...RIGHT, attach("sender", ADMINISTRATOR)], ["sender: arn:aws:iam::aws:policy/AdministratorAccess"]],
  ["one more, where one is listed", [...RIGHT, attach("api_logs", ADMINISTRATOR)], ["api_logs: arn:aws:iam::aws:policy/Adm"]],
  ["attached to nobody known", [...RIGHT, attach("x", ADMINISTRATOR)], ["aws_iam_role_policy_attachment.a for an unknown role"]],
  ["attached by the role itself", [role("x", { managed_policy_arns: [ADMINISTRATOR] }), ...RIGHT], ["x: arn", "x: only in Terraform"]],
  ["a listed one is gone", RIGHT.slice(0, 3), ["api_logs: arn:aws:iam::aws:policy/service-role"]],
  ["another role", [...RIGHT, role("other")], ["other: only in Terraform"]],
  ["a user's policy", [...RIGHT, { type: "aws_iam_user_policy", name: "u", values: {} }], ["aws_iam_user_policy.u: this check does"]],
  ["a service without things", [...RIGHT, own("sender", allow("ec2:TerminateInstances"))], ["sender: ec2:TerminateInstances is allowed"]],
  ["a kind of resource without things", [...RIGHT, own("sender", allow("iam:CreateUser"))], ["sender: iam:CreateUser is allowed"]],
  ["all but a few", [...RIGHT, own("sender", { Effect: "Allow", NotAction: ["sqs:*", "iam:*"], Resource: "*" })], ["sender: NotAction"]],
  ["a second policy", [...RIGHT, own("sender", allow("sqs:DeleteQueue", { Resource: QUEUE }))], ["sender: sqs:DeleteQueue is", "sender: sqs:DeleteQueue on the queue"]],
  ["too wide a resource", [...RIGHT, own("sender", allow("sqs:SendMessage"))], ["sender: sqs:SendMessage on another queue is allowed"]],
  ["something missing", [role("sender"), ...RIGHT.slice(2)], ["sender: sqs:SendMessage on the queue is refused"]],
  ["a role that is gone", RIGHT.slice(2), ["sender: only in needed.json", "sender: sqs:SendMessage on the queue is refused"]],
];

// Whether every sample is judged rightly.
export async function selfTest() {
  let right = 0;
  for (const [what, resources, expected] of SAMPLES) {
    const { wrong } = await check(resources, WANTED);
    const found = expected.every((begin) => wrong.filter((line) => line.startsWith(begin)).length === 1);
    if (found && wrong.length === expected.length) right += 1;
    else console.log(`self-test: ${what}: found ${JSON.stringify(wrong)}, expected ${JSON.stringify(expected)}`);
  }
  const wide = own("sender", allow("*"));
  const { wrong } = await check([...RIGHT, wide], WANTED);
  if (wrong.includes("sender: * is allowed, and not in needed.json") && wrong.length > 20) right += 1;
  else console.log(`self-test: a star for everything: found ${JSON.stringify(wrong)}`);
  console.log(`self-test: ${right} of ${SAMPLES.length + 1} samples judged rightly`);
  return right === SAMPLES.length + 1;
}
