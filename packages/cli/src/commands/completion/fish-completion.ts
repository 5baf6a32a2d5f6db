import type { CompletedCommand, CompletedFlag, CompletedValue } from "./completed-command.js";

export function fishCompletion(commands: readonly CompletedCommand[]): string {
  const pairs = commands.filter(({ name }) => name.includes(" "));
  return `# Completes csl in fish. csl completion fish > ~/.config/fish/completions/csl.fish
function __csl_command
    set -l words (commandline -opc)[2..-1]
    switch "$words[1..2]"
        case ${pairs.map(({ name }) => quoted(name)).join(" ")}
            echo "$words[1..2]"
        case '*'
            echo "$words[1]"
    end
end
complete -c csl -f
${commands.flatMap((command) => linesOf(command)).join("\n")}`;
}

function linesOf({ name, summary, flags, words }: CompletedCommand): string[] {
  const cut = name.lastIndexOf(" ");
  const is = (command: string) => `complete -c csl -n ${quoted(`test (__csl_command) = ${quoted(command)}`)}`;
  const start = cut < 0 ? "complete -c csl -n 'test -z (__csl_command)'" : is(name.slice(0, cut));
  return [
    `${start} -a ${quoted(name.slice(cut + 1))} -d ${quoted(summary)}`,
    ...flags.map((flag) => `${is(name)} ${flagOptions(flag)}`),
    ...(words === undefined ? [] : [`${is(name)} ${wordOptions(words)}`]),
  ];
}

function flagOptions({ spellings, description, value }: CompletedFlag): string {
  const names = spellings.map((one) => (one.startsWith("--") ? `-l ${one.slice(2)}` : `-s ${one.slice(1)}`));
  const takes = value === undefined ? [] : ["-r", wordOptions(value)];
  return [...names, ...takes, `-d ${quoted(description)}`].join(" ");
}

function wordOptions({ words, paths }: CompletedValue): string {
  const folders = paths === "folder" ? ["(__fish_complete_directories)"] : [];
  const known = [...words, ...folders].join(" ");
  return `${paths === "file" ? "-F" : "-f"}${known === "" ? "" : ` -a ${quoted(known)}`}`;
}

/** In single quotes fish reads a backslash before a quote and before itself. */
function quoted(text: string): string {
  return `'${text.replace(/['\\]/g, "\\$&")}'`;
}
