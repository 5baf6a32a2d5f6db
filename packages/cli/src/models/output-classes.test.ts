import { ClassList } from "@csl/labels";
import { expect, it } from "vitest";
import { createTerminal } from "../terminal/terminal.js";
import { classesByData } from "./output-classes.js";

const found = ClassList.from(["cat", "dog"].map((name, i) => ({ id: `/m/${i}`, name })));

it("says so of a file that names more outputs, or fewer, than it has", () => {
  const terminal = createTerminal({ write: () => {} }, { write: () => {} });
  for (const outputNames of [["cat"], ["cat", "dog", "fox"]])
    expect(() =>
      classesByData(
        { path: "a.pth", classes: undefined, outputNames, model: { numClasses: 2 } },
        { found, data: "data", terminal },
      ),
    ).toThrow(`csl: expected a name for each of 2 outputs in a.pth, got ${outputNames.length}`);
});
