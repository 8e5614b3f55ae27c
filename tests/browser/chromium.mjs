// Chromium as the tests use it: headless, silent on the network, sound without a gesture.
import { chromium } from "playwright-core";

const args = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--autoplay-policy=no-user-gesture-required",
];

/** Runs `body` with a page of its own and closes the browser whatever happens. */
export async function withPage(body, viewport = { width: 390, height: 844 }) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args,
  });
  try {
    const page = await browser.newPage({ viewport });
    const errors = [];
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    page.on("pageerror", (error) => errors.push(String(error)));
    return await body(page, errors);
  } finally {
    await browser.close();
  }
}

/** Reads the one line of JSON that a test passes on standard input. */
export async function input() {
  let text = "";
  for await (const chunk of process.stdin) text += chunk;
  return JSON.parse(text);
}

/** Answers with one line of JSON. */
export function output(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
