// A picture of a part of the plane: a heat map, and what is drawn on it.

import { named, ramp } from "./colours";
import type { Bounds, Point } from "./numbers";

/** Pixels of the picture along each side; the page scales it. */
const SIZE = 768;

export class Plane {
  readonly canvas = document.createElement("canvas");
  private readonly pen: CanvasRenderingContext2D;
  private readonly cells = document.createElement("canvas");
  private colours = ramp();

  constructor(label: string, public bounds: Bounds) {
    this.canvas.width = this.canvas.height = SIZE;
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.canvas.setAttribute("aria-label", label);
    this.pen = this.canvas.getContext("2d")!;
  }

  /** Takes the colours of the page's scheme. */
  recolour(): void {
    this.colours = ramp();
  }

  clear(): void {
    this.pen.fillStyle = `rgb(${this.colours[0]!.join(" ")})`;
    this.pen.fillRect(0, 0, SIZE, SIZE);
  }

  /** Shares of the highest colour, row by row from the top. */
  heat(side: number, share: (index: number) => number): void {
    const image = new ImageData(side, side);
    for (let index = 0; index < side * side; index++) {
      const place = Math.round(255 * Math.min(Math.max(share(index), 0), 1));
      const [red, green, blue] = this.colours[place || 0]!;
      image.data.set([red, green, blue, 255], 4 * index);
    }
    this.cells.width = this.cells.height = side;
    this.cells.getContext("2d")!.putImageData(image, 0, 0);
    this.pen.imageSmoothingEnabled = true;
    this.pen.drawImage(this.cells, 0, 0, SIZE, SIZE);
  }

  /** A picture over all of it, its pixels as they are. */
  picture(image: HTMLCanvasElement): void {
    const scale = SIZE / Math.max(image.width, image.height);
    const [width, height] = [image.width * scale, image.height * scale];
    this.pen.imageSmoothingEnabled = false;
    this.pen.drawImage(image, (SIZE - width) / 2, (SIZE - height) / 2, width, height);
  }

  dots(pairs: ArrayLike<number>, colour: string, radius = 2): void {
    this.pen.fillStyle = colour;
    for (let index = 0; index + 1 < pairs.length; index += 2) {
      const [x, y] = this.place([pairs[index]!, pairs[index + 1]!]);
      this.pen.fillRect(x - radius, y - radius, 2 * radius, 2 * radius);
    }
  }

  line(points: Point[], colour: string, width = 1.5): void {
    this.pen.strokeStyle = colour;
    this.pen.lineWidth = width;
    this.pen.lineJoin = "round";
    this.pen.beginPath();
    for (const point of points) this.pen.lineTo(...this.place(point));
    this.pen.stroke();
  }

  /** A point that stands out on any colour. */
  mark(point: Point, colour = named("--accent"), radius = 9): void {
    this.pen.beginPath();
    this.pen.arc(...this.place(point), radius, 0, 2 * Math.PI);
    this.pen.fillStyle = colour;
    this.pen.fill();
    this.pen.lineWidth = 3;
    this.pen.strokeStyle = named("--paper");
    this.pen.stroke();
  }

  /** Calls `move` with a point that mouse, finger or keys choose. */
  onPoint(from: () => Point, move: (point: Point) => void): void {
    const { canvas } = this;
    const drag = (event: PointerEvent) => {
      const box = canvas.getBoundingClientRect();
      const [left, right, low, high] = this.bounds;
      const across = (event.clientX - box.left) / box.width;
      const down = (event.clientY - box.top) / box.height;
      move(this.inside([left + (right - left) * across, high - (high - low) * down]));
    };
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      drag(event);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (canvas.hasPointerCapture(event.pointerId)) drag(event);
    });
    canvas.addEventListener("keydown", (event) => {
      const step = STEPS[event.key];
      if (!step) return;
      event.preventDefault();
      const [left, right, low, high] = this.bounds;
      const part = event.shiftKey ? 0.05 : 0.01;
      const [x, y] = from();
      move(this.inside([x + step[0] * part * (right - left), y + step[1] * part * (high - low)]));
    });
  }

  private inside([x, y]: Point): Point {
    const [left, right, low, high] = this.bounds;
    return [Math.min(Math.max(x, left), right), Math.min(Math.max(y, low), high)];
  }

  private place([x, y]: Point): Point {
    const [left, right, low, high] = this.bounds;
    return [(SIZE * (x - left)) / (right - left), (SIZE * (high - y)) / (high - low)];
  }
}

const STEPS: Record<string, Point> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};
