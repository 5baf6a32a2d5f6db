import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { hasChromium } from "@csl/test-support/chromium";
import { driveChromium } from "@csl/test-support/drive-chromium";
import { temporaryFolder } from "@csl/test-support/temporary-folder";
import sharp from "sharp";
import { beforeAll, expect, it } from "vitest";
import { pageImages } from "./page-images.js";
import { readAnswers } from "./read-answers.js";
import type { ReviewItem } from "./review-item.js";
import { reviewPage } from "./review-page.js";

const { at, file } = temporaryFolder();
const hostile = `</script><img src=x onerror="document.title='run'">${"long".repeat(20)}`;
const review = { labels: "ab".repeat(32), split: "train" };
const items: ReviewItem[] = [
  {
    kind: "known",
    image: "=1.png",
    classId: hostile,
    className: hostile,
    label: 1,
    probability: 0.1,
    likely: true,
  },
  {
    kind: "known",
    image: "2.png",
    classId: "dog",
    className: "Dog",
    label: 0,
    probability: 0.8,
    likely: false,
  },
  {
    kind: "unknown",
    image: "2.png",
    classId: "cat",
    className: "Cat",
    label: -1,
    probability: 0.7,
    gainPerHour: 3,
  },
];

beforeAll(async () => {
  const image = { width: 8, height: 8, channels: 3 as const, background: "#369" };
  file("image.png", await sharp({ create: image }).png().toBuffer());
  const shown = await pageImages(items, { imageOf: () => at("image.png") });
  file("review.html", reviewPage(shown, { ...review, data: hostile }));
});

it("has each image once, and names as text", async () => {
  const page = await readFile(at("review.html"), "utf8");
  expect(page.match(/data:image\/jpeg/g)).toHaveLength(2);
  expect(page).not.toContain("<img src=x");
  expect(page).not.toMatch(/\b(?:https?:)?\/\/[a-z]/i);
});

it("leaves out questions whose image has gone, and those for which there is no room", async () => {
  const gone = await pageImages(items, {
    imageOf: (image) => at(image === "=1.png" ? "image.png" : "gone.png"),
  });
  expect(gone).toMatchObject({ items: [items[0]], unreadable: 1, leftOut: 0 });
  const full = await pageImages(items, {
    imageOf: () => at("image.png"),
    mostCharacters: 1.5 * gone.images[0]!.length,
  });
  expect(full).toMatchObject({ items: [items[0]], unreadable: 0, leftOut: 2 });
});

it.skipIf(!hasChromium).each([1280, 390])(
  "at a width of %i is answered by keys alone, resumed when it is opened again, and saves answers",
  async (width) => {
    const downloads = at(`saved-${width}`);
    const page = await driveChromium(pathToFileURL(at("review.html")).href, { downloads, width });
    try {
      expect(await page.evaluate("innerWidth")).toBe(width);
      expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
      const text = (id: string): Promise<string> =>
        page.evaluate(`document.getElementById("${id}").textContent`);
      const focused = (): Promise<string> => page.evaluate("document.activeElement.id");
      expect(await text("text")).toBe(`Is there “${hostile}” in this image?`);
      // What is said to a screen reader, and what buttons are called.
      expect(await text("said")).toContain("Question 1: Is there");
      expect(await page.evaluate('document.getElementById("image").alt')).toBe("The image of question 1");
      await page.press("n");
      expect(await text("said")).toBe("Question 2: Is there “Dog” in this image?");
      // Without letters: to the button by Tab, pressed by Enter.
      for (let i = 0; i < 12 && (await focused()) !== "yes"; i++) await page.press("Tab");
      expect(await focused()).toBe("yes");
      await page.press("Enter");
      await page.reload();
      expect(await text("progress")).toBe("2 of 3 answered");
      expect(await text("text")).toBe("Is there “Cat” in this image?");
      await page.press("s", "ArrowLeft", "y", "ArrowLeft", "ArrowLeft");
      expect(await page.evaluate('document.getElementById("yes").getAttribute("aria-pressed")')).toBe("true");
      expect(await text("counts")).toBe("2 yes, 1 no, 0 skipped of 3");
      await page.press("d");
      for (let i = 0; i < 100 && !existsSync(join(downloads, "answers.csv")); i++) await sleep(50);
      expect(await page.evaluate("document.title")).toBe("Review of labels: train");
    } finally {
      await page.close();
    }
    const read = await readAnswers(join(downloads, "answers.csv"), new AbortController().signal);
    expect(read.answers.map(({ image, classId, label, answer }) => [image, classId, label, answer])).toEqual([
      ["=1.png", hostile, 1, "no"],
      ["2.png", "dog", 0, "yes"],
      ["2.png", "cat", -1, "yes"],
    ]);
    expect(read).toMatchObject(review);
  },
);
