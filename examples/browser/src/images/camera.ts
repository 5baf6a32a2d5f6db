import type { Networks } from "../compute/networks.js";
import type { Session } from "../session.js";
import { pickTags } from "../tag/pick-tags.js";
import { byId } from "../ui/element.js";
import { attempt, complain, say } from "../ui/messages.js";
import { addImages, squarePixels } from "./add-images.js";

/** Milliseconds between two looks at what the camera sees. */
const pause = 400;

const reasons: Record<string, string> = {
  NotAllowedError:
    "The camera was refused. Allow it for this page in the browser's address bar or in the system's settings, and open it again.",
  NotFoundError: "This device has no camera that the browser can use. Choose files instead.",
  NotReadableError:
    "The camera is there but does not start: another program may be using it. Close that, and open it again.",
};

/** The camera: tags of what it sees while it is open, and photos as images. */
export function startCamera(session: Session, networks: Networks): void {
  const panel = byId("camera");
  const video = byId<HTMLVideoElement>("video");
  let stream: MediaStream | undefined;
  const close = (): void => {
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = undefined;
    panel.hidden = true;
    byId<HTMLButtonElement>("open-camera").disabled = false;
  };
  byId("open-camera").addEventListener("click", () =>
    attempt(async () => {
      stream = await openCamera();
      byId<HTMLButtonElement>("open-camera").disabled = true;
      panel.hidden = false;
      video.srcObject = stream;
      await video.play();
      byId("take").focus();
      say("The camera is open.");
      void tagWhile(() => stream !== undefined, video, session, networks).catch((error) => {
        close();
        complain(error);
      });
    }),
  );
  byId("close-camera").addEventListener("click", () => {
    close();
    byId("open-camera").focus();
    say("The camera is closed.");
  });
  let taken = 0;
  byId("take").addEventListener("click", () =>
    attempt(async () => {
      const blob = await photoOf(video);
      await addImages(session, networks, [{ blob, name: `photo ${++taken}` }]);
    }),
  );
}

async function openCamera(): Promise<MediaStream> {
  // Absent on a page that is served neither by https nor from this machine.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (!devices)
    throw new Error(
      "The browser gives the camera to pages of this machine (localhost) and of https only. Open the page there, or choose files.",
    );
  try {
    return await devices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
  } catch (cause) {
    const { name, message } = cause as DOMException;
    throw new Error(reasons[name] ?? `The camera does not start: ${message}.`, { cause });
  }
}

/** Not read out: it changes with each look. */
async function tagWhile(
  open: () => boolean,
  video: HTMLVideoElement,
  { models }: Session,
  networks: Networks,
): Promise<void> {
  const [{ id, side }] = models.models;
  while (open()) {
    if (video.videoWidth > 0) {
      const pixels = await squarePixels(await photoOf(video), "the camera's image", side);
      const [answer] = await networks.answer([pixels]);
      const tags = pickTags(answer!.logits.get(id)!, models);
      byId("live").textContent = tags
        .map(({ name, score }) => `${name} ${Math.round(score * 100)} %`)
        .join(", ");
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

async function photoOf(video: HTMLVideoElement): Promise<Blob> {
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d")!.drawImage(video, 0, 0);
  const blob = await new Promise<Blob | null>((resolve) => {
    canvas.toBlob(resolve, "image/jpeg", 0.95);
  });
  if (!blob) throw new Error("The camera has not sent an image yet. Try again.");
  return blob;
}
