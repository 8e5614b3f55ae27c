// The load: so many GETs over connections that are kept, so many at once, each body read to its end.
import { Agent, get } from "node:http";

export function once(agent, url, headers) {
  return new Promise((resolve, reject) => {
    get(url, { agent, headers }, (response) => {
      const body = [];
      response.on("data", (bytes) => body.push(bytes));
      response.on("end", () =>
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(body) }),
      );
      response.on("error", reject);
    }).on("error", reject);
  });
}

export const agent = (connections) => new Agent({ keepAlive: true, maxSockets: connections });

// Sends `count` requests. Each must be answered 200 with so many bytes.
export async function load(agent, url, headers, count, bytes) {
  let left = count;
  const one = async () => {
    while (left-- > 0) {
      const { status, body } = await once(agent, url, headers);
      if (status !== 200 || body.length !== bytes) throw new Error(`${url}: ${status}, ${body.length} bytes`);
    }
  };
  await Promise.all(Array.from({ length: agent.maxSockets }, one));
}

export const median = (values) => {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
};
