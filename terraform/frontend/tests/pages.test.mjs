// Runs pages.js as CloudFront would, on requests like those that browsers send: node --test terraform/frontend/tests/*.test.mjs
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { runInNewContext } from "node:vm";

const source = readFileSync(new URL("../pages.js", import.meta.url), "utf8");
const handler = runInNewContext(`${source}; handler`);

// The viewer-request event of CloudFront Functions, version 1.0.
function viewerRequest(uri, querystring = {}) {
  const request = { method: "GET", uri, querystring, headers: { host: { value: "d1.cloudfront.net" } }, cookies: {} };
  return { version: "1.0", context: { eventType: "viewer-request" }, viewer: { ip: "198.51.100.11" }, request };
}

const URIS = {
  "/": "/index.html",
  "/job": "/job.html",
  "/watches": "/watches.html",
  "/a/b": "/a/b.html",
  "/a.b/c": "/a.b/c.html",
  "//": "/index.html",
  "/job/": "/job.html",
  "/job//": "/job.html",
  "/a/b/": "/a/b.html",
  "/icon.svg/": "/icon.svg",
  "/index.html": "/index.html",
  "/404.html": "/404.html",
  "/icon.svg": "/icon.svg",
  "/_next/static/chunks/main-0123.js": "/_next/static/chunks/main-0123.js",
  "/_next/static/media/font.woff2": "/_next/static/media/font.woff2",
};

for (const [uri, file] of Object.entries(URIS)) {
  test(`${uri} is ${file}`, () => {
    assert.equal(handler(viewerRequest(uri)).uri, file);
  });
}

for (const uri of ["/job", "/job/"])
  test(`a deep link to ${uri} keeps its query, and all else`, () => {
    const asked = viewerRequest(uri, { id: { value: "0190f3e2-1a2b-7000-8000-000000000000" } });
    const before = structuredClone(asked.request);
    assert.deepEqual(handler(asked), { ...before, uri: "/job.html" });
  });

// Whatever the export holds must be found under its page's address, with a slash at the end or without.
const exported = new URL("../../../web/out/", import.meta.url);
test("every page of the export", { skip: !existsSync(exported) && "there is no web/out; util/build-web.sh makes it" }, () => {
  const pages = readdirSync(exported, { recursive: true }).filter((name) => name.endsWith(".html"));
  assert.ok(pages.includes("index.html"));
  for (const page of pages) {
    const path = page === "index.html" ? "" : `/${page.replace(/\.html$/, "")}`;
    for (const uri of [path || "/", `${path}/`]) assert.equal(handler(viewerRequest(uri)).uri, `/${page}`);
  }
});
