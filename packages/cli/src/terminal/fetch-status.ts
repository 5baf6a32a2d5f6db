import { formatBytes } from "./format.js";
import { startProgress } from "./progress.js";
import { paced, type Terminal } from "./terminal.js";

/** Shows the progress of a file that is fetched: the bytes that are there, the speed of those that came since, the time left. */
export function fetchStatus(
  label: string,
  terminal: Terminal,
): (progress: { done: number; total: number | undefined }) => void {
  const started = performance.now();
  const show = startProgress(terminal, { label });
  let from: number | undefined;
  const pacedShow = paced(({ done, total = 0 }: { done: number; total: number | undefined }) => {
    const rate = (done - from!) / ((performance.now() - started) / 1000);
    const detail = `${formatBytes(done)}, ${formatBytes(rate)}/s`;
    show(done, total, { detail, from: from! });
  });
  return (progress) => {
    from ??= progress.done;
    pacedShow(progress);
  };
}
