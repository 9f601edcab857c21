// The page in a real browser, from end to end.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { browser as launch, page as open, reading, until, view } from "./browser.mjs";

const shots = process.env.SHOTS;
let browser, served;

before(async () => {
  if (shots) mkdirSync(shots, { recursive: true });
  [browser, served] = await Promise.all([launch(), view("@two_moons")]);
});

after(async () => {
  await browser?.close();
  served?.end();
});

/** A picture for a reader, where `SHOTS` names a folder. */
async function shoot(page, name) {
  if (shots) await page.screenshot({ path: `${shots}/${name}.png` });
}

test("a flow learns while the page looks on", async () => {
  const { page, problems } = await open(browser);
  await page.goto(served.url);
  await until(page, "step", (x) => x > 0);
  await until(page, "step", (x) => x > 400);
  // The flow begins at a normal density, which has −2.3 nats.
  const nats = await reading(page, "held-out nats");
  assert.ok(nats > -1.4, `${nats} nats`);

  const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
  console.log(`first paint after ${Math.round(paint)} ms`);
  const frames = () => page.evaluate(() => Number(document.querySelector("#toy").dataset.frames));
  const [before, step, start] = [await frames(), await reading(page, "step"), Date.now()];
  await page.waitForTimeout(5000);
  const seconds = (Date.now() - start) / 1000;
  const [drawn, steps] = [(await frames()) - before, (await reading(page, "step")) - step];
  console.log(`${(drawn / seconds).toFixed(1)} frames of 128 x 128 and ${(steps / seconds).toFixed(0)} training steps a second`);
  assert.ok(drawn > 0 && steps > 0);
  await shoot(page, "training");
  assert.deepEqual(problems, []);
  await page.context().close();
});

test("the point follows the mouse, a finger and the keys", async () => {
  const { page, problems } = await open(browser, { hasTouch: true });
  await page.goto(served.url);
  await until(page, "step", (x) => x > 0);
  const canvas = page.locator("#toy");
  const box = await canvas.boundingBox();
  const at = (x, y) => [box.x + x * box.width, box.y + y * box.height];
  const place = () => page.locator('[data-reading="x, y"]').textContent();
  const moved = (from) => page.waitForFunction((from) => document.querySelector('[data-reading="x, y"]').textContent !== from, from);

  let last = await place();
  await page.mouse.click(...at(0.95, 0.05));
  await moved(last);
  const [nats, p] = [await reading(page, "log-density"), await reading(page, "p-value")];
  assert.ok(p < 0.05 && nats < -3, `a corner of the picture has ${nats} nats and p = ${p}`);

  last = await place();
  await page.touchscreen.tap(...at(0.3, 0.2));
  await moved(last);

  for (const key of ["ArrowLeft", "Shift+ArrowDown"]) {
    last = await place();
    await canvas.press(key);
    await moved(last);
  }
  const [x, y] = (await place()).replaceAll("−", "-").split(", ").map(Number);
  assert.ok(Math.abs(x - (-1.6 + 4.2 * 0.29)) < 0.05 && Math.abs(y - (1.6 - 2.7 * 0.25)) < 0.05, `${x}, ${y}`);
  assert.deepEqual(problems, []);
  await page.context().close();
});

test("a training pauses and begins again with another choice", async () => {
  const { page, problems } = await open(browser, { colorScheme: "dark" });
  await page.goto(served.url);
  await until(page, "step", (x) => x > 0);
  await page.locator("body").press("Space");
  await page.getByRole("button", { name: "Play" }).waitFor();
  await page.getByLabel("true density").check();
  await page.getByLabel("ways of draws").check();
  await page.getByLabel("points").selectOption("pinwheel");
  await page.getByLabel("couplings").selectOption("affine");
  await page.waitForFunction(() => document.querySelector("#toy").title === "pinwheel");
  await page.getByLabel("true density").uncheck();
  await until(page, "step", (x) => x > 300);
  await shoot(page, "ways");
  await page.getByLabel("from latent to data").fill("0.4");
  await page.waitForTimeout(500);
  await shoot(page, "between");

  // A page that is opened later shows the training that runs.
  await page.reload();
  await page.waitForFunction(() => document.querySelector("#toy")?.title === "pinwheel");
  assert.equal(await page.getByLabel("couplings").inputValue(), "affine");
  assert.deepEqual(problems, []);
  await page.context().close();
});

test("the methods race", async () => {
  const { page, problems } = await open(browser);
  await page.goto(`${served.url}#descent-race`);
  await page.getByLabel("momentum").waitFor();
  const height = (method) => page.locator(`[data-height="${method}"]`).textContent();
  await page.waitForFunction(() => document.querySelector("#race + .side button").textContent === "Again", null, { timeout: 120_000 });
  assert.ok(Number(await height("momentum")) < 1, await height("momentum"));
  assert.equal(await height("RK4"), "–");
  await page.getByLabel("RK4").check();
  await page.waitForFunction(() => document.querySelector('[data-height="RK4"]').textContent !== "–");
  await page.waitForTimeout(3000);
  await shoot(page, "race");
  assert.deepEqual(problems, []);
  await page.context().close();
});

test("a small page has everything below one another", async () => {
  const { page, problems } = await open(browser, { viewport: { width: 390, height: 844 }, hasTouch: true });
  await page.goto(served.url);
  await until(page, "step", (x) => x > 0);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 390, `${wide} pixels`);
  await shoot(page, "small");
  assert.deepEqual(problems, []);
  await page.context().close();
});

test("the address without its token is refused", async () => {
  const { page } = await open(browser);
  const reply = await page.goto(new URL("/", served.url).href);
  assert.equal(reply.status(), 403);
  await page.context().close();
});
