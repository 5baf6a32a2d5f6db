import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import { beforeAll, describe, expect, it } from "vitest";
import { openEventFile, removeEventFiles, scalarsOf } from "./event-file.js";
import { scalarsEvent, startEvent, versionEvent } from "./events.js";
import { tfRecord } from "./record.js";

const python = process.env.CSL_TENSORBOARD_PYTHON ?? "python3";
const hasTensorboard = spawnSync(python, ["-c", "import tensorboard"]).status === 0;
if (!hasTensorboard)
  console.log(
    "no tensorboard in python3 (pip install tensorboard; CSL_TENSORBOARD_PYTHON names another python): its reader is not asked",
  );

/** The same three events written by TensorBoard 2.21's own RecordWriter and event_pb2, as hexadecimal. */
const golden =
  "1800000000000000a37f4b220900002040fc54d9411a0d627261696e2e4576656e743a322b3531100f000000000000006d532b090900002040fc54d94110073a0208019beb06a77a00000000000000138986780900002040fc54d94110ac022a6c0a340a13747261696e2f6c6561726e696e675f72617465420e0802120032089a9999999999b93f4a0d0a090a077363616c61727320010a340a13747261696e2f6772616469656e745f6e6f726d420e0802120032080000000000000a404a0d0a090a077363616c61727320014dcba726";

it("writes, byte for byte, what TensorBoard's own writer does", () => {
  const time = 1_700_000_000.5;
  const events = [
    versionEvent(time),
    startEvent({ step: 7, time }),
    scalarsEvent({ "train/learning_rate": 0.1, "train/gradient_norm": 3.25 }, { step: 300, time }),
  ];
  expect(Buffer.concat(events.map(tfRecord)).toString("hex")).toBe(golden);
});

it.each([
  [{ type: "step", lossPerImage: 1 / 3, lr: Number.NaN, other: 1 }, { "train/loss_per_image": 1 / 3 }],
  [
    { type: "validation", raw: { mapC: 0.5, mapO: null, chance: { mapC: 0.1 } } },
    { "validation/mAP_C/raw": 0.5, "validation/mAP_C/chance": 0.1 },
  ],
  [{ type: "checkpoint", path: "x" }, {}],
])("of a line %j it takes %j", (entry, expected) => expect(scalarsOf(entry)).toEqual(expected));

describe("the event files of a run that was killed and continued", () => {
  const { folder, at } = temporaryFolder();
  const third = 1 / 3;
  const steps = (from: number, to: number, loss: number): { step: number; lossPerImage: number }[] =>
    Array.from({ length: to - from + 1 }, (_, i) => ({ step: from + i, lossPerImage: loss * (from + i) }));

  beforeAll(async () => {
    let now = 1_700_000_000_000;
    const write = async (startStep: number, entries: readonly object[]): Promise<void> => {
      const file = await openEventFile(at("run"), { startStep, now: () => (now += 1000) });
      for (const entry of entries) await file.add({ type: "step", lr: 1e-4 * third, ...entry });
      await file.add({ type: "validation", raw: { mapC: 0.1 + third, mapO: third } });
      await file.close();
    };
    execFileSync("mkdir", [at("run")]);
    await write(0, steps(1, 6, third));
    await write(4, steps(5, 8, 1.1));
  });

  it("are two, which a run that replaces it removes", async () => {
    expect(readdirSync(at("run"))).toHaveLength(2);
    for (const name of readdirSync(at("run")))
      expect(readFileSync(at("run", name)).length).toBeGreaterThan(100);
    execFileSync("cp", ["-r", at("run"), at("copy")]);
    await removeEventFiles(at("copy"));
    expect(readdirSync(at("copy"))).toEqual([]);
  });

  it.skipIf(!hasTensorboard)(
    "give TensorBoard's reader the numbers of the log to the last digit, each step once",
    () => {
      const program = [
        "import json, sys",
        "from tensorboard.backend.event_processing.plugin_event_accumulator import EventAccumulator",
        "from tensorboard.util import tensor_util",
        "events = EventAccumulator(sys.argv[1], size_guidance={'tensors': 0}); events.Reload()",
        "read = {tag: [[e.step, tensor_util.make_ndarray(e.tensor_proto).item()] for e in events.Tensors(tag)] for tag in events.Tags()['tensors']}",
        "plugins = {tag: events.SummaryMetadata(tag).plugin_data.plugin_name for tag in read}",
        "print(json.dumps([read, plugins]))",
      ].join("\n");
      const [read, plugins] = JSON.parse(
        execFileSync(python, ["-c", program, at("run")], { encoding: "utf8", cwd: folder }),
      );
      const kept = [...steps(1, 4, third), ...steps(5, 8, 1.1)];
      expect(read["train/loss_per_image"]).toEqual(
        kept.map(({ step, lossPerImage }) => [step, lossPerImage]),
      );
      expect(read["train/learning_rate"].map(([, rate]: [number, number]) => rate)).toEqual(
        kept.map(() => 1e-4 * third),
      );
      expect(read["validation/mAP_C/raw"].at(-1)).toEqual([8, 0.1 + third]);
      expect(new Set(Object.values(plugins))).toEqual(new Set(["scalars"]));
    },
  );
});
