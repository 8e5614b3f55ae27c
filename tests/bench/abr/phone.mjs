// One way of playing on one trace, in the namespace of one phone; a line of JSON at the end.
//   phone.mjs NUMBER WAY TRACE SECONDS
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { app, browse, HOST, song } from "../phone.mjs";
import { text, traces } from "./traces.mjs";

const { ABR_WORK: work, ABR_EDGE: edge, ABR_PHONE: phone } = process.env;
const [number, way, name, seconds] = process.argv.slice(2);

const file = `${work}/trace-${number}`;
writeFileSync(file, text(traces[name]));
const link = spawn(`${work}/link`, [phone, `${edge}/wire${number}`, file], { stdio: "inherit" });
process.once("exit", () => link.kill());
const server = await app(new URL("page", import.meta.url));
const browser = await browse(work, `10.77.${number}.1`);
const page = await browser.newPage();
const said = [];
page.on("pageerror", (error) => said.push(String(error)));
await page.goto(`http://localhost:${server.address().port}/page/index.html`);
await page.waitForFunction(() => globalThis.listen);
await pause(500);
link.kill("SIGUSR1");
const found = await page.evaluate((all) => listen(...all), [way, song(work), Number(seconds)]);
console.log(JSON.stringify({ trace: name, way, address: `10.77.${number}.2`, ...found, said, host: HOST }));
await browser.close();
server.close();
link.kill();
