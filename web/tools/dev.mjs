// `next dev`, with the API of a running `aircheck serve` (AIRCHECK_SERVER, by default that of ./run) under /api as in production.
// The server refuses pages of other origins, and this one's is :3000: what stands in between says nothing of it.
import { spawn } from "node:child_process";
import { createServer, request } from "node:http";
import { fileURLToPath } from "node:url";

const server = new URL(process.env.AIRCHECK_SERVER ?? "http://127.0.0.1:8470");

const between = createServer((asked, reply) => {
  const { origin, "sec-fetch-site": site, ...headers } = asked.headers;
  const { method, url: path } = asked;
  const passed = request(server, { method, path, headers: { ...headers, host: server.host } }, (answer) => {
    reply.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(reply);
  });
  passed.on("error", () => reply.headersSent || reply.writeHead(502).end());
  reply.on("close", () => passed.destroy());
  asked.pipe(passed);
});

between.listen(0, "127.0.0.1", () => {
  const address = `http://127.0.0.1:${between.address().port}`;
  const next = spawn(
    process.execPath,
    [
      fileURLToPath(new URL("../node_modules/next/dist/bin/next", import.meta.url)),
      "dev",
      ...process.argv.slice(2),
    ],
    { stdio: "inherit", env: { ...process.env, AIRCHECK_SERVER: address } },
  );
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => next.kill(signal));
  next.on("exit", (code) => process.exit(code ?? 1));
});
