// Colours of numbers, for the light and the dark page.

type Colour = [number, number, number];

/** Viridis (Smith and van der Walt, 2015) at equal distances, as in the pictures of the library. */
const VIRIDIS: Colour[] = [
  [68, 1, 84],
  [71, 44, 122],
  [59, 81, 139],
  [44, 113, 142],
  [33, 144, 141],
  [39, 173, 129],
  [92, 200, 99],
  [170, 220, 50],
  [253, 231, 37],
];

/** Colours of Okabe and Ito (2008), which people with any common colour blindness can distinguish. */
const SERIES = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#999999"];

const dark = matchMedia("(prefers-color-scheme: dark)");

export function series(index: number): string {
  return SERIES[index % SERIES.length]!;
}

export function isDark(): boolean {
  return dark.matches;
}

export function onScheme(change: () => void): void {
  dark.addEventListener("change", change);
}

/** 256 colours from the lowest to the highest; the lowest is the paper of the page. */
export function ramp(): Colour[] {
  const paper: Colour = isDark() ? [16, 18, 24] : [255, 255, 255];
  const stops = isDark() ? [paper, ...VIRIDIS] : [paper, ...[...VIRIDIS].reverse()];
  return Array.from({ length: 256 }, (_, index) => {
    const place = (index / 255) * (stops.length - 1);
    const below = Math.min(Math.floor(place), stops.length - 2);
    const part = place - below;
    const [low, high] = [stops[below]!, stops[below + 1]!];
    return [0, 1, 2].map((c) => Math.round(low[c]! * (1 - part) + high[c]! * part)) as Colour;
  });
}

/** The colour of the page that a variable of the style names. */
export function named(variable: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(variable).trim();
}
