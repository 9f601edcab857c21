// Numbers of the server that the page came from.

import type {
  About,
  Choice,
  Exact,
  Frame,
  FrameHead,
  FrameRequest,
  Numbers,
  Pictures,
  Point,
  Race,
  RaceRequest,
  Relief,
  Rows,
  SliceRequest,
  Source,
} from "./numbers";

async function post(path: string, request: unknown): Promise<Response> {
  const reply = await fetch(path, { method: "POST", body: JSON.stringify(request) });
  if (!reply.ok) throw new Error(await reply.text());
  return reply;
}

async function json<T>(path: string, request: unknown): Promise<T> {
  return (await post(path, request)).json();
}

/** A description and the numbers behind it: length, JSON, `f32`, little-endian. */
async function numbers<Head>(path: string, request: unknown): Promise<[Head, Float32Array]> {
  const bytes = await (await post(path, request)).arrayBuffer();
  const length = new DataView(bytes).getUint32(0, true);
  const head = new TextDecoder().decode(new Uint8Array(bytes, 4, length));
  return [JSON.parse(head), new Float32Array(bytes, 4 + length)];
}

export class Served implements Numbers {
  about(): Promise<About> {
    return json("about", {});
  }

  start(choice: Choice): Promise<void> {
    return json("toy/start", choice);
  }

  play(playing: boolean): Promise<void> {
    return json("toy/play", { playing });
  }

  async frame(request: FrameRequest): Promise<Frame> {
    const [head, all] = await numbers<FrameHead>("toy/frame", request);
    const density = head.side * head.side;
    const draws = density + 2 * head.draws;
    return {
      head,
      density: all.subarray(0, density),
      draws: all.subarray(density, draws),
      ways: all.subarray(draws),
    };
  }

  async exact(toy: string, side: number): Promise<Exact> {
    const [head, density] = await numbers<Omit<Exact, "density">>("toy/exact", { toy, side });
    return { ...head, density };
  }

  async relief(landscape: string, side: number): Promise<Relief> {
    const [head, heights] = await numbers<Omit<Relief, "heights">>("race/relief", { landscape, side });
    return { ...head, heights };
  }

  async race(request: RaceRequest): Promise<Race> {
    const [head, path] = await numbers<Omit<Race, "path">>("race/run", request);
    return { ...head, path };
  }

  async rows(source: Source, seed: number): Promise<Rows> {
    const [head, all] = await numbers<Rows>("table/rows", { source, seed });
    const values = (index: number) => all.subarray(index * head.rows, (index + 1) * head.rows);
    return { ...head, columns: head.columns.map((column, index) => ({ ...column, values: values(index) })) };
  }

  async slice(request: SliceRequest): Promise<Float32Array> {
    return (await numbers("table/slice", request))[1];
  }

  place(request: { seed: number; temperatures: number[]; at: Point }): Promise<Pictures> {
    return pictures("images/place", request);
  }

  draws(request: { seed: number; temperatures: number[]; count: number }): Promise<Pictures> {
    return pictures("images/draws", request);
  }

  way(request: { from: number; to: number; steps: number }): Promise<Pictures> {
    return pictures("images/way", request);
  }
}

async function pictures(path: string, request: unknown): Promise<Pictures> {
  const [head, shares] = await numbers<Omit<Pictures, "shares">>(path, request);
  return { ...head, shares };
}
