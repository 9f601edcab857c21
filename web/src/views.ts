// What the page has a tab for.

import { element } from "./controls";

export interface View {
  readonly title: string;
  readonly root: HTMLElement;
  show(): void;
  hide(): void;
  /** Does what a key says, if it says something here. */
  key(key: string): boolean;
}


/** Tabs, of which the address names the one that is open, so that it can be linked to and left by the back button. */
export class Tabs {
  private open: View | null = null;
  private readonly tabs: HTMLButtonElement[];

  constructor(bar: HTMLElement, private readonly place: HTMLElement, private readonly views: View[]) {
    this.tabs = views.map((view, index) => {
      const tab = element("button", { type: "button", role: "tab" }, view.title);
      tab.addEventListener("click", () => this.go(index));
      return tab;
    });
    bar.append(...this.tabs);
    bar.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const next = (this.index() + step + views.length) % views.length;
      this.go(next);
      this.tabs[next]!.focus();
    });
    addEventListener("hashchange", () => this.enter());
    addEventListener("keydown", (event) => this.key(event));
    this.enter();
  }

  private index(): number {
    return Math.max(0, this.views.findIndex((view) => slug(view) === location.hash.slice(1)));
  }

  private go(index: number): void {
    location.hash = slug(this.views[index]!);
  }

  private enter(): void {
    const index = this.index();
    const view = this.views[index]!;
    if (view === this.open) return;
    this.open?.hide();
    this.open = view;
    this.tabs.forEach((tab, other) => {
      tab.setAttribute("aria-selected", `${other === index}`);
      tab.tabIndex = other === index ? 0 : -1;
    });
    this.place.replaceChildren(view.root);
    view.show();
  }

  private key(event: KeyboardEvent): void {
    const busy = event.target instanceof HTMLElement && event.target.closest("button, input, select");
    if (busy || event.ctrlKey || event.metaKey || event.altKey) return;
    if (this.open?.key(event.key)) event.preventDefault();
  }
}

function slug(view: View): string {
  return view.title.toLowerCase().replaceAll(" ", "-");
}
