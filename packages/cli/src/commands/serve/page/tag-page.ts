import type { ModelDescription } from "@csl/internal/model-description/model-description";
import { html } from "../../../pages/html.js";
import { page, withLiveScript } from "../../../pages/page.js";
import { tagDropped } from "./browser/tag-dropped.js";

/** The page at `/`: drop, paste or choose images, and see their tags. */
export function tagPage(
  { network, imageSize, classes }: ModelDescription,
  { token }: { token: boolean },
): string {
  const whole = page({
    generator: "csl serve",
    title: "Tag images",
    lead: html`<p class="note">${network}, ${classes.length} classes, images of ${imageSize} px. For programs: <a href="/api">the interface</a>.</p>`,
    sections: [
      {
        id: "images",
        title: "Images",
        body: html`<form id="form">
<label id="drop" class="drop"><input id="files" type="file" accept="image/*" multiple><span><b>Choose images</b>, drop them here, or paste one</span></label>
${token && html`<p><label for="token">Token</label> <input id="token" type="password" autocomplete="off" spellcheck="false"></p>`}
<p class="tools"><label for="threshold">Scores above</label> <select id="threshold"><option value="">the thresholds of the classes</option><option>0.9</option><option>0.5</option><option>0.2</option><option>0.05</option></select> <button type="button" id="clear" hidden>Remove all</button></p>
</form>
<p id="said" class="note" role="status">Images stay on this service: it keeps none.</p>
<ul id="results" class="results"></ul>`,
      },
    ],
    style,
  });
  return withLiveScript(whole, tagDropped);
}

const style = `
.drop{display:grid;place-items:center;text-align:center;min-height:150px;padding:20px;margin-bottom:12px;border:2px dashed var(--line);border-radius:12px;background:var(--panel);cursor:pointer}
.drop:hover,.drop.over{border-color:var(--accent)}
.drop:focus-within{outline:2px solid var(--accent);outline-offset:2px}
.drop input{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.tools{display:flex;gap:10px;align-items:center;flex-wrap:wrap}
select,input[type=password]{font:inherit;color:inherit;background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:7px 9px;min-height:44px}
button{min-height:44px;padding:8px 18px;border:1px solid var(--line);border-radius:8px;background:var(--panel);color:var(--ink);cursor:pointer}
[hidden]{display:none!important}
.results{list-style:none;margin:0;padding:0;display:grid;gap:16px;grid-template-columns:repeat(auto-fill,minmax(min(100%,360px),1fr));align-items:start}
.results>li{display:grid;grid-template-columns:132px minmax(0,1fr);gap:14px;background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:12px}
.results img{width:100%;aspect-ratio:1;object-fit:contain;border-radius:6px;background:var(--paper)}
.results>li>div:only-child{grid-column:1/-1}
.results h3{white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.results ol{list-style:none;margin:0;padding:0}
.results ol li{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:0 10px;padding:2px 0}
.results meter{grid-column:1/-1;width:100%;height:8px;appearance:none;border:0;border-radius:4px;overflow:hidden;background:var(--line)}
.results meter::-webkit-meter-inner-element{display:block}
.results meter::-webkit-meter-bar{background:var(--line);border:0;height:8px;border-radius:4px}
.results meter::-webkit-meter-optimum-value{background:var(--accent)}
.results meter::-moz-meter-bar{background:var(--accent)}
.results .score{font-variant-numeric:tabular-nums;color:var(--faint)}
@media (max-width:420px){.results>li{grid-template-columns:88px minmax(0,1fr)}}`;

/** The page at `/api`: what programs ask, in words. */
export function apiPage(api: object): string {
  const { paths } = api as {
    paths: Record<
      string,
      Record<string, { summary: string; responses: Record<string, { description: string }> }>
    >;
  };
  const responses = paths["/tag"]!.post!.responses;
  return page({
    generator: "csl serve",
    title: "The interface of the service",
    lead: html`<p class="note">The same for programs: <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1). <a href="/">Back to the images</a>.</p>`,
    sections: [
      {
        id: "requests",
        title: "Requests",
        body: html`<dl class="pairs">${Object.entries(paths).flatMap(([path, methods]) =>
          Object.entries(methods).map(
            ([method, { summary }]) =>
              html`<dt><code>${method.toUpperCase()} ${path}</code></dt><dd>${summary}</dd>`,
          ),
        )}</dl>
<p>The body of <code>POST /tag</code> is an image, or a form with several. <code>?threshold=0.5</code> and <code>?top=5</code> choose among the tags.</p>
<pre class="code">curl --data-binary @photo.jpg -H "Content-Type: image/jpeg" http://localhost:8080/tag
curl -F images=@a.jpg -F images=@b.jpg http://localhost:8080/tag</pre>`,
      },
      {
        id: "answers",
        title: "Answers of /tag",
        body: html`<dl class="pairs">${Object.entries(responses).map(
          ([status, { description }]) => html`<dt>${status}</dt><dd>${description}</dd>`,
        )}</dl>`,
      },
    ],
    style:
      ".code{overflow-x:auto;background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:10px 12px}",
  });
}
