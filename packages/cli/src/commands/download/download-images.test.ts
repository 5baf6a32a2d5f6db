import { ClassList } from "@csl/labels";
import { describe, expect, it } from "vitest";
import { parseClasses } from "./download-images.js";

const classes = ClassList.from([
  { id: "/m/01", name: "Cat" },
  { id: "/m/02", name: "Crane" },
  { id: "/m/03", name: "Crane" },
  { id: "/m/04", name: "Fruit, dried" },
]);

describe("parseClasses", () => {
  it.each([
    ["/m/03", ["/m/03"]],
    ["cat, /m/04", ["/m/01", "/m/04"]],
  ])("%s", (text, ids) => {
    expect(parseClasses(text, classes)).toEqual(ids);
  });

  it.each([
    ["crane", /one class called "crane", got \/m\/02, \/m\/03/],
    ["Cats", /Did you mean "\/m\/01" \(Cat\)/],
    [" , ", /--classes to hold names or ids of classes/],
  ])("refuses %j", (text, message) => {
    expect(() => parseClasses(text, classes)).toThrow(message);
  });
});
