import { CslError } from "@csl/internal/errors/csl-error";
import { runProgram } from "@csl/internal/processes/run-program";

/**
 * Loads a compiled binding in a process of its own and adds two numbers with it: a libtorch that crashes, or lacks a
 * library or a symbol, does so there.
 *
 * @param options.computes false for a binding that has no operators
 * @throws CslError `failed` with the reason, one line
 */
export async function verifyBinding(
  path: string,
  { computes = true }: { computes?: boolean } = {},
): Promise<void> {
  const { code, signal, reason, stdout } = await runProgram(process.execPath, [
    "-e",
    script,
    path,
    String(computes),
  ]);
  if (code === 0) return;
  const ending = signal ? `it crashed (${signal})` : (reason ?? `it ended with code ${code}`);
  throw new CslError("failed", stdout.trim() || ending);
}

// Says on standard output what is wrong; standard error is also that of the libraries.
const script = `
try {
  const torch = require(process.argv[1]);
  if (process.argv[2] !== "true") process.exit();
  const one = torch.upload(new Float32Array([1]), [1], 6, "cpu");
  const sum = torch.callOperator(torch.findOperator("aten::add", "Tensor"), one, one);
  const result = new Float32Array(1);
  torch.download(sum, result);
  if (result[0] !== 2) throw new Error("1 + 1 came out as " + result[0]);
} catch (error) {
  process.stdout.write(error.message.split("\\n")[0]);
  process.exitCode = 1;
}
`;
