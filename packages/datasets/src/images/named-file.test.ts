import { expect, it } from "vitest";
import { namedFile } from "./named-file.js";

it.each([
  ["a/1.jpg", "a/1.jpg", false],
  ["a\\b\\1.jpg", "a/b/1.jpg", false],
  ["/home/her/a/1.jpg", "home/her/a/1.jpg", true],
  ["D:\\photos\\1.jpg", "photos/1.jpg", true],
  ["\\\\server\\share\\1.jpg", "server/share/1.jpg", true],
  ["file:///home/her/1.jpg", "home/her/1.jpg", true],
  ["s3://bucket/a/1.jpg", "a/1.jpg", true],
  ["https://host:80/a/my%20cat.jpg?size=large&x=1#top", "a/my cat.jpg", true],
  ["my%20cat.jpg", "my cat.jpg", false],
  ["100%.jpg", "100%.jpg", false],
  ["%ff.jpg", "%ff.jpg", false],
  ["1.jpg?v=2", "1.jpg", false],
  ["what?.jpg", "what?.jpg", false],
  ["https://host/get?id=1", "get?id=1", true],
])("%s means %s", (name, path, isRooted) => expect(namedFile(name)).toEqual({ path, isRooted }));
