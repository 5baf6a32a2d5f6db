import { expect, it } from "vitest";
import { rankQuestions } from "./rank-questions.js";

const asked = (questions: ReturnType<typeof rankQuestions>): string =>
  questions.map(({ sample, classIndex }) => `${classIndex}:${sample}`).join(" ");

it("asks about likely positives first, of the class that has fewest, until it has caught up", () => {
  // Class 0 has one positive, class 1 four; both have un-annotated entries that are surely present.
  const labels = [1, 1, -1, 1, -1, 1, -1, 1, -1, -1, -1, -1, -1, -1];
  const probabilities = labels.map(() => 1);
  const questions = rankQuestions({ probabilities, labels, numClasses: 2, count: 6, batch: 1 });
  // Gains of class 0: 1/1, 1/2, 1/3, 1/4, …; of class 1: 1/4, 1/5, …
  expect(asked(questions)).toBe("0:1 0:2 0:3 0:4 1:4 0:5");
  expect(questions.map(({ gain }) => gain)).toEqual([1, 1 / 2, 1 / 3, 1 / 4, 1 / 4, 1 / 5]);
});

it("counts the time that a new class takes: a batch of one class goes before single better questions", () => {
  const numClasses = 2;
  const labels = [1, 1, -1, -1, -1, 0, -1, 0];
  const probabilities = [0, 0, 0.5, 0.6, 0.5, 0, 0.5, 0];
  const options = { probabilities, labels, numClasses, count: 4, batch: 3, secondsPerAnswer: 2 };
  // Class 0: 0.5 + 0.5/1.5 + 0.5/2 in 6 s. Class 1: 0.6 in 2 s. Without a cost of the change the second gives more in an hour.
  expect(asked(rankQuestions({ ...options, secondsPerClass: 0 }))).toBe("1:1 0:1 0:2 0:3");
  expect(asked(rankQuestions({ ...options, secondsPerClass: 20 }))).toBe("0:1 0:2 0:3 1:1");
});

it("asks about nothing that is annotated, unknown or not allowed, and ends where nothing is left", () => {
  const questions = rankQuestions({
    probabilities: [0.9, Number.NaN, 0.8, 0.7],
    labels: [1, -1, -1, -1],
    numClasses: 1,
    count: 100,
    allows: (sample) => sample !== 3,
  });
  expect(asked(questions)).toBe("0:2");
  expect(rankQuestions({ probabilities: [0.5], labels: [1], numClasses: 1, count: 5 })).toEqual([]);
});
