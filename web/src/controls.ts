// Pieces of a page.

type Attributes = Record<string, string>;

export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}

/** `two_moons` as a reader writes it. */
export function words(name: string): string {
  return name.replaceAll("_", " ");
}

export function select(label: string, names: string[], chosen: string, change: (name: string) => void): HTMLLabelElement {
  const options = names.map((name) => element("option", { value: name }, words(name)));
  const box = element("select", { name: label }, ...options);
  box.value = chosen;
  box.addEventListener("change", () => change(box.value));
  return element("label", { class: "row" }, label, box);
}

export function check(label: string, checked: boolean, change: (checked: boolean) => void): HTMLLabelElement {
  const box = element("input", { type: "checkbox", name: label });
  box.checked = checked;
  box.addEventListener("change", () => change(box.checked));
  return element("label", { class: "check" }, box, label);
}

export function range(
  label: string,
  [low, high, step]: [number, number, number],
  value: number,
  change: (value: number) => void,
): HTMLLabelElement {
  const attributes = { type: "range", name: label, min: `${low}`, max: `${high}`, step: `${step}` };
  const box = element("input", attributes);
  box.value = `${value}`;
  box.addEventListener("input", () => change(box.valueAsNumber));
  return element("label", { class: "row" }, label, box);
}

export function button(label: string, press: () => void): HTMLButtonElement {
  const made = element("button", { type: "button" }, label);
  made.addEventListener("click", press);
  return made;
}

/** Terms and the numbers beside them. */
export class Readings {
  readonly list = element("dl");
  private readonly places = new Map<string, HTMLElement>();

  constructor(...terms: string[]) {
    for (const term of terms) {
      const place = element("dd", { "data-reading": term }, "–");
      this.places.set(term, place);
      this.list.append(element("dt", {}, term), place);
    }
  }

  set(term: string, value: string): void {
    const place = this.places.get(term);
    if (place && place.textContent !== value) place.textContent = value;
  }
}

/** Two decimals with a true minus sign. */
export function decimals(value: number | null | undefined, places = 2): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  return value.toFixed(places).replace("-", "−");
}
