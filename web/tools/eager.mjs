// Marks what each page loads at first, so that V8 compiles all of it while it arrives, on a thread of its own. Otherwise it compiles
// each function when that is called first, on the page's thread, which is busy enough then. See v8.dev/blog/explicit-compile-hints.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const HINT = "//# allFunctionsCalledOnLoad\n";
const out = fileURLToPath(new URL("../out", import.meta.url));
const files = new Set();
for (const page of readdirSync(out).filter((name) => name.endsWith(".html"))) {
  const html = readFileSync(join(out, page), "utf8");
  for (const [, file] of html.matchAll(/<link\b[^>]*\bas="script"[^>]*\bhref="([^"?]+)/g)) files.add(file);
}
if (files.size === 0) throw new Error("no page preloads a script");
for (const file of files) {
  const script = readFileSync(join(out, file), "utf8");
  if (!script.startsWith(HINT)) writeFileSync(join(out, file), HINT + script);
}
