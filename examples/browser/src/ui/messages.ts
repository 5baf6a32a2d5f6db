import { byId, element } from "./element.js";

/** What goes on, for eyes and for screen readers: read out when there is time. */
export function say(text: string): void {
  byId("status").textContent = text;
}

/** What went wrong and what to do: read out at once, and stays until it is closed. */
export function complain(problem: unknown): void {
  const text = problem instanceof Error ? problem.message : String(problem);
  const close = element("button", { type: "button", onclick: () => bar.remove() }, "Close");
  const bar = element("div", { class: "complaint" }, element("p", {}, text), close);
  byId("alert").append(bar);
}

/** Problems of an earlier action say nothing about the next one. */
export function clearComplaints(): void {
  byId("alert").replaceChildren();
}

/** Runs what a person asked for; what it throws is shown. */
export function attempt(work: () => Promise<void>): void {
  clearComplaints();
  work().catch(complain);
}

export const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`;
