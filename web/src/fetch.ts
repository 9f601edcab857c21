// Numbers of the server that the page came from.

import type {
  About,
  Choice,
  Exact,
  Frame,
  FrameHead,
  FrameRequest,
  Numbers,
  Race,
  RaceRequest,
  Relief,
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
}
