import assert from "node:assert/strict";
import { test } from "node:test";
import { holds, inner, type Inner, type Tree } from "../src/conditions.ts";

const YES: Tree = ["is", true];
const NO: Tree = ["is", false];
const UNKNOWN: Tree = ["is", null];

function answer(tree: Tree, known: Record<string, Inner> = {}): boolean | null {
  return holds(tree, (level, name) => known[`${level}.${name}`] ?? null);
}

test("and, or and not know the unknown", () => {
  for (const [tree, expected] of [
    [["and", YES, UNKNOWN], null], [["and", NO, UNKNOWN], false], [["and", YES, YES], true],
    [["or", YES, UNKNOWN], true], [["or", NO, UNKNOWN], null], [["or", NO, NO], false],
    [["not", UNKNOWN], null], [["not", NO], true],
    [["at_least", 2, YES, YES, UNKNOWN], true], [["at_least", 2, YES, NO, NO], false],
    [["at_least", 2, YES, UNKNOWN, NO], null],
  ] as [Tree, boolean | null][]) {
    assert.equal(answer(tree), expected, JSON.stringify(tree));
  }
});

test("a comparison with something unknown is unknown, and so is a division by zero", () => {
  assert.equal(answer(["<", ["fact", "household", "x"], ["is", 3]]), null);
  assert.equal(answer(["<", ["fact", "household", "x"], ["is", 3]], { "household.x": 2 }), true);
  assert.equal(answer(["=", ["/", ["is", 1], ["is", 0]], ["is", 1]]), null);
});

test("a case stops at a condition that is unknown", () => {
  const tree: Tree = ["case", [[UNKNOWN, YES], [YES, YES]], NO];

  assert.equal(answer(tree), null);
  assert.equal(answer(["case", [[NO, NO], [YES, YES]], NO]), true);
});

test("whether something is unknown is always known", () => {
  assert.equal(answer(["unknown", UNKNOWN]), true);
  assert.equal(answer(["if_unknown", UNKNOWN, YES]), true);
});

test("a word of a newer server is unknown, not an error", () => {
  assert.equal(answer(["rhymes", YES]), null);
  assert.equal(answer(["or", ["rhymes", YES], YES]), true);
});

test("values of the book are read as the tree has them", () => {
  const codes = [{ key: "a" }, { key: "b" }];

  for (const [kind, value, expected] of [
    ["money", 12.34, 1234], ["date", "2020-10-17", 751735], ["month", "2020-10", 24249],
    ["code", "a", "a"], ["code", "gone", null], ["text", "  ", null], ["text", " x ", "x"],
    ["yes_no", "true", null], ["whole", 1.5, null], ["date", "yesterday", null],
  ] as const) {
    assert.equal(inner({ kind, codes }, value), expected, `${kind} ${String(value)}`);
  }
  assert.deepEqual(inner({ kind: "codes", codes }, ["b"]), ["b"]);
  assert.equal(inner({ kind: "codes", codes }, ["b", "gone"]), null);
  assert.equal(inner({ kind: "whole", codes, low: 0, high: 9 }, 10), null);
});
