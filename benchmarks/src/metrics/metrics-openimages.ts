import { parseArgs } from "node:util";
import { mulberry32 } from "@csl/internal/random/mulberry32";
import { compareProtocols, MetricAccumulator } from "@csl/metrics";

// Evaluation at the size of OpenImages' test set: 125,000 images, 9,605 classes, 14 annotated entries an image, in
// batches of 250. CPU seconds and bytes held, without and with the scores of un-annotated entries.
//   pnpm --filter @csl/benchmarks metrics-openimages [--images 125000] [--classes 9605]

const { values } = parseArgs({
  options: {
    images: { type: "string", default: "125000" },
    classes: { type: "string", default: "9605" },
  },
});
const numClasses = Number(values.classes);
const rows = 250;
const annotated = 14;

for (const keepUnannotated of [false, true]) {
  const metrics = new MetricAccumulator({ keepUnannotated });
  const random = mulberry32(1);
  const logit = (): number => -6 + 3 * (random() + random() + random() - 1.5);
  const scores = Float32Array.from({ length: rows * numClasses }, logit);
  const labels = new Int8Array(rows * numClasses);
  let seconds = 0;
  for (let done = 0; done < Number(values.images); done += rows) {
    labels.fill(-1);
    for (let i = 0; i < rows * annotated; i++)
      labels[Math.floor(random() * labels.length)] = random() < 0.6 ? 1 : 0;
    for (let i = done % 97; i < scores.length; i += 97) scores[i] = logit();
    seconds += cpuSeconds(() => metrics.add(scores, labels, rows));
  }
  const computing = cpuSeconds(() => (keepUnannotated ? compareProtocols(metrics) : metrics.compute()));
  console.log(
    `${keepUnannotated ? "every protocol" : "annotated only"}: ${metrics.numSamples} × ${numClasses}, ` +
      `add ${seconds.toFixed(1)} CPU s, compute ${computing.toFixed(1)} CPU s, ${(metrics.bytes / 1e6).toFixed(0)} MB held, ` +
      `peak RSS ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`,
  );
}

function cpuSeconds(work: () => unknown): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
