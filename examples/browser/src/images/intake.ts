import type { Networks } from "../compute/networks.js";
import { modelsAddress } from "../models/load-models.js";
import type { Session } from "../session.js";
import { byId } from "../ui/element.js";
import { attempt, complain } from "../ui/messages.js";
import { addImages } from "./add-images.js";

/** The ways in: dropped, chosen and pasted files, and the images of the quick start. */
export function startIntake(session: Session, networks: Networks): void {
  const add = (files: FileList | null | undefined): void => {
    const named = Array.from(files ?? [], (blob) => ({ blob, name: blob.name || "the pasted image" }));
    if (named.length > 0) attempt(() => addImages(session, networks, named));
  };
  const files = byId<HTMLInputElement>("files");
  files.addEventListener("change", () => {
    add(files.files);
    files.value = ""; // the same file may be chosen again
  });
  startDrop(add);
  document.addEventListener("paste", (event) => {
    if (event.target instanceof HTMLInputElement && event.clipboardData?.types.includes("text/plain")) return;
    const pasted = event.clipboardData?.files;
    if (!pasted?.length) complain("What was pasted is not an image. Copy an image, or a file of one.");
    add(pasted);
  });
  const samples = byId<HTMLButtonElement>("add-samples");
  samples.addEventListener("click", () =>
    attempt(async () => {
      samples.disabled = true; // once is enough
      try {
        await addImages(session, networks, await fetchSamples(session));
      } catch (error) {
        samples.disabled = false;
        throw error;
      }
    }),
  );
}

function startDrop(add: (files: FileList | null | undefined) => void): void {
  const area = byId("drop");
  const mark = (over: boolean): void => {
    area.classList.toggle("over", over);
  };
  document.addEventListener("dragover", (event) => {
    event.preventDefault(); // or the browser would leave the page for the image
    mark(true);
  });
  document.addEventListener("dragleave", ({ relatedTarget }) => mark(relatedTarget !== null));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    mark(false);
    const dropped = event.dataTransfer?.files;
    if (!dropped?.length)
      complain(
        "What was dropped is not a file. Save the image first, or copy it and paste it here: the page fetches nothing from other sites.",
      );
    add(dropped);
  });
}

function fetchSamples({ models }: Session) {
  return Promise.all(
    models.manifest.samples.map(async ({ file, shows }) => {
      const answer = await fetch(new URL(file, modelsAddress));
      if (!answer.ok) throw new Error(`models/${file}: the server answered ${answer.status}.`);
      return { blob: await answer.blob(), name: file.replace("samples/", ""), shows: new Set(shows) };
    }),
  );
}
