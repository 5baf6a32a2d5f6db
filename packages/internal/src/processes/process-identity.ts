/** Which process it is, on which machine: enough to find out later whether it still runs. */
export interface ProcessIdentity {
  pid: number;
  host: string;
  /** Tells two machines, boots or containers of one name apart; undefined where the system does not say. */
  machine?: string | undefined;
  /** When the process started: numbers of processes are used again. Undefined where the system does not say. */
  started?: string | undefined;
}

let own: ProcessIdentity | undefined;

/** The running process. Node only. */
export function thisProcess(): ProcessIdentity {
  own ??= {
    pid: process.pid,
    host: process.getBuiltinModule("node:os").hostname(),
    machine: machineId(),
    started: processStart(process.pid),
  };
  return own;
}

/** Whether a process still runs; undefined when this machine cannot tell. */
export function isRunning({ pid, host, machine, started }: ProcessIdentity): boolean | undefined {
  const here = thisProcess();
  if (host !== here.host || (machine !== undefined && machine !== here.machine)) return undefined;
  try {
    process.kill(pid, 0); // sends nothing
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false; // EPERM: another user's
  }
  const now = processStart(pid);
  return started === undefined || now === undefined ? undefined : started === now;
}

/** Linux: the boot, and the space of process numbers, which every container has for itself. */
function machineId(): string | undefined {
  const { readFileSync, readlinkSync } = process.getBuiltinModule("node:fs");
  try {
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return undefined;
  }
}

/** Linux: the 22nd field of the process's state, in clock ticks since the boot. The second one may hold spaces. */
function processStart(pid: number): string | undefined {
  try {
    const stat = process.getBuiltinModule("node:fs").readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state, ...more] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // A process that was killed keeps its number until its parent asks for its end.
    return state === "Z" ? "ended" : more[18];
  } catch {
    return undefined;
  }
}
