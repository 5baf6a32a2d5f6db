// One process of `ranks-speed --against`, in this checkout or copied into another one: prints the milliseconds of training steps
// without other ranks, as JSON. Arguments: engine, steps.
import "@tensorflow/tfjs";
import { startEngine } from "@csl/engine";
import { asymmetricLoss } from "@csl/partial-loss";
import { createAdam, createEma, trainStep } from "@csl/trainer";
import { createTResNet } from "@csl/tresnet";

const [engine, steps] = [process.argv[2] as "wasm" | "torch", Number(process.argv[3])];
await startEngine({ prefer: engine, threads: 1 });
const [numClasses, size, side] = [80, 4, 64];
const model = createTResNet({ variant: "m", numClasses, seed: 1 });
const adam = createAdam(model.parameters(), { weightDecay: 1e-4 });
const ema = createEma(model, { decay: 0.9997 });
const batch = {
  images: Uint8Array.from({ length: size * side * side * 3 }, (_, i) => (i * 7919) % 251),
  labels: Int8Array.from({ length: size * numClasses }, (_, i) => ((i * 7) % 3) - 1),
  ...{ size, height: side, width: side },
};
const times: number[] = [];
for (let step = 0; step < steps + 2; step++) {
  const started = process.cpuUsage();
  const rate = { lr: 1e-5, beta1: 0.9 };
  const learner = { model, adam, ema, numClasses, loss: asymmetricLoss };
  await trainStep(learner, [batch], rate);
  const { user, system } = process.cpuUsage(started);
  if (step >= 2) times.push((user + system) / 1000);
}
process.stdout.write(`${JSON.stringify(times)}\n`);
process.exit(0);
