import { expect, it } from "vitest";
import { xmlText } from "./xml-text.js";

it.each([
  ['</text><script>alert("1")</script>', "&lt;/text&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;"],
  ["' onload='x", "&#39; onload=&#39;x"],
  ["&lt; &#60;", "&amp;lt; &amp;#60;"],
  ["]]><!-- a", "]]&gt;&lt;!-- a"],
  ["a\u0000\u001b\u0085\uffffb", "a    b"],
  ["half \ud800 a pair", "half \ufffd a pair"],
])("%j", (text, escaped) => {
  expect(xmlText(text)).toBe(escaped);
});
