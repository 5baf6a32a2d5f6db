import { ClassList } from "@csl/labels";
import { describe, expect, it } from "vitest";
import { classIdsNamed } from "./download-command-classes.js";

const classes = ClassList.from([
  { id: "/m/01", name: "Cat" },
  { id: "/m/02", name: "Crane" },
  { id: "/m/03", name: "Crane" },
  { id: "/m/04", name: "Fruit, dried" },
]);

describe("classIdsNamed", () => {
  it.each([
    ["/m/03", ["/m/03"]],
    ["cat, /m/04", ["/m/01", "/m/04"]],
  ])("%s", (text, ids) => {
    expect(classIdsNamed(text, classes)).toEqual(ids);
  });

  it.each([
    ["crane", /one class called "crane", got \/m\/02, \/m\/03/],
    ["Cats", /Did you mean "\/m\/01" \(Cat\)/],
    [" , ", /expected class names or ids/],
  ])("refuses %j", (text, message) => {
    expect(() => classIdsNamed(text, classes)).toThrow(message);
  });
});
