import { stat } from "node:fs/promises";
import type { NodeImage, Tagger } from "@csl/tagger";
import type { Terminal } from "../../../terminal/terminal.js";

/** How often the model's file is looked at, in milliseconds. */
const LOOK = 1000;

type OpenTagger = () => Promise<Tagger<NodeImage>>;

/** The model that answers, and its replacement when its file changes. */
export class ModelHolder {
  #tagger: Tagger<NodeImage>;
  #timer: NodeJS.Timeout | undefined;
  /** Requests of taggers, so that one that was replaced is let go after its last. */
  readonly #users = new Map<Tagger<NodeImage>, number>();
  readonly #options: { open: OpenTagger; path: string; terminal: Terminal };
  /** Times that the file was replaced, and times that the new one was refused. */
  readonly replaced = { done: 0, refused: 0 };

  private constructor(
    tagger: Tagger<NodeImage>,
    options: { open: OpenTagger; path: string; terminal: Terminal },
  ) {
    this.#tagger = tagger;
    this.#options = options;
  }

  /** @param options.open opens what is at `path` now */
  static async open(options: { open: OpenTagger; path: string; terminal: Terminal }): Promise<ModelHolder> {
    const holder = new ModelHolder(await opened(options.open), options);
    await holder.#watch();
    return holder;
  }

  get description(): Tagger<NodeImage>["description"] {
    return this.#tagger.description;
  }

  /** Does something with the model, which is not let go before that has ended. */
  async use<T>(work: (tagger: Tagger<NodeImage>) => Promise<T>): Promise<T> {
    const tagger = this.#tagger;
    this.#users.set(tagger, (this.#users.get(tagger) ?? 0) + 1);
    try {
      return await work(tagger);
    } finally {
      const left = this.#users.get(tagger)! - 1;
      this.#users.set(tagger, left);
      if (left === 0) {
        this.#users.delete(tagger);
        if (tagger !== this.#tagger) await tagger.dispose();
      }
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#tagger.dispose();
  }

  /** Opens the file again and tries it. The old model answers until then, and goes on where the new one is refused. */
  async replace(): Promise<void> {
    const { open, path, terminal } = this.#options;
    try {
      const next = await opened(open);
      const last = this.#tagger;
      this.#tagger = next;
      this.replaced.done++;
      terminal.info(`the model was replaced: ${path} has changed`);
      if (!this.#users.has(last)) await last.dispose();
    } catch (error) {
      this.replaced.refused++;
      terminal.info(
        `the model is not replaced, and the last one goes on: ${path} has changed, but ${(error as Error).message}`,
      );
    }
  }

  /** A file that is being written changes from look to look: it is opened once it has stayed the same. */
  async #watch(): Promise<void> {
    let known = await this.#state();
    let last = known;
    const look = async (): Promise<void> => {
      const now = await this.#state();
      if (now !== known && now === last && now !== undefined) {
        known = now;
        await this.replace();
      }
      last = now;
      if (this.#timer) plan();
    };
    const plan = (): void => {
      this.#timer = setTimeout(() => void look(), LOOK);
      this.#timer.unref();
    };
    plan();
  }

  async #state(): Promise<string | undefined> {
    const found = await stat(this.#options.path).catch(() => undefined);
    return found && `${found.ino} ${found.size} ${found.mtimeMs}`;
  }
}

/** Opened and tried on one image: a model that loads may still not run. */
async function opened(open: OpenTagger): Promise<Tagger<NodeImage>> {
  const tagger = await open();
  try {
    await tagger.tag({ data: new Uint8Array(3).fill(128), width: 1, height: 1 });
    return tagger;
  } catch (error) {
    await tagger.dispose();
    throw error;
  }
}
