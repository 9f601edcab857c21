// A flow learns points of the plane while the page looks on.

import { named, onScheme } from "./colours";
import { Readings, button, check, decimals, element, range, select, words } from "./controls";
import type { About, Choice, Exact, Frame, Numbers, Point } from "./numbers";
import { Plane } from "./plane";
import type { View } from "./views";

const SIDE = 128;
const WAYS = 200;
/** Ways that are drawn as lines; more would hide each other. */
const LINES = 40;

export class ToyView implements View {
  readonly title = "Live training";
  readonly root: HTMLElement;

  private readonly plane: Plane;
  private readonly about_training = new Readings("step", "held-out nats", "best possible", "frames a second");
  private readonly about_point = new Readings("x, y", "log-density", "true log-density", "p-value");
  private readonly ended = element("p", { role: "status" });
  private readonly toggle = button("Pause", () => void this.play(!this.playing));
  private readonly layers = { density: true, truth: false, draws: true, ways: false };

  private choice: Choice;
  private point: Point = [0, 0];
  private share = 1;
  private playing = true;
  /** Whether a training was asked for that no frame has shown yet. */
  private asked = false;
  private exact: Exact | null = null;
  private last: Frame | null = null;
  private shown = false;
  private stale = true;
  private times: number[] = [];

  constructor(private readonly numbers: Numbers, private readonly about: About) {
    const [transform, optimizer] = [about.transforms[0]!, about.optimizers[0]!];
    this.choice = { toy: about.first, transform, optimizer };
    this.plane = new Plane("Density of the flow. Arrow keys move the point, with Shift in larger steps.", this.bounds());
    this.plane.canvas.id = "toy";
    this.centre();
    this.plane.onPoint(
      () => this.point,
      (point) => {
        this.point = point;
        this.refresh();
      },
    );
    onScheme(() => {
      this.plane.recolour();
      this.draw();
    });
    this.root = element("section", { class: "view" }, this.plane.canvas, this.side());
    this.plane.clear();
  }

  show(): void {
    this.shown = true;
    this.refresh();
    requestAnimationFrame(() => void this.turn());
  }

  hide(): void {
    this.shown = false;
  }

  key(key: string): boolean {
    switch (key) {
      case " ":
        void this.play(!this.playing);
        return true;
      case "r":
        void this.start({});
        return true;
      default:
        return false;
    }
  }

  private side(): HTMLElement {
    const layer = (label: string, name: keyof typeof this.layers) =>
      check(label, this.layers[name], (on) => {
        this.layers[name] = on;
        this.refresh();
      });
    const way = range("from latent to data", [0, 1, 0.005], 1, (share) => {
      this.share = share;
      this.refresh();
    });
    return element(
      "div",
      { class: "side" },
      element("fieldset", {}, element("legend", {}, "Training"),
        select("points", this.about.toys.map((toy) => toy.name), this.choice.toy, (toy) => void this.start({ toy })),
        select("couplings", this.about.transforms, this.choice.transform, (transform) => void this.start({ transform })),
        select("optimizer", this.about.optimizers, this.choice.optimizer, (optimizer) => void this.start({ optimizer })),
        element("div", { class: "buttons" }, this.toggle, button("Restart", () => void this.start({}))),
        this.about_training.list,
        this.ended,
      ),
      element("fieldset", {}, element("legend", {}, "Layers of the picture"),
        layer("density of the flow", "density"),
        layer("true density", "truth"),
        layer("draws", "draws"),
        layer("ways of draws", "ways"),
        way,
      ),
      element("fieldset", { "aria-live": "polite" }, element("legend", {}, "The point"), this.about_point.list,
        element("p", { class: "hint" }, "Drag it, or focus the picture and press the arrow keys."),
      ),
    );
  }

  private bounds() {
    return this.about.toys.find((toy) => toy.name === this.choice.toy)!.bounds;
  }

  private centre(): void {
    const [left, right, low, high] = this.bounds();
    this.point = [(left + right) / 2, (low + high) / 2];
  }

  private refresh(): void {
    this.stale = true;
  }

  private choose(choice: Choice): void {
    const moves = choice.toy !== this.choice.toy;
    this.choice = choice;
    if (!moves) return;
    this.plane.bounds = this.bounds();
    this.centre();
    this.exact = null;
  }

  /** Shows the training that runs already. */
  private adopt(choice: Choice): void {
    this.choose(choice);
    const chosen = [choice.toy, choice.transform, choice.optimizer];
    this.root.querySelectorAll("select").forEach((select, index) => (select.value = chosen[index]!));
  }

  private async start(change: Partial<Choice>): Promise<void> {
    this.choose({ ...this.choice, ...change });
    this.asked = true;
    await this.numbers.start(this.choice);
    this.refresh();
  }

  private async play(playing: boolean): Promise<void> {
    await this.numbers.play(playing);
    this.refresh();
  }

  /** One frame after the other, each asked for when the one before is drawn. */
  private async turn(): Promise<void> {
    if (!this.shown) return;
    const next = () => void this.turn();
    try {
      if (this.playing || this.stale) await this.fetch();
    } catch (problem) {
      this.stale = true;
      setTimeout(next, 1000);
      throw problem;
    }
    requestAnimationFrame(next);
  }

  private async fetch(): Promise<void> {
    this.stale = false;
    const { density, truth, draws, ways } = this.layers;
    const between = this.share < 1;
    const frame = await this.numbers.frame({
      side: density && !truth ? SIDE : 0,
      draws: draws && !between ? 1000 : 0,
      ways: between || ways ? (between ? 1000 : WAYS) : 0,
      point: this.point,
    });
    if (frame.head.choice.toy !== this.choice.toy) {
      this.stale = true;
      // Either the training that was asked for has not begun, or the page is a new one and the training is not.
      if (!this.asked) this.adopt(frame.head.choice);
      return;
    }
    this.asked = false;
    const { toy } = this.choice;
    if (this.exact === null) {
      const exact = await this.numbers.exact(toy, SIDE);
      if (toy === this.choice.toy) this.exact = exact;
    }
    const playing = frame.head.playing && frame.head.ended === null;
    // A frame of a pause may be that of the step before it.
    if (playing !== this.playing || frame.head.step !== this.last?.head.step) this.stale = true;
    this.last = frame;
    this.playing = playing;
    this.draw();
    this.read();
  }

  private draw(): void {
    const { last, plane, exact } = this;
    if (!last) return;
    plane.clear();
    const density = this.layers.truth ? exact?.density : last.density;
    if (density && density.length > 0) {
      // One scale for the flow and the truth, so that the two pictures compare; the root shows thin parts too.
      const most = (exact?.density ?? density).reduce((most, nats) => Math.max(most, nats), -Infinity);
      plane.heat(SIDE, (index) => Math.exp((density[index]! - most) / 2));
    }
    const ink = named("--ink");
    if (this.layers.ways) this.lines();
    if (this.share < 1) plane.dots(this.between(), ink);
    else if (this.layers.draws) plane.dots(last.draws, ink);
    const way = last.head.point?.way ?? [];
    plane.line(way, named("--accent"), 3);
    plane.mark(this.point);
  }

  private lines(): void {
    const { ways, head } = this.last!;
    for (let index = 0; index < Math.min(LINES, head.ways); index++) {
      const stages = Array.from({ length: head.stages }, (_, stage) => at(ways, stage * head.ways + index));
      this.plane.line(stages, named("--line"));
    }
  }

  /** The draws on their way, a share of it done. */
  private between(): Float32Array {
    const { ways, head } = this.last!;
    const place = this.share * (head.stages - 1);
    const stage = Math.min(Math.floor(place), head.stages - 2);
    const part = place - stage;
    const [from, to] = [2 * head.ways * stage, 2 * head.ways * (stage + 1)];
    return Float32Array.from({ length: 2 * head.ways }, (_, index) =>
      ways[from + index]! * (1 - part) + ways[to + index]! * part,
    );
  }

  private read(): void {
    const { head } = this.last!;
    this.times = [...this.times.filter((time) => time > performance.now() - 2000), performance.now()];
    const { canvas } = this.plane;
    canvas.dataset.frames = `${Number(canvas.dataset.frames ?? 0) + 1}`;
    canvas.dataset.run = `${head.run}`;
    this.about_training.set("step", `${head.step}`);
    this.about_training.set("held-out nats", decimals(head.nats, 3));
    this.about_training.set("best possible", decimals(this.exact?.nats, 3));
    this.about_training.set("frames a second", this.playing ? `${Math.round(this.times.length / 2)}` : "–");
    const { point } = head;
    this.about_point.set("x, y", point ? point.at.map((x) => decimals(x)).join(", ") : "–");
    this.about_point.set("log-density", `${decimals(point?.nats)} nats`);
    this.about_point.set("true log-density", point?.exact === null ? "outside" : `${decimals(point?.exact)} nats`);
    this.about_point.set("p-value", decimals(point?.p_value, 3));
    const ended = head.ended ?? "";
    if (this.ended.textContent !== ended) this.ended.textContent = ended;
    this.toggle.textContent = this.playing ? "Pause" : "Play";
    this.plane.canvas.title = words(head.choice.toy);
  }
}

function at(pairs: Float32Array, index: number): Point {
  return [pairs[2 * index]!, pairs[2 * index + 1]!];
}
