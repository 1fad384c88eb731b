import assert from "node:assert/strict";
import { test } from "node:test";
import { disagrees, figureOf, netOf, otherLines, perPerson, sumOf, type Section } from "../src/account.ts";
import type { Fact } from "../src/questions.ts";

const text = { zh: "", en: "" };
const section = (facts: string[], takes = false, agrees: string | null = null): Section => ({ label: text, facts, takes, agrees });
const told = {
  known: { a: { value: 100, seen_on: "2020-03-01" }, b: { value: 50, seen_on: "2019-12-31" }, all: { value: 100.3, seen_on: "2020-01-01" } },
  answers: { "household/c": 0.1, "household/d": 0.2 },
  year: "2020",
};

test("a figure of another year counts only when it was confirmed", () => {
  const confirmed = { ...told, answers: { "household/b": 50 } };

  assert.deepEqual([figureOf("a", told), figureOf("b", told), figureOf("b", confirmed)], [100, null, 50]);
});

test("a sum says of how many of its lines it is, to the fen", () => {
  assert.deepEqual(sumOf(section(["a", "b", "c", "d"]), told), { yuan: 100.3, filled: 3, of: 4 });
  assert.deepEqual(sumOf(section(["b"]), told), { yuan: 0, filled: 0, of: 1 });
});

test("costs are taken off, and the share is rounded as the rulebook does", () => {
  const net = netOf({ sections: [section(["a", "c"]), section(["d"], true)] }, told);

  assert.deepEqual(net, { yuan: 99.9, filled: 3, of: 3 });
  assert.deepEqual([perPerson(100, 3), perPerson(-100, 3), perPerson(0.05, 2), perPerson(1, 0)], [33.33, -33.33, 0.03, null]);
});

test("a whole section that says other than its fact is told, and one that is not whole is not", () => {
  const same = section(["a", "c", "d"], false, "all");

  assert.equal(disagrees(same, told), null);
  assert.equal(disagrees({ ...same, facts: ["a", "c"] }, told), 100.3);
  assert.equal(disagrees({ ...same, facts: ["a", "b"] }, told), null);
});

test("lines of no account are asked below", () => {
  const fact = (name: string) => ({ level: "household", kind: "money", name }) as Fact;
  const accounts = [{ net: text, per_person: text, sections: [section(["wage_income"])] }];

  assert.deepEqual(otherLines(["wage_income", "grain_subsidy", "loan"].map(fact), accounts), ["grain_subsidy"]);
});
