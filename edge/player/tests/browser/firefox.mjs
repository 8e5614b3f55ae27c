// Firefox by WebDriver BiDi: pages in which functions are evaluated, each with storage of its own.
import { createRequire } from "node:module";

const { launch } = createRequire(new URL("../../../../tests/package.json", import.meta.url))(
  "puppeteer-core",
);

export const PROGRAM = process.env.FIREFOX ?? "/usr/bin/firefox-esr";

/** Firefox with sound to nobody, as `environment` says. */
export async function firefox(environment) {
  const browser = await launch({
    browser: "firefox",
    executablePath: PROGRAM,
    headless: true,
    extraPrefsFirefox: { "media.autoplay.default": 0, "media.autoplay.blocking_policy": 0 },
    env: { ...process.env, ...environment },
  });
  return {
    version: await browser.version(),
    close: () => browser.close(),
    async page(url) {
      const context = await browser.createBrowserContext();
      const page = await context.newPage();
      await page.goto(url);
      return {
        evaluate: (body, given) => page.evaluate(body, given),
        close: () => context.close(),
      };
    },
  };
}
