// Leaves FILE.gz beside each exported text: `aircheck serve` sends that to who takes gzip, and need not compress by itself.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const out = fileURLToPath(new URL("../out", import.meta.url));
for (const name of readdirSync(out, { recursive: true })) {
  if (!/\.(html|js|css|svg|txt|json)$/.test(name)) continue;
  const text = readFileSync(join(out, name));
  const packed = gzipSync(text, { level: 9 });
  if (packed.length < 0.9 * text.length) writeFileSync(join(out, `${name}.gz`), packed);
}
