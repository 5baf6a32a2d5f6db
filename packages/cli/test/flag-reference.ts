import { commands } from "../src/commands/commands.js";
import type { Command } from "../src/flags/command.js";
import type { AnyFlag, FlagGroup } from "../src/flags/flag.js";
import { generalFlags } from "../src/flags/read-flags.js";
import { batchFlags, datasetFlags, engineFlags } from "../src/flags/shared-flags.js";

const shared: readonly [title: string, group: FlagGroup][] = [
  ["Flags of every command", generalFlags],
  ["Data set flags", datasetFlags],
  ["Batch flags", batchFlags],
  ["Engine flags", engineFlags],
];

/** The README's reference: every command with its flags, those that several commands share once. */
export function flagReference(): string {
  return [
    ...commands.map(commandSection),
    ...shared.map(([title, group]) => section(title, table(group))),
  ].join("\n\n");
}

function commandSection({ name, summary, positional, flags }: Command): string {
  const rows = Object.values(flags).flatMap((group) => Object.entries(group));
  const sharedBy = shared.filter(([, group]) => {
    const used = rows.filter(([flag, row]) => group[flag] === row);
    return used.length > Object.keys(group).length / 2;
  });
  const own = rows.filter(([flag, row]) => !sharedBy.some(([, group]) => group[flag] === row));
  const links = sharedBy.map(
    ([title]) => `[${title.toLowerCase()}](#${title.toLowerCase().replaceAll(" ", "-")})`,
  );
  const words = positional ? ` ${positional.name.toUpperCase()}${positional.many ? "…" : ""}` : "";
  const sentence = `${summary[0]!.toUpperCase()}${summary.slice(1)}.${
    positional?.description ? ` ${positional.name.toUpperCase()}: ${positional.description}.` : ""
  }`;
  const more = own.length > 0 ? [table(Object.fromEntries(own))] : [];
  return section(`\`csl ${name}${words}\``, [sentence, ...more, `And the ${links.join(", ")}.`].join("\n\n"));
}

function section(title: string, content: string): string {
  return `### ${title}\n\n${content}`;
}

/** A Markdown table with aligned columns, as the formatter leaves it. */
function table(group: FlagGroup): string {
  const cells = Object.entries(group).map(([name, row]) => [
    flagCell(name, row),
    defaultCell(row),
    meaning(row),
  ]);
  const rows = [["flag", "default", "meaning"], ...cells];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) => `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(" | ")} |`);
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [lines[0]!, rule, ...lines.slice(1)].join("\n");
}

function flagCell(name: string, { placeholder, more, default: value }: AnyFlag): string {
  const open = placeholder === undefined && value === undefined;
  const long = `--${value === true ? "no-" : open ? "[no-]" : ""}${name}`;
  return `\`${more.short ? `-${more.short}, ` : ""}${long}${placeholder ? ` <${placeholder}>` : ""}\``;
}

function defaultCell({ default: value }: AnyFlag): string {
  return value === undefined ? "" : `\`${value === true ? "on" : value === false ? "off" : value}\``;
}

function meaning({ description, expected, placeholder, more, default: value }: AnyFlag): string {
  const kind = more.choices
    ? `: ${more.choices.map((name) => `\`${name}\``).join(", ")}`
    : placeholder === "number"
      ? ` (${expected})`
      : "";
  return `${value === true ? "switches this off: " : ""}${description}${kind}`.replaceAll("|", "\\|");
}
