// A density of a table: rows of the data and of the model in pair plots, and the density of a slice.

import { named, onScheme, series } from "./colours";
import { Readings, button, check, decimals, element, select } from "./controls";
import type { AboutTable, Bounds, Numbers, Point, Rows, Source } from "./numbers";
import { Plane } from "./plane";
import type { View } from "./views";

const SIDE = 64;
/** Columns of the small pictures; more would be too small to see. */
const MOST = 6;
const CELL = 132;

export class PairsView implements View {
  readonly title = "Table";
  readonly root: HTMLElement;

  private readonly plane: Plane;
  private readonly grid = element("canvas", { id: "pairs", role: "img", "aria-label": "Pair plots; a click chooses a pair" });
  private readonly about_row = new Readings("row", "highest log-density");
  private readonly rows: Partial<Record<Source, Rows>> = {};
  private readonly names: string[];
  private readonly layers = { data: true, draws: true, slice: true };
  private pair: [number, number];
  private row = 0;
  private seed = 0;
  private slice: Float32Array | null = null;
  private asked = 0;

  constructor(private readonly numbers: Numbers, private readonly about: AboutTable) {
    this.names = about.columns.map((column) => column.name);
    const varying = about.columns.flatMap((column, index) => (column.varies ? [index] : []));
    this.pair = [varying[0] ?? 0, varying[1] ?? Math.min(1, this.names.length - 1)];
    this.plane = new Plane("Two columns. Arrow keys choose the next row of which a slice is shown.", [0, 1, 0, 1]);
    this.plane.canvas.id = "pair";
    this.plane.onPoint(
      () => this.place(this.row),
      (point) => this.choose(this.nearest(point)),
    );
    this.grid.addEventListener("click", (event) => this.pick(event));
    onScheme(() => {
      this.plane.recolour();
      this.draw();
    });
    this.root = element("section", { class: "view" }, this.plane.canvas, this.side());
    this.plane.clear();
  }

  show(): void {
    if (!this.rows.draws) void this.load();
    else this.draw();
  }

  hide(): void {}

  key(key: string): boolean {
    if (key === "r") void this.redraw();
    else if (key === "n") this.choose(this.row + 1);
    else if (key === "p") this.choose(this.row - 1);
    else return false;
    return true;
  }

  private get source(): Source {
    return this.about.has_data ? "data" : "draws";
  }

  private side(): HTMLElement {
    const layer = (label: string, name: keyof typeof this.layers) =>
      check(label, this.layers[name], (on) => {
        this.layers[name] = on;
        this.draw();
      });
    const axis = (label: string, which: 0 | 1) =>
      select(label, this.names, this.names[this.pair[which]]!, (name) => {
        this.pair[which] = this.names.indexOf(name);
        void this.enter();
      });
    return element(
      "div",
      { class: "side" },
      element("fieldset", {}, element("legend", {}, "Pair"),
        axis("across", 0),
        axis("up", 1),
        ...(this.about.has_data ? [layer("rows of the data", "data")] : []),
        layer("draws of the model", "draws"),
        layer("density of the slice through the row", "slice"),
        element("div", { class: "buttons" },
          button("Other draws", () => void this.redraw()),
          button("Next row", () => this.choose(this.row + 1)),
        ),
        this.about_row.list,
        element("p", { class: "hint" },
          "The slice holds all other columns at the values of the marked row. Click a row, or press n and p.",
        ),
      ),
      element("fieldset", {}, element("legend", {}, "All pairs"), this.grid),
    );
  }

  private async load(): Promise<void> {
    if (this.about.has_data) this.rows.data = await this.numbers.rows("data", 0);
    await this.redraw();
  }

  private async redraw(): Promise<void> {
    this.rows.draws = await this.numbers.rows("draws", this.seed++);
    await this.enter();
  }

  /** Shows another pair, or another row. */
  private async enter(): Promise<void> {
    const [x, y] = this.pair;
    this.plane.bounds = [...this.span(x), ...this.span(y)] as Bounds;
    this.slice = null;
    this.draw();
    const asked = ++this.asked;
    const [across, up] = [this.about.columns[x]!, this.about.columns[y]!];
    if (x === y || !across.varies || !up.varies) return;
    const { source, row } = this;
    const request = { source, row, x: across.name, y: up.name, bounds: this.plane.bounds, side: SIDE };
    const slice = await this.numbers.slice(request);
    if (asked !== this.asked) return;
    this.slice = slice;
    this.draw();
  }

  private choose(row: number): void {
    const count = this.rows[this.source]?.rows ?? 1;
    this.row = (row + count) % count;
    void this.enter();
  }

  /** The column's lowest and highest number, and a little beside them. */
  private span(column: number): [number, number] {
    let [low, high] = [Infinity, -Infinity];
    for (const rows of Object.values(this.rows)) {
      for (const value of rows.columns[column]!.values) {
        if (value < low) low = value;
        if (value > high) high = value;
      }
    }
    if (!(low < high)) return Number.isFinite(low) ? [low - 1, low + 1] : [0, 1];
    const margin = 0.05 * (high - low);
    return [low - margin, high + margin];
  }

  private pairs(source: Source, [x, y]: [number, number]): Float32Array {
    const rows = this.rows[source];
    if (!rows) return new Float32Array();
    const [across, up] = [rows.columns[x]!.values, rows.columns[y]!.values];
    return Float32Array.from({ length: 2 * rows.rows }, (_, index) => (index % 2 ? up : across)[index >> 1]!);
  }

  private place(row: number): Point {
    const rows = this.rows[this.source];
    if (!rows) return [0, 0];
    return [rows.columns[this.pair[0]]!.values[row]!, rows.columns[this.pair[1]]!.values[row]!];
  }

  private nearest([x, y]: Point): number {
    const pairs = this.pairs(this.source, this.pair);
    const [left, right, low, high] = this.plane.bounds;
    let [best, least] = [0, Infinity];
    for (let row = 0; 2 * row < pairs.length; row++) {
      const distance = ((pairs[2 * row]! - x) / (right - left)) ** 2 + ((pairs[2 * row + 1]! - y) / (high - low)) ** 2;
      if (distance < least) [best, least] = [row, distance];
    }
    return best;
  }

  private draw(): void {
    const { plane, slice, layers } = this;
    plane.clear();
    let most = NaN;
    if (slice) {
      most = slice.reduce((most, nats) => (nats > most ? nats : most), -Infinity);
      if (layers.slice) plane.heat(SIDE, (index) => Math.exp((slice[index]! - most) / 2));
    }
    for (const [source, colour] of colours()) if (layers[source]) plane.dots(this.pairs(source, this.pair), colour, 2.5);
    if (this.rows[this.source]) plane.mark(this.place(this.row));
    this.about_row.set("row", `${this.row + 1} of ${this.rows[this.source]?.rows ?? "–"}, ${this.source}`);
    this.about_row.set("highest log-density", slice ? `${decimals(most)} nats` : "–");
    this.small();
  }

  /** All pairs, small: the data below the diagonal, the draws above it. */
  private small(): void {
    const count = Math.min(MOST, this.names.length);
    const { grid } = this;
    grid.width = grid.height = count * CELL;
    const pen = grid.getContext("2d")!;
    const spans = this.names.map((_, column) => this.span(column));
    for (let up = 0; up < count; up++) {
      for (let across = 0; across < count; across++) {
        const [left, top] = [across * CELL, up * CELL];
        const chosen = across === this.pair[0] && up === this.pair[1];
        pen.strokeStyle = named(chosen ? "--accent" : "--edge");
        pen.lineWidth = chosen ? 4 : 1;
        pen.strokeRect(left + 2, top + 2, CELL - 4, CELL - 4);
        if (across === up) {
          pen.fillStyle = named("--text");
          pen.font = "15px system-ui, sans-serif";
          pen.textAlign = "center";
          pen.fillText(this.names[up]!, left + CELL / 2, top + CELL / 2, CELL - 12);
          continue;
        }
        const source: Source = across < up && this.about.has_data ? "data" : "draws";
        pen.fillStyle = source === "data" ? series(0) : series(1);
        const pairs = this.pairs(source, [across, up]);
        const [[x0, x1], [y0, y1]] = [spans[across]!, spans[up]!];
        for (let index = 0; index < pairs.length; index += 2) {
          const x = left + (CELL * (pairs[index]! - x0)) / (x1 - x0);
          const y = top + (CELL * (y1 - pairs[index + 1]!)) / (y1 - y0);
          pen.fillRect(x - 1, y - 1, 2, 2);
        }
      }
    }
  }

  private pick(event: MouseEvent): void {
    const box = this.grid.getBoundingClientRect();
    const count = Math.min(MOST, this.names.length);
    const cell = (share: number) => Math.min(count - 1, Math.floor(share * count));
    const [across, up] = [cell((event.clientX - box.left) / box.width), cell((event.clientY - box.top) / box.height)];
    if (across === up) return;
    this.pair = [across, up];
    const boxes = this.root.querySelectorAll("select");
    boxes[0]!.value = this.names[across]!;
    boxes[1]!.value = this.names[up]!;
    void this.enter();
  }
}

function colours(): [Source, string][] {
  return [
    ["data", series(0)],
    ["draws", series(1)],
  ];
}
