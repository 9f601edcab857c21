// All numbers that the page shows come through `Numbers`. Today a server computes them (`fetch.ts`); flows in WebAssembly
// would be another implementation, and the rest of the page would not change.

export type Point = [number, number];
/** Left, right, low, high. */
export type Bounds = [number, number, number, number];

export interface About {
  version: string;
  /** The toy that is trained first. */
  first: string;
  toys: { name: string; bounds: Bounds }[];
  transforms: string[];
  optimizers: string[];
  landscapes: Landscape[];
  methods: { name: string; integrator: string }[];
  /** The density of a table, where the page was opened with one. */
  table: AboutTable | null;
  /** The density of images, where the page was opened with one. */
  images: AboutImages | null;
}

export interface Landscape {
  name: string;
  bounds: Bounds;
  start: Point;
  /** Where it is lowest. */
  lowest: Point[];
}

export interface Choice {
  toy: string;
  transform: string;
  optimizer: string;
}

export interface FrameRequest {
  /** Cells along each side of the density; 0 for none. */
  side: number;
  draws: number;
  /** Draws whose ways through the layers are wanted. */
  ways: number;
  point: Point | null;
}

/** What a flow says of a point. */
export interface PointReading {
  at: Point;
  nats: number;
  exact: number | null;
  p_value: number | null;
  way: Point[];
}

export interface FrameHead {
  run: number;
  choice: Choice;
  step: number;
  playing: boolean;
  ended: string | null;
  nats: number;
  side: number;
  draws: number;
  ways: number;
  stages: number;
  point: PointReading | null;
}

export interface Frame {
  head: FrameHead;
  /** `ln p` of `side × side` cells, row by row from the top. */
  density: Float32Array;
  /** Pairs. */
  draws: Float32Array;
  /** Stage by stage, latents first: a pair for each way. */
  ways: Float32Array;
}

export interface Exact {
  side: number;
  /** The mean nats that the best flow would have. */
  nats: number;
  density: Float32Array;
}

export interface Relief {
  side: number;
  heights: Float32Array;
}

export interface RaceRequest {
  landscape: string;
  method: string;
  start: Point;
  /** Multiplies the method's own step. */
  scale: number;
  /** The race ends with the step that reaches this many. */
  gradients: number;
}

export interface Race {
  /** Gradients that were computed up to each place. */
  gradients: number[];
  heights: number[];
  /** The step that the method took. */
  step: number;
  /** Why the method ended before its last step. */
  ended: string | null;
  /** Pairs, from the start on. */
  path: Float32Array;
}

export interface AboutTable {
  /** Of a column that does not vary, such as a category, a slice keeps the value. */
  columns: { name: string; unit: string | null; kind: string; varies: boolean }[];
  has_data: boolean;
}

export type Source = "data" | "draws";

export interface Rows {
  rows: number;
  /** Of a column of words, numbers that count them. Missing values are NaN. */
  columns: { name: string; words: string[] | null; values: Float32Array }[];
}

export interface SliceRequest {
  source: Source;
  row: number;
  x: string;
  y: string;
  bounds: Bounds;
  side: number;
}

export interface AboutImages {
  name: string;
  shape: Shape;
  temperature: number;
  /** Scales of the prior, each with a temperature of its own. */
  scales: number;
  /** Images that ways may begin and end at. */
  ends: number;
  has_data: boolean;
}

/** Channels, height and width. */
export type Shape = [number, number, number];

export interface Pictures {
  count: number;
  shape: Shape;
  /** Of the highest level: `[count, channels, height, width]`. */
  shares: Float32Array;
}

export interface Numbers {
  about(): Promise<About>;
  /** Begins a training. */
  start(choice: Choice): Promise<void>;
  play(playing: boolean): Promise<void>;
  /** The flow as it is now. */
  frame(request: FrameRequest): Promise<Frame>;
  /** The true density. */
  exact(toy: string, side: number): Promise<Exact>;
  /** The heights of a landscape. */
  relief(landscape: string, side: number): Promise<Relief>;
  /** The path of one method down a landscape. */
  race(request: RaceRequest): Promise<Race>;
  /** Rows of the data, or new ones of the model. */
  rows(source: Source, seed: number): Promise<Rows>;
  /** `ln p` of rows of which two columns vary, row by row from the top. */
  slice(request: SliceRequest): Promise<Float32Array>;
  /** The image of a place in a plane of latents, in -1 to 1 along two directions. */
  place(request: { seed: number; temperatures: number[]; at: Point }): Promise<Pictures>;
  draws(request: { seed: number; temperatures: number[]; count: number }): Promise<Pictures>;
  /** From one of the images to another, both included. */
  way(request: { from: number; to: number; steps: number }): Promise<Pictures>;
}
