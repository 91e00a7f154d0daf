// Holds the rights of each role against tests/iam/needed.json; see rights.mjs for how.
//
//   terraform -chdir=terraform/backend test -json -verbose -filter=tests/iam.tftest.hcl … | node tests/iam/check.mjs
//   node tests/iam/check.mjs --self-test    shows that each kind of wrong is found
import { readFileSync } from "node:fs";
import { check, resourcesOf } from "./rights.mjs";
import { selfTest } from "./samples.mjs";

const readJson = (name) => JSON.parse(readFileSync(new URL(name, import.meta.url)));

async function main() {
  const lines = readFileSync(0, "utf8").split("\n");
  const messages = lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
  const states = messages.map(({ test_state }) => test_state?.root_module).filter(Boolean);
  const wanted = readJson("needed.json");
  const { asked, actions, wrong } = await check(states.flatMap(resourcesOf), wanted);
  for (const line of wrong) console.log(line);
  console.log(`${actions} actions, ${Object.keys(wanted.things).length} things, ${asked} questions, ${wrong.length} wrong answers`);
  return wrong.length === 0 && asked > 0;
}

process.exit((await (process.argv[2] === "--self-test" ? selfTest() : main())) ? 0 : 1);
