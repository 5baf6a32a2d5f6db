import type { CompletedCommand, CompletedValue } from "./completed-command.js";

/** Runs in bash 3.2, which macOS has, and needs no bash-completion. */
export function bashCompletion(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name }) => name);
  const parents = [...new Set(names.filter((name) => name.includes(" ")).map((name) => name.split(" ")[0]!))];
  return `# Completes csl in bash. In ~/.bashrc: eval "$(csl completion bash)"
_csl() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} command=\${COMP_WORDS[1]}
  # --flag=value comes in three words
  if [[ $word == = ]]; then word=; elif [[ $before == = ]]; then before=\${COMP_WORDS[COMP_CWORD - 2]}; fi
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W "${[...new Set(names.map((name) => name.split(" ")[0]!))].join(" ")} help --help --version" -- "$word"))
    return
  fi
  case "$command \${COMP_WORDS[2]}" in
  ${names
    .filter((name) => name.includes(" "))
    .map((name) => `"${name}"`)
    .join(" | ")}) ((COMP_CWORD > 2)) && command="$command \${COMP_WORDS[2]}" ;;
  esac
  case "$command $before" in
${commands.flatMap(valueCases).join("\n")}
  esac
  if [[ $word == -* ]]; then
    case $command in
${commands.map(flagCase).join("\n")}
    esac
    return
  fi
  case $command in
${commands.map((command) => wordCase(command, parents.includes(command.name) ? names : [])).join("\n")}
  esac
}
_csl_paths() {
  compopt -o filenames 2>/dev/null
  local IFS=$'\\n'
  COMPREPLY+=($(compgen "$1" -- "$2"))
}
complete -F _csl csl`;
}

function valueCases({ name, flags }: CompletedCommand): string[] {
  const groups = new Map<string, string[]>();
  for (const { spellings, value } of flags) {
    if (value === undefined) continue;
    const answer = reply(value);
    const patterns = spellings.map((one) => `"${name} ${one}"`);
    groups.set(answer, [...(groups.get(answer) ?? []), ...patterns]);
  }
  return [...groups].map(([answer, patterns]) => `  ${patterns.join(" | ")}) ${answer}return ;;`);
}

function flagCase({ name, flags }: CompletedCommand): string {
  const spellings = [...flags.flatMap((flag) => flag.spellings), "--help"].join(" ");
  return `    "${name}") COMPREPLY=($(compgen -W "${spellings}" -- "$word")) ;;`;
}

function wordCase({ name, words }: CompletedCommand, names: readonly string[]): string {
  const next = names.filter((one) => one.startsWith(`${name} `)).map((one) => one.split(" ")[1]!);
  return `  "${name}") ${reply(next.length > 0 ? { words: next, paths: undefined } : words)};;`;
}

function reply(value: CompletedValue | undefined): string {
  if (value === undefined) return "";
  const { words, paths } = value;
  const known = words.length > 0 ? `COMPREPLY=($(compgen -W "${words.join(" ")}" -- "$word")); ` : "";
  return paths ? `${known}_csl_paths ${paths === "file" ? "-f" : "-d"} "$word"; ` : known;
}
