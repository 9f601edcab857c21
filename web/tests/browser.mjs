// The command and a browser for the tests.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const root = fileURLToPath(new URL("../..", import.meta.url));
export const program = process.env.THALWEG ?? `${root}target/debug/thalweg`;

/** `thalweg view` with these arguments, and the address that it prints. */
export async function view(...args) {
  const child = spawn(program, ["view", "--no-open", "--quiet", ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout });
  const url = await new Promise((found, failed) => {
    lines.once("line", found);
    child.once("exit", (code) => failed(new Error(`thalweg view ended with ${code}`)));
    child.once("error", failed);
  });
  return { url, end: () => child.kill() };
}

export function browser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** A page that fails the test by any error, and by any request that leaves this machine. */
export async function page(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 860 }, ...options });
  const page = await context.newPage();
  const problems = [];
  page.on("pageerror", (error) => problems.push(`${error}`));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("request", (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (protocol !== "data:" && hostname !== "127.0.0.1") problems.push(request.url());
  });
  return { page, problems };
}

/** A number that the page shows under a term. */
export async function reading(page, term) {
  const text = await page.locator(`[data-reading="${term}"]`).first().textContent();
  return Number(text.replace("−", "-").replace(/[^-\d.].*$/, ""));
}

/** Waits until the page shows a number that holds. The page's own policy forbids scripts from outside, so it is asked from here. */
export async function until(page, term, holds) {
  for (const start = Date.now(); Date.now() - start < 240_000; ) {
    if ((await page.locator(`[data-reading="${term}"]`).count()) && holds(await reading(page, term))) return;
    await page.waitForTimeout(50);
  }
  throw new Error(`${term} is ${await reading(page, term)}, and ${holds} does not hold`);
}
