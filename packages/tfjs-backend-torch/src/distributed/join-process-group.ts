import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { networkInterfaces } from "node:os";
import { checkOptions } from "@csl/internal/errors/check-options";
import { checkRange } from "@csl/internal/errors/check-values";
import { CslError } from "@csl/internal/errors/csl-error";
import { GlooGroup } from "./gloo-group.js";
import { loadGroupBinding } from "./group-binding.js";
import type { ProcessGroup } from "./process-group.js";

export interface ProcessGroupOptions {
  /** Of this process, from 0 on. */
  rank: number;
  /** Processes of the group. */
  size: number;
  /** Where the processes meet: a name or an address of rank 0's machine, and a free port there. */
  host: string;
  port: number;
  /** Whether this process opens that port. Default: rank 0 does. Under torchrun its agent does, and no rank. */
  serves?: boolean;
  /** Seconds, from 1 on, that a rank waits for the others: at the start and in every collective. Default 600. */
  timeout?: number;
  /** The network interface to listen on, as `ip link` names it. Default: the one that leads to `host`. */
  interface?: string;
  /** Tells groups apart that meet at the same place one after the other, as after a restart. */
  name?: string;
  log?: (line: string) => void;
  signal?: AbortSignal;
}

/**
 * Joins the processes that train together, by libtorch's c10d: a TCPStore to meet at, Gloo for the sums. Every process calls
 * it; it returns when all are there. Anybody who reaches the port can take part: use it on trusted networks only.
 *
 * @throws CslError `unsupported` without libtorch; `failed` when not all ranks come within `timeout`
 */
export async function joinProcessGroup(options: ProcessGroupOptions): Promise<ProcessGroup> {
  checkOptions("joinProcessGroup", options, {
    ...{ rank: true, size: true, host: true, port: true, serves: true, timeout: true },
    ...{ interface: true, name: true, log: true, signal: true },
  });
  const { rank, size, host, port, timeout = 600, serves = rank === 0, name = "csl", log, signal } = options;
  if (!Number.isInteger(size) || size < 1 || !Number.isInteger(rank) || rank < 0 || rank >= size)
    throw new CslError(
      "invalid-argument",
      `joinProcessGroup: expected a rank from 0 to size - 1, got rank ${rank} of ${size}.`,
    );
  checkRange("joinProcessGroup", "port", port, { from: 1, to: 65535 });
  checkRange("joinProcessGroup", "timeout", timeout, { from: 1 });
  const binding = await loadGroupBinding({ ...(log && { log }), ...(signal && { signal }) });
  const address = options.interface
    ? addressOf(options.interface)
    : await addressTowards(host, port, { speaker: `joinProcessGroup: rank ${rank} of ${size}` });
  const group = new GlooGroup(binding, { rank, size, timeout });
  await group.connect({ host, port, serves, prefix: name, address });
  return group;
}

function addressOf(name: string): string {
  const found = networkInterfaces()[name];
  if (found?.[0]) return (found.find(({ family }) => family === "IPv4") ?? found[0]).address;
  const names = Object.keys(networkInterfaces()).join(", ");
  throw new CslError(
    "not-found",
    `joinProcessGroup: expected a network interface of this machine (${names}), got ${name}.`,
  );
}

/** This machine's own address on the way to the host; nothing is sent. A machine's name often leads to 127.0.1.1 instead. */
async function addressTowards(host: string, port: number, { speaker }: { speaker: string }): Promise<string> {
  const { address, family } = await lookup(host).catch((cause: NodeJS.ErrnoException) => {
    throw new CslError(
      "failed",
      `${speaker}: expected a host to meet at, got ${host}, which this machine does not know (${cause.code}). ` +
        "Is MASTER_ADDR the name or address of rank 0's machine?",
      { cause },
    );
  });
  const socket = createSocket(family === 6 ? "udp6" : "udp4");
  try {
    return await new Promise<string>((resolve, reject) => {
      socket.once("error", reject);
      socket.connect(port, address, () => resolve(socket.address().address));
    });
  } catch (cause) {
    throw new CslError("failed", `${speaker}: no way leads to ${host}: ${(cause as Error).message}.`, {
      cause,
    });
  } finally {
    socket.close();
  }
}
