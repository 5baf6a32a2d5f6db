import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { MarkdownRenderer } from "vitepress";
import { repositoryRoot } from "../repository-root.js";

const { repository } = JSON.parse(readFileSync(join(repositoryRoot, "package.json"), "utf8"));
const address = repository?.url?.replace(/^git\+|\.git$/g, "");

/**
 * Links to files that are no pages, such as sources and licences, lead to the repository where package.json names its
 * address; without one they are plain text. A file that does not exist ends the build.
 */
export function linkSources(md: MarkdownRenderer): void {
  md.core.ruler.push("link-sources", (state) => {
    for (const { children } of state.tokens)
      for (const [at, token] of (children ?? []).entries()) {
        if (token.type !== "link_open") continue;
        const href = token.attrGet("href") ?? "";
        if (/^(\w+:|#|\/)/.test(href) || /\.(md|html)(#|$)/.test(href)) continue;
        const page = state.env.realPath ?? state.env.path;
        const file = join(dirname(page), decodeURI(href.split("#")[0]!));
        if (!existsSync(file)) {
          // The extension of a page was already taken away.
          if (existsSync(`${file}.md`)) continue;
          throw new Error(`${page}: the link ${href} leads nowhere`);
        }
        if (existsSync(join(file, "README.md"))) {
          token.attrSet("href", `${href.replace(/\/$/, "")}/README.md`);
          continue;
        }
        const kind = statSync(file).isDirectory() ? "tree" : "blob";
        if (address) token.attrSet("href", `${address}/${kind}/main/${relative(repositoryRoot, file)}`);
        else {
          const close = children!.findIndex(({ type }, i) => i > at && type === "link_close");
          for (const one of [token, children![close]!]) {
            one.tag = "span";
            one.attrs = null;
          }
        }
      }
  });
}
