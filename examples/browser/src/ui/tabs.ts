import { byId } from "./element.js";

const names = ["tag", "compare", "teach"] as const;

/** One of three panels is open. Arrow keys, Home and End go from tab to tab; only the open one is reached by Tab. */
export function startTabs(): void {
  const tabs = names.map((name) => byId<HTMLButtonElement>(`tab-${name}`));
  // A panel without buttons is read from the keyboard, too.
  for (const name of names) byId(`panel-${name}`).tabIndex = 0;
  const open = (index: number): void => {
    for (const [i, name] of names.entries()) {
      tabs[i]!.setAttribute("aria-selected", String(i === index));
      tabs[i]!.tabIndex = i === index ? 0 : -1;
      byId(`panel-${name}`).hidden = i !== index;
    }
  };
  for (const [index, tab] of tabs.entries()) {
    tab.addEventListener("click", () => open(index));
    tab.addEventListener("keydown", ({ key }) => {
      const steps: Record<string, number> = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: -1 };
      if (!Object.hasOwn(steps, key)) return;
      const next = (steps[key]! + tabs.length) % tabs.length;
      open(next);
      tabs[next]!.focus();
    });
  }
  open(0);
}
