// Runs pages.js as CloudFront would, on requests like those that browsers send: node --test terraform/frontend/tests
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
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
  "/a/": "/a/index.html",
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

test("a deep link keeps its query, and all else", () => {
  const asked = viewerRequest("/job", { id: { value: "0190f3e2-1a2b-7000-8000-000000000000" } });
  const before = structuredClone(asked.request);
  assert.deepEqual(handler(asked), { ...before, uri: "/job.html" });
});
