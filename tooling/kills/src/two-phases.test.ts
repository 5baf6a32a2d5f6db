import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Csl, type Flags, twoPhases } from "@csl/example-two-phase";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { beforeEach, expect, it, vi } from "vitest";

beforeEach(() => {
  vi.spyOn(console, "log").mockImplementation(() => {});
});

const { at, file } = temporaryFolder();
const config = file("config.json", '{"lr":0.01}');

/** Commands that only leave their files; `stopAt` ends in the middle of one, as Ctrl-C ("stop") or a kill does. */
function commands(stopAt?: { command: number; how: "stop" | "kill before" | "kill after" }) {
  const lines: string[] = [];
  const csl: Csl = async (_, [command], flags) => {
    const stopped = stopAt?.command === lines.length ? stopAt.how : undefined;
    const given = ["resume", "overwrite"].filter((name) => flags[name] !== undefined);
    lines.push(
      [
        command,
        String(flags["path-dest"] ?? flags.out ?? flags.json)
          .split("/")
          .slice(-2)
          .join("/"),
        ...given,
      ].join(" "),
    );
    const put = async (path: string, content = "{}") => {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
    };
    if (stopped === "kill before") throw new Error("killed");
    if (command === "train") {
      const run = String(flags["path-dest"]);
      await put(join(run, "last.safetensors"));
      if (stopped === "kill after") throw new Error("killed");
      await put(join(run, "best.safetensors"));
      await put(join(run, "result.json"), JSON.stringify(stopped ? { stopped: "aborted" } : {}));
      if (stopped) throw new Error("stopped");
      return;
    }
    for (const name of ["out", "json", "per-class-csv"]) if (flags[name]) await put(String(flags[name]));
  };
  return { lines, csl };
}

const run = (csl: Csl, name: string, training: Flags = {}) =>
  twoPhases(csl, { out: at(name), data: { data: "d" }, training, configs: { ignore: config, csl: config } });
const all = (name: string) => [
  `train ${name}/ignore`,
  `estimate-prior ${name}/prior.json`,
  `train ${name}/csl`,
  "evaluate ignore/evaluation.json",
  "evaluate csl/evaluation.json",
];

it("repeated, it skips what is finished", async () => {
  const first = commands();
  await run(first.csl, "whole");
  expect(first.lines).toEqual(all("whole"));
  const second = commands();
  await run(second.csl, "whole");
  expect(second.lines).toEqual([]);
  await rm(at("whole", "csl", "evaluation.json"));
  await run(second.csl, "whole");
  expect(second.lines).toEqual(["evaluate csl/evaluation.json"]);
});

it.each([
  [0, "kill before", "overwrite"],
  [0, "kill after", "resume"],
  [0, "stop", "resume"],
  [2, "kill after", "resume"],
  [2, "stop", "resume"],
] as const)("command %i, %s: repeated, it goes on there with --%s", async (command, how, flag) => {
  const name = `${command} ${how}`;
  await expect(run(commands({ command, how }).csl, name)).rejects.toThrow(/killed|stopped/);
  const again = commands();
  await run(again.csl, name);
  const [first, ...rest] = all(name).slice(command);
  expect(again.lines).toEqual([`${first} ${flag}`, ...rest]);
});

it("with other flags it is refused, naming them; with --overwrite it begins anew", async () => {
  await run(commands().csl, "other", { lr: "0.1" });
  const again = commands();
  await expect(run(again.csl, "other", { lr: "0.2" })).rejects.toThrow(
    /other\/ignore was made with, got other ones: --lr 0\.2 instead of 0\.1\. .*--overwrite/,
  );
  expect(again.lines).toEqual([]);
  await run(again.csl, "other", { lr: "0.2", overwrite: true });
  expect(again.lines).toEqual(
    all("other").map((line) => (line.startsWith("train") ? `${line} overwrite` : line)),
  );
  expect(JSON.parse(await readFile(at("other", "steps.json"), "utf8")).csl.flags.lr).toBe("0.2");
});
