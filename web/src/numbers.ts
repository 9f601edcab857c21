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
}
