/** How every page looks: one column on a phone, more beside each other where there is room; on paper without navigation. */
export const pageStyle = `
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif;overflow-wrap:anywhere}
header,main{max-width:1240px;margin:0 auto;padding:0 16px}
header{padding-top:20px}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 4px}
h2{font-size:1.2rem;margin:0 0 10px;padding-top:8px}
h3{font-size:1rem;margin:0 0 6px}
h3 .note{font-weight:400}
p{margin:0 0 10px;max-width:80ch}
a{color:var(--accent)}
.note{color:var(--faint);font-size:.9rem}
.good{color:var(--good)}.bad{color:var(--bad)}
code{white-space:nowrap;font-family:ui-monospace,"DejaVu Sans Mono",monospace;font-size:.9em}
nav{position:sticky;top:0;z-index:3;background:var(--paper);border-bottom:1px solid var(--line);display:flex;gap:4px 16px;overflow-x:auto;padding:8px max(16px,calc((100vw - 1208px)/2));margin-top:12px}
nav a{white-space:nowrap;text-decoration:none;padding:4px 0}
section{margin:22px 0;scroll-margin-top:48px}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,360px),1fr));gap:16px;margin-bottom:14px;align-items:start}
figure{margin:0;background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:12px;min-width:0;max-width:430px}
figcaption{font-weight:600;margin-bottom:6px}
figcaption .note{font-weight:400;display:block}
.beside{display:grid;grid-template-columns:minmax(0,1fr);gap:16px;margin-bottom:14px;align-items:start}
@media (min-width:1000px){.beside{grid-template-columns:minmax(0,384px) minmax(0,1fr)}}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(130px,1fr));gap:10px;margin:0 0 14px}
.facts div{background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:8px 12px}
.facts dt{color:var(--faint);font-size:.8rem}
.facts dd{margin:0;font-size:1.15rem;font-variant-numeric:tabular-nums}
dl.pairs{display:grid;grid-template-columns:minmax(110px,max-content) 1fr;gap:2px 14px;margin:0 0 10px}
dl.pairs dt{color:var(--faint)}dl.pairs dd{margin:0;min-width:0}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{overflow-wrap:normal;padding:0 6px;height:30px;text-align:left;white-space:nowrap;overflow:hidden;text-overflow:ellipsis;max-width:260px;border-bottom:1px solid var(--line)}
th{white-space:normal;vertical-align:bottom;line-height:1.2;padding-top:4px;padding-bottom:4px;background:var(--panel);position:sticky;top:0;z-index:1;font-weight:600}
.number{text-align:right}
.table th:first-child,.table td:first-child{position:sticky;left:0;background:var(--paper)}
.table th:first-child{z-index:2;background:var(--panel)}
.table{margin:0 0 10px}
.table .rows{overflow:auto;max-height:min(70vh,640px);border:1px solid var(--line);border-radius:8px}
.few .rows{width:fit-content;max-width:100%}.few table{width:auto;min-width:min(100%,420px)}
.table thead button{all:unset;cursor:pointer;font-weight:600}
.table thead button:focus-visible{outline:2px solid var(--accent)}
.table [aria-sort=ascending] button::after{content:" ▲"}
.table [aria-sort=descending] button::after{content:" ▼"}
.table .tools{display:flex;gap:12px;align-items:center;margin-bottom:6px;flex-wrap:wrap}
input[type=search]{font:inherit;color:inherit;background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:5px 9px;min-width:0;width:min(100%,280px)}
button{font:inherit}
.thumbs{display:grid;grid-template-columns:repeat(auto-fill,minmax(100px,1fr));gap:10px;list-style:none;margin:0;padding:0}
.thumbs li{min-width:0;font-size:.8rem;line-height:1.3}
.thumbs img{display:block;width:100%;aspect-ratio:1;object-fit:cover;border-radius:6px;border:1px solid var(--line);background:var(--panel);margin-bottom:3px}
.thumbs b{display:block;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
@media (max-width:640px){.table td:first-child{max-width:44vw}}
@media print{
nav,.tools{display:none}
body{font-size:11px}
figure,.thumbs li,tr{break-inside:avoid}
.table .rows{max-height:none;overflow:visible}
th{position:static}
}`;
