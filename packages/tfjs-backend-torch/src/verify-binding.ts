import { spawn } from "node:child_process";

/**
 * Loads a compiled binding in a process of its own and adds two numbers with it: a libtorch that crashes, or lacks a
 * library or a symbol, does so there.
 *
 * @throws with the reason, one line
 */
export async function verifyBinding(path: string): Promise<void> {
  const { code, signal, errors } = await runNode(script, path);
  if (code === 0) return;
  const reason =
    errors.split("\n").find((line) => /^\S*Error: /.test(line)) ??
    (signal ? `it crashed (${signal})` : `it ended with code ${code}`);
  throw new Error(reason.replace(/^Error: /, ""));
}

const script = `
const torch = require(process.argv[1]);
const one = torch.upload(new Float32Array([1]), [1], 6, "cpu");
const sum = torch.callOperator(torch.findOperator("aten::add", "Tensor"), one, one);
const result = new Float32Array(1);
torch.download(sum, result);
if (result[0] !== 2) throw new Error("1 + 1 came out as " + result[0]);
`;

function runNode(
  source: string,
  argument: string,
): Promise<{ code: number | null; signal: string | null; errors: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["-e", source, argument], { stdio: ["ignore", "ignore", "pipe"] });
    let errors = "";
    child.stderr.on("data", (chunk) => {
      errors += chunk;
    });
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, errors }));
  });
}
