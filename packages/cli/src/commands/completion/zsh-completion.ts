import type { CompletedCommand, CompletedFlag, CompletedValue } from "./completed-command.js";

/** Works where it is evaluated, and as a file _csl in a folder of $fpath. */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  return `#compdef csl
# Completes csl in zsh. In ~/.zshrc, after compinit: eval "$(csl completion zsh)"
_csl() {
  local curcontext=$curcontext state line
  if ((CURRENT == 2)); then
    local -a commands=(
${commands
  .filter(({ name }) => !name.includes(" "))
  .map(({ name, summary }) => `      ${quoted(`${name}:${summary}`)}`)
  .join("\n")}
      ${quoted("help:show what a command takes")}
    )
    _describe -t commands "csl command" commands
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case "$command $words[2]" in
  ${commands
    .filter(({ name }) => name.includes(" "))
    .map(({ name }) => quoted(name))
    .join(" | ")})
    if ((CURRENT > 2)); then
      command="$command $words[2]"
      shift words
      ((CURRENT--))
    fi
    ;;
  esac
  case $command in
${commands.map((command) => argumentsOf(command, commands)).join("\n")}
  esac
}
if [[ $funcstack[1] == _csl ]]; then _csl "$@"; else compdef _csl csl; fi`;
}

function argumentsOf(
  { name, flags, words }: CompletedCommand,
  commands: readonly CompletedCommand[],
): string {
  const next = commands
    .filter((one) => one.name.startsWith(`${name} `))
    .map((one) => one.name.split(" ")[1]!);
  const follows = next.length > 0 ? { words: next, paths: undefined } : words;
  const specs = [
    ...flags.flatMap(flagSpecs),
    "--help[show the help]",
    ...(follows === undefined ? [] : [`*:word:${action(follows)}`]),
  ];
  return `  ${quoted(name)})\n    _arguments -s ${specs.map(quoted).join(" \\\n      ")}\n    ;;`;
}

function flagSpecs({ spellings, description, value, placeholder }: CompletedFlag): string[] {
  const exclusive = `(${spellings.join(" ")})`;
  const text = `[${description.replace(/[[\]\\]/g, "\\$&")}]`;
  return spellings.map((one) => {
    const takes = value === undefined ? "" : one.startsWith("--") ? "=" : "+";
    return `${exclusive}${one}${takes}${text}${value === undefined ? "" : `:${placeholder}:${action(value)}`}`;
  });
}

function action({ words, paths }: CompletedValue): string {
  const files = paths === "folder" ? "_files -/" : "_files";
  if (words.length === 0) return paths ? files : " ";
  const known = `(${words.join(" ")})`;
  return paths ? ` _alternative "words:word:${known}" "paths:path:${files}"` : known;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
