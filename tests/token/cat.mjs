// Another implementation of Common Access Tokens, npm @eyevinn/cat, asked by a test: one JSON array of jobs on stdin,
// one JSON array of answers on stdout.
//
// { "generate": { claims by name }, "kid", "secret" (hexadecimal) }              → { "token" } or { "error" }
// { "validate": "token", "kid", "secret", "issuer"?, "audience"?, "url", "ip"? } → { "claims", "error"? } or { "error" }
import { text } from "node:stream/consumers";
import cat from "@eyevinn/cat";

async function answer({ generate, validate, kid, secret, issuer, audience, url, ip }) {
  const other = new cat.CAT({ keys: { [kid]: Buffer.from(secret, "hex") }, expectCwtTag: true });
  if (generate) return { token: await other.generateFromJson(generate, { type: "mac", alg: "HS256", kid }) };
  const result = await other.validate(validate, "mac", { kid, issuer, audience, url: new URL(url), ip });
  return { claims: result.cat?.claims, error: result.error?.message };
}

const jobs = JSON.parse(await text(process.stdin));
const answers = [];
for (const job of jobs)
  answers.push(await answer(job).catch((error) => ({ error: String(error.message ?? error) })));
const plain = (_, value) => (typeof value === "bigint" ? String(value) : value);
process.stdout.write(JSON.stringify(answers, plain));
