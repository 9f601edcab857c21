// Models of a table and of images, in a real browser.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { browser as launch, page as open, program, view } from "./browser.mjs";

const shots = process.env.SHOTS;
/** Steps of the fits: few for a test, more for a picture that is worth looking at. */
const steps = process.env.STEPS ?? "30";
const small = process.env.STEPS ? [] : ["--depth", "1", "--hidden", "8"];
let browser, folder;

before(async () => {
  if (shots) mkdirSync(shots, { recursive: true });
  folder = mkdtempSync(join(tmpdir(), "thalweg-view-"));
  browser = await launch();
});

after(async () => {
  await browser?.close();
  if (folder) rmSync(folder, { recursive: true });
});

function fit(data, ...options) {
  const model = join(folder, "model.safetensors");
  execFileSync(program, ["fit", data, "-o", model, "--force", "--quiet", "--steps", steps, ...options], { stdio: "inherit" });
  return model;
}

/** What a canvas shows, as a text that two pictures share only if they are the same. */
const picture = (page, canvas) => page.evaluate((canvas) => document.querySelector(canvas).toDataURL(), canvas);

/** Waits until a canvas shows something else. */
const changed = (page, canvas, before) =>
  page.waitForFunction(([canvas, before]) => document.querySelector(canvas).toDataURL() !== before, [canvas, before], {
    timeout: 120_000,
  });

test("rows of a table and of its model, and slices through them", async () => {
  const model = fit("@penguins", "--members", "1", "--missing", "skip");
  const served = await view(model, "--data", "@penguins");
  try {
    const { page, problems } = await open(browser);
    await page.goto(served.url);
    const slice = () => page.locator('[data-reading="highest log-density"]').textContent();
    const sliced = () =>
      page.waitForFunction(() => (document.querySelector('[data-reading="highest log-density"]')?.textContent ?? "–") !== "–", null, {
        timeout: 120_000,
      });
    await sliced();
    assert.match(await page.locator('[data-reading="row"]').textContent(), /^1 of \d+, data$/);
    if (shots) await page.screenshot({ path: `${shots}/table.png` });

    const first = await slice();
    await page.getByRole("button", { name: "Next row" }).click();
    await page.waitForFunction((first) => !["–", first].includes(document.querySelector('[data-reading="highest log-density"]').textContent), first, {
      timeout: 120_000,
    });
    const pair = await picture(page, "#pair");
    await page.getByLabel("up").selectOption({ index: 3 });
    await changed(page, "#pair", pair);
    const pairs = await picture(page, "#pairs");
    await page.locator("#pair").press("r");
    await changed(page, "#pairs", pairs);
    assert.deepEqual(problems, []);
    await page.context().close();
  } finally {
    served.end();
  }
});

test("a walk through the latents of images", async () => {
  const served = await view(fit("@digits", ...small), "--data", "@digits");
  try {
    const { page, problems } = await open(browser, { colorScheme: "dark" });
    await page.goto(served.url);
    await page.waitForFunction(() => document.querySelector("#latents")?.dataset.frames && document.querySelector("#way").height < 100, null, {
      timeout: 120_000,
    });
    const [walk, way] = [await picture(page, "#latents"), await picture(page, "#way")];
    await page.locator("#latents").press("Shift+ArrowRight");
    await changed(page, "#latents", walk);
    await page.getByRole("slider", { name: "from", exact: true }).fill("7");
    await changed(page, "#way", way);
    const draws = await picture(page, "#draws");
    await page.getByLabel("temperature").last().fill("0.5");
    await changed(page, "#draws", draws);
    if (shots) await page.screenshot({ path: `${shots}/images.png` });
    assert.deepEqual(problems, []);
    await page.context().close();
  } finally {
    served.end();
  }
});
