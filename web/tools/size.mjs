// First-load JavaScript of each exported page, gzipped; fails above the budget.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const BUDGET = 165_000; // bytes; an empty page of Next is 114 kB
const out = fileURLToPath(new URL("../out", import.meta.url));
const pages = readdirSync(out).filter((name) => name.endsWith(".html"));
if (pages.length === 0) throw new Error(`there is no page in ${out}; run the build first`);

let failed = false;
for (const page of pages) {
  const html = readFileSync(join(out, page), "utf8");
  // `nomodule` scripts are for browsers of before 2018; those that run the dashboard never load them.
  // What is preloaded as a script runs after the first paint (pages/_document.tsx).
  const tags = [
    ...html.matchAll(/<script\b[^>]*\bsrc="([^"]+)"[^>]*>/g),
    ...html.matchAll(/<link\b[^>]*\bas="script"[^>]*\bhref="([^"]+)"[^>]*>/g),
  ].filter(([tag]) => !/nomodule/i.test(tag));
  const files = new Set(tags.map(([, source]) => source.split("?")[0]));
  if (files.size === 0) throw new Error(`${page} loads no script`);
  const bytes = [...files].reduce(
    (sum, file) => sum + gzipSync(readFileSync(join(out, file)), { level: 9 }).length,
    0,
  );
  const over = bytes > BUDGET;
  failed ||= over;
  console.log(
    `${page}: ${(bytes / 1000).toFixed(1)} kB in ${files.size} files${over ? `, more than ${BUDGET / 1000} kB` : ""}`,
  );
}
process.exit(failed ? 1 : 0);
