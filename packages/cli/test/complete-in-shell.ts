import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

export const isInstalled = (shell: Shell): boolean => spawnSync(shell, ["--version"]).status === 0;

/** What a real shell offers behind a line such as `csl train --dat`, given the script of `csl completion`, in `folder`. */
export function completeInShell(shell: Shell, script: string, line: string, folder: string): string[] {
  const home = mkdtempSync(join(tmpdir(), "csl-completion-"));
  try {
    writeFileSync(join(home, "script"), script);
    writeFileSync(join(home, "ask"), programs[shell]);
    const output = execFileSync(shell, [...(shell === "bash" ? ["--norc"] : []), join(home, "ask"), line], {
      cwd: folder,
      encoding: "utf8",
      timeout: 30_000,
      env: { PATH: process.env.PATH, HOME: home, SCRIPT: join(home, "script"), TERM: "dumb" },
    });
    const found = output.split("\n").map((one) => one.split("\t")[0]!.trim());
    return [...new Set(found.filter((one) => one !== ""))];
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

const programs: Record<Shell, string> = {
  // As readline does: words are divided at spaces and before and behind "=".
  bash: `source "$SCRIPT"
line=\${1//=/ = }
COMP_WORDS=($line)
if [[ $line == *' ' ]]; then COMP_WORDS+=(''); fi
COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
_csl
printf '%s\\n' "\${COMPREPLY[@]}"`,
  // A terminal in which Tab is pressed; what is offered is printed instead of added.
  zsh: `zmodload zsh/zpty
zpty terminal zsh -f -i
setup=$HOME/setup
print -r -- '
PS1=
autoload -Uz compinit
compinit -u -D
source $SCRIPT
zstyle ":completion:*" completer _complete
show_begin() { print -r -- "<begin>" }
show_end() { print -r -- "<end>"; exit }
compprefuncs=(show_begin)
comppostfuncs=(show_end)
compadd() {
  if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]]; then builtin compadd "$@"; return; fi
  local -a hits
  builtin compadd -A hits "$@"
  (( $#hits )) && print -rl -- $hits
  builtin compadd "$@"
}
bindkey "^I" complete-word
' > $setup
zpty -w terminal "source $setup"
zpty -w terminal 'print -r -- "<""ready>"'
zpty -r terminal skipped '*<ready>*'
zpty -wn terminal "$1"$'\\t'
zpty -r terminal all '*<end>*'
all=\${all##*<begin>}
print -r -- "\${\${all%%<end>*}//$'\\r'/}"`,
  fish: `source "$SCRIPT"
complete -C "$argv[1]"`,
};
