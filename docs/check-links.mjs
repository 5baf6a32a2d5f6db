// Every link of the built site leads to a page of it, and to a heading that is there. Links to other sites are not followed.
//
//   node docs/check-links.mjs
import { readdirSync, readFileSync } from "node:fs";
import { join, posix, relative, sep } from "node:path";

const site = join(import.meta.dirname, ".vitepress/dist");
const base = process.env.DOCS_BASE ?? "/";
const files = new Set(
  readdirSync(site, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(site, join(entry.parentPath, entry.name)).split(sep).join("/")),
);
// The pages of the API are another program's, which checks its own links.
const pages = [...files].filter((path) => path.endsWith(".html") && !path.startsWith("api/"));
const htmlOf = new Map(pages.map((path) => [path, readFileSync(join(site, path), "utf8")]));
const idsOf = new Map([...htmlOf].map(([path, html]) => [path, new Set(attributes(html, "id"))]));

const problems = new Set();
let links = 0;
for (const [page, html] of htmlOf)
  for (const href of [...attributes(html, "href"), ...attributes(html, "src")]) {
    if (/^\w+:|^\/\//.test(href) || href === "") continue;
    links++;
    const [path, anchor] = decodeURI(href).split("#");
    const inside = path.startsWith(base) ? path.slice(base.length) : posix.join(posix.dirname(page), path);
    const target =
      path === ""
        ? page
        : [inside, `${inside}.html`, posix.join(inside, "index.html")].find((one) => files.has(one));
    if (inside.startsWith("api/") && !files.has("api/index.html")) continue; // built apart
    if (target === undefined) problems.add(`${page}: ${href} leads nowhere`);
    else if (anchor && idsOf.has(target) && !idsOf.get(target).has(anchor))
      problems.add(`${page}: ${href}: there is no such heading`);
  }
for (const problem of problems) console.log(problem);
if (pages.length < 30 || links < 500)
  throw new Error(`check-links: expected the site, found ${pages.length} pages`);
console.log(`${pages.length} pages, ${links} links, ${problems.size} problems`);
process.exitCode = problems.size === 0 ? 0 : 1;

function attributes(html, name) {
  const values = [...html.matchAll(new RegExp(`\\s${name}="([^"]*)"`, "g"))].map(([, value]) => value);
  return values.map((value) => value.replaceAll("&amp;", "&"));
}
