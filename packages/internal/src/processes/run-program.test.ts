import { tmpdir } from "node:os";
import { expect, it } from "vitest";
import { runProgram } from "./run-program.js";

const node = process.execPath;

it("hands back the exit code and what was written", async () => {
  const script = "console.log(process.cwd()); console.error('two'); process.exitCode = 3";
  expect(await runProgram(node, ["-e", script], { cwd: tmpdir() })).toEqual({
    ...{ code: 3, signal: undefined, reason: undefined },
    ...{ stdout: `${tmpdir()}\n`, stderr: "two\n" },
  });
});

it("tells a program that ended by a signal from one that did not start", async () => {
  const killed = await runProgram(node, ["-e", "process.kill(process.pid, 'SIGKILL')"]);
  expect(killed).toMatchObject({ code: undefined, signal: "SIGKILL", reason: undefined });
  const missing = await runProgram("/no/such/program", []);
  expect(missing).toMatchObject({
    code: undefined,
    signal: undefined,
    reason: expect.stringContaining("ENOENT"),
  });
});
