// The page of `thalweg view`.

import { Served } from "./fetch";
import { ImagesView } from "./images";
import type { Numbers } from "./numbers";
import { PairsView } from "./pairs";
import { RaceView } from "./race";
import { ToyView } from "./toy";
import { Tabs, type View } from "./views";

let hide = 0;

/** Says what went wrong, for a while. */
function tell(problem: unknown): void {
  const place = document.querySelector<HTMLElement>("#problem")!;
  place.hidden = false;
  clearTimeout(hide);
  hide = setTimeout(() => (place.hidden = true), 8000);
  place.textContent = problem instanceof Error ? problem.message : `${problem}`;
}

async function main(numbers: Numbers): Promise<void> {
  const about = await numbers.about();
  const views: View[] = [new ToyView(numbers, about), new RaceView(numbers, about)];
  // What the reader came for is first.
  if (about.table) views.unshift(new PairsView(numbers, about.table));
  if (about.images) views.unshift(new ImagesView(numbers, about.images));
  const bar = document.querySelector<HTMLElement>("nav")!;
  new Tabs(bar, document.querySelector("main")!, views);
}

addEventListener("unhandledrejection", (event) => tell(event.reason));
void main(new Served());
