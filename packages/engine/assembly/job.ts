// A job is a number of independent items; every thread takes items until none is left. The block lies in the
// shared heap, 64-bit aligned:
//   +0  u64 ticket: generation << 32 | items not yet taken (one word, so that a thread that wakes late can never
//           take an item of a job whose arguments it has not seen)
//   +8  i32 items completed
//   +12 i32 items in the job
//   +16 i32 task
//   +20 i32 threads wanted, the caller included
//   +24 i32 1: the caller must not sleep, as a page's own thread in a browser
//   +32 arguments, 4 bytes each
import { execute } from "./execute";

const SPINS: i32 = 4000; // about 20 microseconds: less than it takes to wake a sleeping thread

// Takes and runs items until the job has none left.
function takeItems(block: usize): void {
  for (;;) {
    const ticket = atomic.load<u64>(block);
    const left = <u32>ticket;
    if (left === 0) return;
    if (atomic.cmpxchg<u64>(block, ticket, ticket - 1) !== ticket) continue;
    const total = load<u32>(block, 12);
    execute(load<i32>(block, 16), block + 32, total - left);
    if (<u32>atomic.add<i32>(block + 8, 1) + 1 === total) atomic.notify(block + 8, 1);
  }
}

// The caller's side: publishes the job, works on it, and returns when every item is done.
export function runJob(block: usize, task: i32, items: i32, threads: i32): void {
  store<i32>(block, items, 12);
  store<i32>(block, task, 16);
  if (threads <= 1 || items === 1) {
    for (let i = 0; i < items; i++) execute(task, block + 32, i);
    return;
  }
  atomic.store<i32>(block + 8, 0);
  const generation = (atomic.load<u64>(block) >> 32) + 1;
  atomic.store<u64>(block, (generation << 32) | <u64>(<u32>items));
  atomic.notify(block + 4, threads - 1);
  takeItems(block);
  let spins = SPINS;
  for (;;) {
    const completed = atomic.load<i32>(block + 8);
    if (completed === items) return;
    if (--spins < 0 && load<i32>(block, 24) === 0) atomic.wait<i32>(block + 8, completed, 200000);
  }
}

// The side of helper thread `index` (1, 2, …): returns when fewer threads are wanted, and never between taking an item
// and completing it, so a job cannot lose one.
export function serveJobs(block: usize, index: i32): void {
  let spins = SPINS;
  while (index < atomic.load<i32>(block + 20)) {
    const ticket = atomic.load<u64>(block);
    if (<u32>ticket !== 0) {
      takeItems(block);
      spins = SPINS;
    } else if (--spins < 0) {
      atomic.wait<i32>(block + 4, <i32>(ticket >> 32), -1);
      spins = SPINS;
    }
  }
}

// Lets helper threads from index `threads` on end.
export function setThreads(block: usize, threads: i32): void {
  atomic.store<i32>(block + 20, threads);
  atomic.notify(block + 4, -1);
}
