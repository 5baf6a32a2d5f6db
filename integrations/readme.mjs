// The examples of a README, as a new user sees them: what to install, and what to type.

/**
 * @returns `examples`: the ```ts and ```js blocks, each `{ line, lang, code, install, blocks, why }`: `install` is what the
 * README says to install before it, and `why` is set when the block is not run; `commands`: what else stands in ```sh
 * blocks, as `{ line, command, run }`.
 *
 * An example is run with the first `npm install` line of the README, and with those of its own section that stand above
 * it. On the line before a block may stand
 *
 *     <!-- not run: the reason -->   it needs data or a machine of your own
 *     <!-- continues -->             it continues with the variables of the example before
 *     <!-- continues, not run: the reason -->
 *     <!-- needs libtorch -->        it runs where @csl/tfjs-backend-torch finds one
 *     <!-- run -->                   a ```sh block whose commands are run, too
 */
export function readReadme(markdown) {
  const lines = markdown.split("\n");
  const examples = [];
  const commands = [];
  let first;
  let section = [];
  let note = "";
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at];
    if (/^#/.test(line)) section = [];
    const fence = /^```(\w*)/.exec(line);
    if (!fence) {
      if (/^ {4}npm (i|install) /.test(line)) installs(line);
      if (line.trim() !== "") note = line.trim();
      continue;
    }
    const end = lines.indexOf("```", at + 1);
    const body = lines.slice(at + 1, end);
    const lang = fence[1];
    if (lang === "sh")
      for (const [offset, command] of body.entries()) {
        if (installs(command)) continue;
        if (command.trim() !== "" && !command.startsWith("#"))
          commands.push({ line: at + 2 + offset, command, install: words(), run: note === "<!-- run -->" });
      }
    if (["ts", "js", "mjs"].includes(lang)) {
      const code = body.join("\n");
      const [, continues, why] = /^<!-- (continues)?(?:, )?(?:not run: (.+))? -->$/.exec(note) ?? [];
      const before = continues ? examples.at(-1) : undefined;
      examples.push({
        line: at + 1,
        lang: lang === "ts" ? "ts" : "js",
        code: before ? `${before.code}\n${withoutImportsOf(before.code, code)}` : code,
        install: words(),
        why: why ?? before?.why,
        needsTorch: note === "<!-- needs libtorch -->" || before?.needsTorch === true,
        // An example and what continues it run as one.
        blocks: why === undefined ? (before?.blocks ?? 0) + 1 : 1,
      });
      // What continues an example runs it again: once is enough.
      if (before && why === undefined && before.why === undefined) before.continued = true;
    }
    note = "";
    at = end;
  }
  return { examples: examples.filter(({ continued }) => !continued), commands };

  function installs(line) {
    const match = /^\s*npm (?:i|install) (.*?)(?:\s+#.*)?$/.exec(line);
    if (!match) return false;
    first ??= match[1].split(/\s+/);
    section.push(...match[1].split(/\s+/));
    return true;
  }

  function words() {
    return first && [...new Set([...first, ...section])];
  }
}

/** `code` without the imports that the code before it has already. */
function withoutImportsOf(before, code) {
  const have = new Set();
  for (const [line, list] of before.matchAll(/^import (?:\{(.*)\}|.*) from .*$/gm)) {
    have.add(line);
    for (const name of list?.split(",") ?? []) have.add(name.trim());
  }
  return code.replace(/^import (?:\{(.*)\}|.*) from (.*)$/gm, (line, list, from) => {
    if (have.has(line)) return "";
    if (list === undefined) return line;
    const names = list
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== "" && !have.has(name));
    return names.length === 0 ? "" : `import { ${names.join(", ")} } from ${from}`;
  });
}

/** What an example says that it prints, line by line: its `// prints: …` comments. */
export function promisedLines(code) {
  return [...code.matchAll(/\/\/ prints: (.*)$/gm)].map((match) => match[1].trim());
}
