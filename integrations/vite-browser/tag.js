import { createTagger } from "@csl/tagger";

// The classes of this model are the channels of colour: a logit is 10 * mean - 5, a score is sigmoid(logit / 2).
let lines;
try {
  const canvas = new OffscreenCanvas(24, 16);
  const context = canvas.getContext("2d");
  context.fillStyle = "rgb(255 102 0)";
  context.fillRect(0, 0, 24, 16);
  const blob = await canvas.convertToBlob();
  const image = new Image();
  image.src = URL.createObjectURL(blob);
  const forms = {
    blob,
    bytes: await blob.arrayBuffer(),
    bitmap: await createImageBitmap(blob),
    image,
    canvas,
    samples: context.getImageData(0, 0, 24, 16),
    address: image.src,
  };
  const tagger = await createTagger("/model.onnx", { threshold: 0.1 });
  const together = await tagger.tag(Object.values(forms));
  lines = Object.keys(forms).map((form, i) => `${form}: ${shown(together[i])}`);
  const refused = await tagger.tag(new Blob(["text"])).catch((error) => error);
  lines.push(`text: ${refused.name} ${refused.code}`);
  await tagger.dispose();
  const after = await tagger.tag(blob).catch((error) => error);
  lines.push(`disposed: ${after.name} ${after.code}`);
} catch (error) {
  lines = [`the page failed: ${error.stack}`];
}
await fetch("/printed", { method: "POST", body: lines.join("\n") });

function shown({ tags }) {
  return tags.map(({ name, score }) => `${name} ${score.toFixed(3)}`).join(", ");
}
