import { type DrivenPage, driveChromium } from "@csl/test-support/drive-chromium";
import axe from "axe-core";

/** WebGL and WebGPU on the CPU, by SwiftShader. */
const softwareGpu = [
  ...["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"],
  ...["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--enable-features=Vulkan"],
];

/** A camera that shows an image of the browser's own, and a person who allows it. */
const fakeCamera = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];

/** The page in headless Chromium. */
export interface OpenedPage extends DrivenPage {
  /** Addresses that the page asked for, and what its policy refused. */
  requests: string[];
  refused: string[];
  /** Waits for an expression to hold. */
  until(expression: string): Promise<void>;
  text(selector: string): Promise<string>;
  click(selector: string): Promise<void>;
  /** Files by drag and drop, or pasted. */
  give(how: "drop" | "paste", files: readonly { name: string; bytes: Uint8Array }[]): Promise<void>;
  choose(paths: readonly string[]): Promise<void>;
  look(how: { width?: number; dark?: boolean }): Promise<void>;
  /** What axe finds wrong on the page as it is. */
  faults(): Promise<string[]>;
}

/**
 * Opens the page and waits until it has started.
 *
 * @param gpu whether WebGL and WebGPU are played by the CPU; else absent
 * @param camera whether there is a camera
 */
export async function openPage(
  url: string,
  { downloads, gpu = false, camera = false }: { downloads: string; gpu?: boolean; camera?: boolean },
): Promise<OpenedPage> {
  const page = await driveChromium("about:blank", {
    downloads,
    flags: [...(gpu ? softwareGpu : ["--disable-gpu"]), ...(camera ? fakeCamera : [])],
  });
  const requests: string[] = [];
  const refused: string[] = [];
  page.on<{ request: { url: string } }>("Network.requestWillBeSent", ({ request }) =>
    requests.push(request.url),
  );
  page.on<{ entry: { source: string; text: string } }>("Log.entryAdded", ({ entry }) => {
    if (entry.source === "security") refused.push(entry.text);
  });
  await page.send("Network.enable");
  await page.send("Log.enable");
  const until = async (expression: string): Promise<void> => {
    const end = Date.now() + 120_000;
    while (!(await page.evaluate<boolean>(`Boolean(${expression})`))) {
      if (Date.now() > end) {
        const shown = await page.evaluate<string>("document.body.innerText");
        throw new Error(`expected ${expression}; the page shows:\n${shown.slice(0, 3000)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const opened: OpenedPage = {
    ...page,
    requests,
    refused,
    until,
    async reload() {
      await page.reload();
      await until("document.documentElement.dataset.started");
    },
    text: (selector) => page.evaluate(`document.querySelector(${JSON.stringify(selector)}).innerText`),
    click: (selector) => page.evaluate(`document.querySelector(${JSON.stringify(selector)}).click()`),
    give: (how, files) =>
      page.evaluate(`{
        const transfer = new DataTransfer();
        for (const [name, text] of ${JSON.stringify(files.map(({ name, bytes }) => [name, Buffer.from(bytes).toString("base64")]))})
          transfer.items.add(new File([Uint8Array.from(atob(text), (one) => one.charCodeAt(0))], name));
        document.body.dispatchEvent(${
          how === "drop"
            ? 'new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true })'
            : 'new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true })'
        });
      }`),
    async choose(files) {
      const { root } = await page.send<{ root: { nodeId: number } }>("DOM.getDocument");
      const { nodeId } = await page.send<{ nodeId: number }>("DOM.querySelector", {
        nodeId: root.nodeId,
        selector: "#files",
      });
      await page.send("DOM.setFileInputFiles", { nodeId, files });
    },
    async look({ width = 1280, dark = false }) {
      await page.send("Emulation.setDeviceMetricsOverride", {
        ...{ width, height: 900, deviceScaleFactor: 1, mobile: width < 600 },
      });
      await page.send("Emulation.setEmulatedMedia", {
        features: [{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }],
      });
    },
    async faults() {
      if (!(await page.evaluate<boolean>("Boolean(window.axe)")))
        await page.evaluate(`${axe.source};undefined`);
      return page.evaluate(
        `axe.run(document).then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ": " + html)))`,
      );
    },
  };
  await page.send("Page.navigate", { url });
  await until("document.documentElement?.dataset.started");
  return opened;
}
