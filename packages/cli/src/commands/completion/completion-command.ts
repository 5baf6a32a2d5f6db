import { CslError } from "@csl/internal/errors/csl-error";
import { type Command, defineCommand } from "../../flags/command.js";
import { bashCompletion } from "./bash-completion.js";
import { completed } from "./completed-command.js";
import { fishCompletion } from "./fish-completion.js";
import { zshCompletion } from "./zsh-completion.js";

const shells = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };
const isShell = (word: string): word is keyof typeof shells => Object.hasOwn(shells, word);

/**
 * `csl completion`: a script by which a shell completes commands, flags and values. It is written from the tables of flags
 * and holds all of them, as starting csl at each press of the key would take a second.
 *
 * @param commands asked for when the command runs, as this command is one of them.
 */
export function completionCommand(commands: () => readonly Command[]): Command {
  return defineCommand({
    name: "completion",
    summary: "print what makes a shell complete commands, flags and values",
    positional: {
      name: "shell",
      many: false,
      description: "bash, zsh or fish",
      choices: Object.keys(shells),
    },
    flags: {},
    async run(_, { terminal }, [shell = ""]) {
      if (!isShell(shell))
        throw new CslError(
          "invalid-argument",
          `csl completion: expected one of ${Object.keys(shells).join(", ")}, got "${shell}".`,
        );
      terminal.print(shells[shell](commands().map(completed)));
    },
  });
}
