import { readFileSync } from "node:fs";
import { dirname, join, posix, relative } from "node:path";
import type { MarkdownRenderer } from "vitepress";

const comment = /^<!-- section: (\S+) "(.+)" -->$/gm;

/**
 * A guide shows a section of a README instead of a copy of it: the line
 *
 *     <!-- section: ../../packages/cli/README.md "… train on my own images?" -->
 *
 * stands for what is below that heading. Links in it are made to lead where they did.
 */
export function includeSections(md: MarkdownRenderer): void {
  const parse = md.parse.bind(md);
  md.parse = (source, env) => parse(expand(source, env.realPath ?? env.path), env);
}

function expand(source: string, page: string): string {
  return source.replace(comment, (_, path: string, heading: string, at: number) => {
    const file = join(dirname(page), path);
    const above = [...source.slice(0, at).matchAll(/^(#+) /gm)].at(-1)?.[1]?.length ?? 1;
    const text = sectionOf(readFileSync(file, "utf8"), heading, { below: above, where: `${page}: ${path}` });
    return rebased(text, posix.dirname(path), path);
  });
}

/** What is below a heading, up to the next one of its level or above; its own headings become those of level `below` + 1. */
function sectionOf(
  markdown: string,
  heading: string,
  { below, where }: { below: number; where: string },
): string {
  const lines = markdown.split("\n");
  const at = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, "") === heading);
  if (at < 0) throw new Error(`${where}: expected the heading "${heading}", found none`);
  const level = lines[at]!.indexOf(" ");
  const section: string[] = [];
  let fenced = false;
  for (const line of lines.slice(at + 1)) {
    if (line.trimStart().startsWith("```")) fenced = !fenced;
    const own = fenced ? -1 : /^#+ /.test(line) ? line.indexOf(" ") : -1;
    if (own > 0 && own <= level) break;
    section.push(own > 0 ? "#".repeat(own - level + below) + line.slice(own) : line);
  }
  return section.join("\n");
}

/** Links relative to the page that shows them, and those to the file's own headings led to the file. */
function rebased(markdown: string, folder: string, file: string): string {
  return markdown.replace(/\]\((?!\w+:|\/)([^)\s]*)/g, (_, target: string) =>
    target.startsWith("#") ? `](${file}${target}` : `](${relative(".", posix.join(folder, target)) || "."}`,
  );
}
