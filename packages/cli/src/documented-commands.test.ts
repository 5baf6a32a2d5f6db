import { isCslError } from "@csl/internal/errors/csl-error";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { documentedCommands } from "../test/documented-commands.js";
import { commands } from "./commands/commands.js";
import { readFlags } from "./flags/read-flags.js";
import { runCommand } from "./run-command.js";

// Each command checks what it is given and does nothing: a page's commands need data, weights and hours.
beforeAll(() => {
  for (const command of commands) {
    const { General: _, ...flags } = command.flags;
    vi.spyOn(command, "execute").mockImplementation(async (given, _words, _contextFor, all) => {
      await readFlags(`csl ${command.name}`, flags, given, all);
    });
  }
});
afterAll(() => vi.restoreAllMocks());

const found = documentedCommands();

it("finds the commands of the pages", () => {
  expect(found.length).toBeGreaterThan(80);
});

it.each(found)("$place: csl $words", async ({ words }) => {
  const refused = await runCommand(words, { out: { write: () => true } }).catch((error: unknown) => error);
  // The files are the reader's. A value that cannot be, and a flag that does not exist, have other codes.
  if (
    refused !== undefined &&
    !(
      (isCslError(refused, "not-found") || isCslError(refused, "cannot-read")) &&
      !/^csl: /.test((refused as Error).message)
    )
  )
    throw refused;
});
