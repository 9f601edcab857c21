// A model of images: a walk through its latents, draws, and ways from one image to another.

import { Readings, button, decimals, element, range } from "./controls";
import type { AboutImages, Numbers, Pictures, Point } from "./numbers";
import { Plane } from "./plane";
import type { View } from "./views";

const DRAWS = 16;
const STEPS = 8;

export class ImagesView implements View {
  readonly title = "Images";
  readonly root: HTMLElement;

  private readonly plane: Plane;
  private readonly sheet = element("canvas", { id: "draws", role: "img", "aria-label": "Draws of the model" });
  private readonly strip = element("canvas", { id: "way", role: "img", "aria-label": "The way from one image to another" });
  private readonly about_place = new Readings("right, up");
  private point: Point = [0, 0];
  private seed = 0;
  /** One for each scale, finest first. */
  private temperatures: number[];
  private ends: [number, number];
  private loaded = false;
  private busy = false;
  private again = false;

  constructor(private readonly numbers: Numbers, private readonly about: AboutImages) {
    this.temperatures = Array.from({ length: about.scales }, () => about.temperature);
    this.ends = [0, Math.min(1, about.ends - 1)];
    this.plane = new Plane("An image of the model. Arrow keys move through its latents, with Shift in larger steps.", [-1, 1, -1, 1]);
    this.plane.canvas.id = "latents";
    this.plane.onPoint(
      () => this.point,
      (point) => {
        this.point = point;
        void this.walk();
      },
    );
    this.root = element("section", { class: "view" }, this.plane.canvas, this.side());
    this.plane.clear();
  }

  show(): void {
    if (this.loaded) return;
    this.loaded = true;
    void this.refresh();
    void this.way();
  }

  hide(): void {}

  key(key: string): boolean {
    if (key !== "r") return false;
    this.other();
    return true;
  }

  private side(): HTMLElement {
    const heats = this.temperatures.map((temperature, scale) =>
      range(this.scale(scale), [0, 1.5, 0.05], temperature, (temperature) => {
        this.temperatures = this.temperatures.with(scale, temperature);
        void this.refresh();
      }),
    );
    const end = (label: string, which: 0 | 1) =>
      range(label, [0, this.about.ends - 1, 1], this.ends[which], (index) => {
        this.ends[which] = index;
        void this.way();
      });
    const source = this.about.has_data ? "the data" : "the model's draws";
    return element(
      "div",
      { class: "side" },
      element("fieldset", {}, element("legend", {}, "A walk through the latents"),
        ...heats,
        this.about_place.list,
        element("div", { class: "buttons" }, button("Other directions", () => this.other())),
        element("p", { class: "hint" },
          "Three draws span a part of a sphere of latents: drag over the image, or press the arrow keys.",
        ),
      ),
      element("fieldset", {}, element("legend", {}, "Draws at this temperature"), this.sheet),
      element("fieldset", {}, element("legend", {}, `From one image of ${source} to another`),
        this.strip, end("from", 0), end("to", 1),
      ),
    );
  }

  /** The name of a scale's temperature: a coarse scale holds what an image shows, a fine one its details. */
  private scale(scale: number): string {
    const last = this.about.scales - 1;
    if (last === 0) return "temperature";
    return `temperature, ${scale === 0 ? "finest" : scale === last ? "coarsest" : `scale ${scale + 1}`}`;
  }

  private other(): void {
    this.seed += 1;
    void this.refresh();
  }

  private async refresh(): Promise<void> {
    void this.walk();
    const { seed, temperatures } = this;
    const draws = await this.numbers.draws({ seed, temperatures, count: DRAWS });
    if (seed === this.seed && temperatures === this.temperatures) paint(this.sheet, draws, 4);
  }

  /** The image where the reader is; while one is on its way, the newest place waits. */
  private async walk(): Promise<void> {
    this.about_place.set("right, up", this.point.map((x) => decimals(x)).join(", "));
    if (this.busy) {
      this.again = true;
      return;
    }
    this.busy = true;
    try {
      const { seed, temperatures, point } = this;
      const images = await this.numbers.place({ seed, temperatures, at: point });
      const image = document.createElement("canvas");
      paint(image, images, 1);
      this.plane.clear();
      this.plane.picture(image);
      this.plane.mark(point);
      const { canvas } = this.plane;
      canvas.dataset.frames = `${Number(canvas.dataset.frames ?? 0) + 1}`;
    } finally {
      this.busy = false;
    }
    if (this.again) {
      this.again = false;
      void this.walk();
    }
  }

  private async way(): Promise<void> {
    const ends = [...this.ends];
    const images = await this.numbers.way({ from: ends[0]!, to: ends[1]!, steps: STEPS });
    if (ends[0] === this.ends[0] && ends[1] === this.ends[1]) paint(this.strip, images, STEPS);
  }
}

/** Images in rows of `across`, a pixel a pixel; the style scales them. */
function paint(canvas: HTMLCanvasElement, { count, shape, shares }: Pictures, across: number): void {
  const [channels, height, width] = shape;
  canvas.width = across * width;
  canvas.height = Math.ceil(count / across) * height;
  canvas.style.aspectRatio = `${canvas.width} / ${canvas.height}`;
  canvas.classList.add("pixels");
  const sheet = new ImageData(canvas.width, canvas.height);
  for (let index = 0; index < count; index++) {
    const [left, top] = [(index % across) * width, Math.floor(index / across) * height];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const to = 4 * ((top + y) * canvas.width + left + x);
        for (let c = 0; c < 3; c++) {
          const plane = index * channels + Math.min(c, channels - 1);
          sheet.data[to + c] = Math.round(255 * shares[(plane * height + y) * width + x]!);
        }
        sheet.data[to + 3] = 255;
      }
    }
  }
  canvas.getContext("2d")!.putImageData(sheet, 0, 0);
}
