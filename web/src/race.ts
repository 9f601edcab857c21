// The optimizers as integrators, racing down a landscape: as many gradients for each.

import { named, onScheme, series } from "./colours";
import { button, element, range, select } from "./controls";
import type { About, Landscape, Numbers, Point, Race, Relief } from "./numbers";
import { Plane } from "./plane";
import type { View } from "./views";

const SIDE = 192;
const GRADIENTS = 800;
/** Seconds of a whole race on the screen. */
const SECONDS = 8;
/** Who races at first; the others are one click away. */
const FIRST = ["gradient descent", "Chebyshev", "proximal", "momentum", "Adam"];

interface Racer {
  name: string;
  colour: string;
  racing: boolean;
  race: Race | null;
  gradients: HTMLElement;
  height: HTMLElement;
}

export class RaceView implements View {
  readonly title = "Descent race";
  readonly root: HTMLElement;

  private readonly plane: Plane;
  private readonly racers: Racer[];
  private readonly start_button = button("Pause", () => this.press());
  private landscape: Landscape;
  private relief: Relief | null = null;
  private start: Point;
  private scale = 1;
  private used = 0;
  private running = true;
  private shown = false;
  private then = 0;
  /** Counts what was asked for, so that replies to older questions are dropped. */
  private asked = 0;

  constructor(private readonly numbers: Numbers, about: About) {
    this.landscape = about.landscapes[0]!;
    this.start = this.landscape.start;
    this.plane = new Plane("Landscape. Arrow keys move the start, with Shift in larger steps.", this.landscape.bounds);
    this.plane.canvas.id = "race";
    this.plane.onPoint(
      () => this.start,
      (point) => {
        this.start = point;
        void this.run();
      },
    );
    onScheme(() => this.plane.recolour());
    this.racers = about.methods.map(({ name }, index) => ({
      name,
      colour: series(index),
      racing: FIRST.includes(name),
      race: null,
      gradients: element("td", {}, "–"),
      height: element("td", { "data-height": name }, "–"),
    }));
    this.root = element("section", { class: "view" }, this.plane.canvas, this.side(about));
  }

  show(): void {
    this.shown = true;
    if (!this.relief) void this.enter(this.landscape);
    this.then = performance.now();
    requestAnimationFrame((now) => this.turn(now));
  }

  hide(): void {
    this.shown = false;
  }

  key(key: string): boolean {
    if (key === " ") this.press();
    else if (key === "r") this.again();
    else return false;
    return true;
  }

  private side(about: About): HTMLElement {
    const names = about.landscapes.map((landscape) => landscape.name);
    const pick = (name: string) => void this.enter(about.landscapes.find((landscape) => landscape.name === name)!);
    const step = range("step size", [-2, 2, 0.25], 0, (power) => {
      this.scale = 10 ** power;
      void this.run();
    });
    const rows = this.racers.map((racer, index) => {
      const box = element("input", { type: "checkbox", name: racer.name });
      box.checked = racer.racing;
      box.addEventListener("change", () => {
        racer.racing = box.checked;
        void this.run();
      });
      const swatch = element("span", { class: "swatch" });
      swatch.style.background = racer.colour;
      const { integrator } = about.methods[index]!;
      const label = element("label", { class: "check", title: integrator }, box, swatch, racer.name);
      return element("tr", {}, element("th", { scope: "row" }, label), racer.gradients, racer.height);
    });
    const heads = ["method", "gradients", "height"].map((word) => element("th", { scope: "col" }, word));
    return element(
      "div",
      { class: "side" },
      element("fieldset", {}, element("legend", {}, "Race"),
        select("landscape", names, this.landscape.name, pick),
        step,
        element("div", { class: "buttons" }, this.start_button, button("Again", () => this.again())),
        element("table", {}, element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...rows)),
        element("p", { class: "hint" },
          "Each method moves by the gradients that it has computed, not by steps: a step of RK4 costs four. " +
            "Click, or focus the picture and press the arrow keys, to choose the start.",
        ),
      ),
    );
  }

  private async enter(landscape: Landscape): Promise<void> {
    this.landscape = landscape;
    this.start = landscape.start;
    this.plane.bounds = landscape.bounds;
    this.relief = await this.numbers.relief(landscape.name, SIDE);
    await this.run();
  }

  /** Asks for the paths, and begins to show them. */
  private async run(): Promise<void> {
    const asked = ++this.asked;
    const { landscape, start, scale } = this;
    const racing = this.racers.filter((racer) => racer.racing);
    const races = racing.map(({ name: method }) =>
      this.numbers.race({ landscape: landscape.name, method, start, scale, gradients: GRADIENTS }),
    );
    const done = await Promise.all(races);
    if (asked !== this.asked) return;
    for (const racer of this.racers) racer.race = done[racing.indexOf(racer)] ?? null;
    this.again();
  }

  private again(): void {
    this.used = 0;
    this.running = true;
  }

  private press(): void {
    if (this.used >= GRADIENTS) this.again();
    else this.running = !this.running;
  }

  private turn(now: number): void {
    if (!this.shown) return;
    if (this.running) this.used = Math.min(GRADIENTS, this.used + (GRADIENTS / SECONDS) * ((now - this.then) / 1000));
    if (this.used >= GRADIENTS) this.running = false;
    this.then = now;
    this.draw();
    requestAnimationFrame((next) => this.turn(next));
  }

  private draw(): void {
    const { plane, relief } = this;
    plane.clear();
    if (relief) {
      // Logarithms from just below the lowest cell: heights span orders of magnitude.
      const heights = relief.heights;
      const least = heights.reduce((least, height) => Math.min(least, height), Infinity);
      const most = heights.reduce((most, height) => Math.max(most, height), -Infinity);
      const scale = Math.log1p(most - least);
      plane.heat(relief.side, (index) => 0.75 * (1 - Math.log1p(heights[index]! - least) / scale));
    }
    for (const place of this.landscape.lowest) plane.mark(place, named("--text"), 4);
    for (const racer of this.racers) this.racer(racer);
    plane.mark(this.start);
    this.start_button.textContent = this.used >= GRADIENTS ? "Again" : this.running ? "Pause" : "Go on";
  }

  private racer({ race, colour, gradients, height }: Racer): void {
    if (!race) {
      gradients.textContent = height.textContent = "–";
      return;
    }
    // The last place that the gradients so far pay for.
    let last = race.gradients.findIndex((used) => used > this.used) - 1;
    if (last < 0) last = race.gradients.length - 1;
    const points = Array.from({ length: last + 1 }, (_, index): Point => [race.path[2 * index]!, race.path[2 * index + 1]!]);
    this.plane.line(points, named("--paper"), 5);
    this.plane.line(points, colour, 3);
    this.plane.mark(points[last]!, colour, 7);
    const over = last === race.gradients.length - 1 && race.ended;
    gradients.textContent = `${race.gradients[last]}`;
    height.textContent = over ? `${race.heights[last]!.toExponential(1)}, ${race.ended}` : race.heights[last]!.toExponential(1);
  }
}
