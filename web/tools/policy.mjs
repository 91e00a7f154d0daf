// Writes out/content-security-policy.txt: the policy for hosts that send one for all pages, such as CloudFront. Scripts run
// from the dashboard's own files, and where they stand in a page by their SHA-256. `aircheck serve` sends the same, but only with the
// hashes of the page at hand (src/server/web_files.cpp).
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import env from "@next/env";

const web = fileURLToPath(new URL("..", import.meta.url));
const out = join(web, "out");
env.loadEnvConfig(web, false, { info() {}, error: console.error });

const api = process.env.NEXT_PUBLIC_API_URL ?? "";
const host = /^https?:/.test(api) ? ` ${new URL(api).origin}` : "";

const hashes = new Set();
for (const page of readdirSync(out).filter((name) => name.endsWith(".html"))) {
  const html = readFileSync(join(out, page), "utf8");
  if (/<style|\sstyle="|\son[a-z]+="/.test(html)) throw new Error(`${page} holds what the policy refuses`);
  for (const [, script] of html.matchAll(/<script\b[^>]*>(.*?)<\/script/gs))
    if (script) hashes.add(`'sha256-${createHash("sha256").update(script).digest("base64")}'`);
}

const policy = [
  "default-src 'none'",
  ["script-src 'self'", ...[...hashes].sort()].join(" "),
  "style-src 'self'",
  "img-src 'self' data:",
  `media-src 'self' blob:${host}`,
  "font-src 'self'",
  `connect-src 'self'${host}`,
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");
writeFileSync(join(out, "content-security-policy.txt"), `${policy}\n`);
