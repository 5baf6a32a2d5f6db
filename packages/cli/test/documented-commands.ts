import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");

export interface DocumentedCommand {
  /** `README.md:88` */
  place: string;
  /** Behind `csl`. */
  words: string[];
}

/** Every `csl …` in the ```sh blocks of the repository's pages, alone or behind a launcher such as torchrun. */
export function documentedCommands(): DocumentedCommand[] {
  const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "*.md"], { cwd: root });
  const pages = listed.toString().split("\n");
  return pages
    .filter((path) => path !== "" && !/(^|\/)(\.changeset|fixtures|CHANGELOG\.md)/.test(path))
    .filter((path) => existsSync(join(root, path)))
    .flatMap((path) => commandsOf(readFileSync(join(root, path), "utf8"), path));
}

function commandsOf(markdown: string, path: string): DocumentedCommand[] {
  const commands: DocumentedCommand[] = [];
  for (const block of markdown.matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm)) {
    const line = markdown.slice(0, block.index).split("\n").length;
    for (const statement of statementsOf(block[1]!)) {
      const at = statement.findIndex((word) => word === "csl" || word.endsWith("/csl.js"));
      const before = statement.slice(0, at);
      // `npm i -g csl` or a text with the word is no call of it.
      const launched = before.every((word) => !/^(npm|npx|echo|command:)$/.test(word));
      if (at >= 0 && launched) commands.push({ place: `${path}:${line}`, words: statement.slice(at + 1) });
    }
  }
  return commands;
}

/** The statements of a block as words; comments, redirections and what a shell would substitute are left out. */
function statementsOf(block: string): string[][] {
  const lines = block.replaceAll(/\\\n\s*/g, " ").split("\n");
  return lines.flatMap((line) => {
    const tokens =
      line.match(/#.*$|"(?:[^"\\]|\\.)*"|'[^']*'|&&|\|\||[|;()]|\d?>+\s*\S+|[^\s"'|;()]+/g) ?? [];
    const statements: string[][] = [[]];
    for (const token of tokens) {
      if (token.startsWith("#")) break;
      if (/^(&&|\|\||[|;()])$/.test(token)) statements.push([]);
      else if (/^".*\$\(csl /.test(token))
        statements.push(/\$\(csl ([^)]*)\)/.exec(token)![0].slice(2, -1).split(" "));
      else if (!/^\d?>/.test(token)) statements.at(-1)!.push(token.replace(/^(["'])(.*)\1$/, "$2"));
    }
    return statements;
  });
}
