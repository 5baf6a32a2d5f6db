import type { BrowserEngineName } from "@csl/engine/browser";
import { answerAgain } from "../images/add-images.js";
import type { Session } from "../session.js";
import { byId, element } from "../ui/element.js";
import { attempt, complain, say } from "../ui/messages.js";
import { engineNames } from "./compute.js";
import { type Measured, measureEngines } from "./measure-engines.js";
import type { Networks } from "./networks.js";

const key = "engine";

/** The engine that a person chose or that was measured fastest, the last time. */
export function rememberedEngine(): BrowserEngineName | undefined {
  try {
    return engineNames.find((name) => name === localStorage.getItem(key));
  } catch {
    return undefined; // a browser that keeps nothing
  }
}

function remember(name: BrowserEngineName): void {
  try {
    localStorage.setItem(key, name);
  } catch {
    // It is found again at the next start.
  }
}

/** Shows what computes, and changes it. */
export function startEngineView(session: Session, networks: Networks): () => void {
  const select = byId<HTMLSelectElement>("engine");
  const measure = byId<HTMLButtonElement>("measure");
  const note = byId("engine-note");
  const measured = new Map<BrowserEngineName, Measured>();
  const options = engineNames.map((name) => element("option", { value: name }, name));
  select.replaceChildren(...options);
  const render = (): void => {
    select.value = networks.engine.name;
    for (const option of options) {
      const found = measured.get(option.value as BrowserEngineName);
      const time =
        found && ("milliseconds" in found ? `${found.milliseconds.toFixed(1)} ms` : "does not start");
      option.textContent = time ? `${option.value}: ${time}` : option.value;
    }
    const { milliseconds, engine } = networks;
    const time = milliseconds === undefined ? "" : `; ${milliseconds.toFixed(1)} ms for an image`;
    note.textContent = `${engine.device}${time}`;
  };
  const busy = async (work: () => Promise<void>): Promise<void> => {
    select.disabled = measure.disabled = true;
    try {
      await work();
    } finally {
      select.disabled = measure.disabled = false;
      render();
    }
  };
  select.addEventListener("change", () =>
    attempt(() =>
      busy(async () => {
        const name = select.value as BrowserEngineName;
        say(`Starting ${name} …`);
        await networks.move(name);
        remember(name);
        await answerAgain(session, networks);
        say(`It computes on ${name} now: ${networks.engine.device}.`);
        select.focus();
      }),
    ),
  );
  measure.addEventListener("click", () =>
    attempt(() =>
      busy(async () => {
        const [{ side }] = session.models.models;
        const pixels = session.selected?.pixels ?? new Uint8Array(side * side * 3).fill(128);
        const found = await measureEngines(networks, pixels, (name) => say(`Measuring ${name} …`));
        for (const one of found) {
          measured.set(one.name, one);
          if ("problem" in one) complain(one.problem);
        }
        remember(networks.engine.name);
        await answerAgain(session, networks);
        say(`${networks.engine.name} is the fastest here, and computes from now on.`);
      }),
    ),
  );
  select.disabled = measure.disabled = false;
  render();
  return render;
}
