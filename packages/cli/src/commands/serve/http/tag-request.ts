import type { TagOptions } from "@csl/tagger";
import type { FastifyRequest } from "fastify";
import type { ModelHolder } from "../model/model-holder.js";
import type { Admission } from "./admission.js";
import { type ImageLimits, type RequestedImage, readImages } from "./read-images.js";
import { answerOf, errorBody, ServiceError } from "./service-error.js";

export interface TagLimits extends ImageLimits {
  /** Milliseconds that a request may take to arrive, and again until it is answered. */
  timeout: number;
}

/** Tags the images of a request. A list has an answer for each of its images, an error for those that cannot be read. */
export async function tagRequest(
  request: FastifyRequest,
  { holder, admission, limits }: { holder: ModelHolder; admission: Admission; limits: TagLimits },
): Promise<{ body: object; tagged: number }> {
  const choice = choiceOf(request.query as Record<string, unknown>);
  if (admission.isFull) throw admission.full();
  const { single, images } = await readImages(request, limits, AbortSignal.timeout(limits.timeout));
  return admission.run(images.length, () =>
    holder.use(async (tagger) => {
      const signal = AbortSignal.timeout(limits.timeout);
      const tagOne = async ({ bytes }: RequestedImage): Promise<object> => {
        try {
          return await inTime(
            bytes().then((image) => tagger.tag(image, { ...choice, signal })),
            signal,
          );
        } catch (error) {
          if (signal.aborted) throw late();
          throw error;
        }
      };
      if (single) return { body: await tagOne(images[0]!), tagged: 1 };
      const answers = await Promise.all(
        images.map(async (image) => {
          const named = image.name === undefined ? {} : { name: image.name };
          return tagOne(image).then(
            (tags) => ({ ok: true, answer: { ...named, ...tags } }),
            (error: unknown) => {
              const answer = answerOf(error);
              if (answer.status === 500) request.log.error(error);
              return { ok: false, answer: { ...named, ...errorBody(answer) } };
            },
          );
        }),
      );
      return {
        body: { images: answers.map(({ answer }) => answer) },
        tagged: answers.filter(({ ok }) => ok).length,
      };
    }),
  );
}

/** Decoding does not stop by itself: the answer does not wait for it. */
function inTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = (): void => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(late());
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
  });
  return Promise.race([work, stopped]).finally(() => signal.removeEventListener("abort", stop));
}

function late(): ServiceError {
  return new ServiceError(503, "timeout", "csl serve: the image was not tagged in time. Try again.", 1);
}

/** `?threshold=0.5&top=5` */
function choiceOf({
  threshold,
  top,
  ...more
}: Record<string, unknown>): Pick<TagOptions, "threshold" | "top"> {
  const [unknown] = Object.keys(more);
  if (unknown !== undefined)
    throw new ServiceError(
      400,
      "unknown-option",
      `csl serve: expected threshold or top in the address, got ${JSON.stringify(unknown.slice(0, 40))}.`,
    );
  return {
    ...(threshold !== undefined && {
      threshold: numberOf("threshold", threshold, (value) => value >= 0 && value <= 1),
    }),
    ...(top !== undefined && {
      top: numberOf("top", top, (value) => Number.isSafeInteger(value) && value > 0),
    }),
  };
}

const expected = { threshold: "a number from 0 to 1", top: "a positive whole number" } as const;

function numberOf(name: keyof typeof expected, given: unknown, allows: (value: number) => boolean): number {
  const value = typeof given === "string" && given.trim() !== "" ? Number(given) : Number.NaN;
  if (allows(value)) return value;
  throw new ServiceError(
    400,
    "invalid-argument",
    `csl serve: expected ${name} to be ${expected[name]}, got ${JSON.stringify(given)?.slice(0, 40)}.`,
  );
}
