import assert from "node:assert/strict";
import { test } from "node:test";
import { arising, asked, byWhom, factsOf, rangeOf, reading, stillAsked, toAsk, type Fact, type Question } from "../src/questions.ts";

function fact(kind: Fact["kind"], more: Partial<Fact> = {}): Fact {
  const label = { zh: "人口", en: "people" };
  return { level: "household", name: "size", kind, label, ask: null, unit: null, low: null, high: null, codes: [], ...more };
}

test("numbers are read as people type them", () => {
  for (const [typed, value] of [["12", 12], ["１２", 12], ["1，200", 1200], [" -3 ", -3], ["+7", 7]] as const) {
    assert.deepEqual(reading(fact("whole"), typed), { value });
  }
  assert.deepEqual(reading(fact("money"), "1,200.50"), { value: 1200.5 });
  assert.deepEqual(reading(fact("money"), "0.07"), { value: 0.07 });
});

test("what is no number of the kind is refused with what to do", () => {
  for (const [kind, typed] of [["whole", "2.5"], ["whole", "两个"], ["whole", "1e3"], ["money", "1.005"], ["number", "--1"]] as const) {
    const read = reading(fact(kind), typed);
    assert.ok("wrong" in read && read.wrong.zh && read.wrong.en, `${kind} ${typed}`);
  }
});

test("the ends of a range belong to it, and one step beyond does not", () => {
  const people = fact("whole", { low: 0, high: 20 });

  assert.deepEqual(reading(people, "0"), { value: 0 });
  assert.deepEqual(reading(people, "20"), { value: 20 });
  assert.ok("wrong" in reading(people, "21"));
  assert.ok("wrong" in reading(people, "-1"));
});

test("days and months are days of the calendar", () => {
  assert.deepEqual(reading(fact("date"), "2020-02-29"), { value: "2020-02-29" });
  assert.deepEqual(reading(fact("month"), "2020-09"), { value: "2020-09" });
  for (const typed of ["2019-02-29", "2020-13-01", "1850-01-01", "昨天"]) {
    assert.ok("wrong" in reading(fact("date"), typed), typed);
  }
});

test("a day outside the range of a fact is refused, and the range is said", () => {
  const moved = fact("date", { low: "2015-01-01", high: "2020-12-31" });

  assert.deepEqual(reading(moved, "2020-12-31"), { value: "2020-12-31" });
  const read = reading(moved, "2021-01-01");
  assert.ok("wrong" in read && read.wrong.en.includes("2015-01-01 to 2020-12-31") && read.wrong.zh.includes("2015-01-01"));
  assert.ok("wrong" in reading(fact("month", { low: "2016-01", high: null }), "2015-12"));
});

test("a range is said in words, open or not", () => {
  assert.equal(rangeOf(fact("whole", { low: 0, high: 12 }))?.en, "0 to 12");
  assert.equal(rangeOf(fact("whole", { low: 3 }))?.zh.trim(), "不小于 3");
  assert.equal(rangeOf(fact("whole", { high: 3 }))?.en, "3 or less");
  assert.equal(rangeOf(fact("text")), null);
});

test("nothing typed takes the answer back", () => {
  assert.deepEqual(reading(fact("whole"), "  "), { value: null });
});

const SCHOOL: Question = { level: "person", fact: "schooling", person: "p", settles: 4 };
const REASON: Question = { level: "person", fact: "reason", person: "p", settles: 1 };
const CODES = ["primary", "dropout"].map((key) => ({ key, label: { zh: key, en: key } }));
const FACTS = new Map<string, Fact>([
  ["person.schooling", fact("code", { level: "person", name: "schooling", codes: CODES })],
  ["person.reason", fact("code", { level: "person", name: "reason", asked_if: ["in", ["fact", "person", "schooling"], ["dropout"]] })],
]);

test("a question waits for the answer it depends on, and is skipped by another one", () => {
  const plan = [SCHOOL, REASON];

  assert.deepEqual(asked(plan, FACTS, {}, {}), [SCHOOL]);
  assert.deepEqual(asked(plan, FACTS, {}, { "p/schooling": "primary" }), [SCHOOL]);
  assert.deepEqual(asked(plan, FACTS, {}, { "p/schooling": "dropout" }), plan);
});

test("what is known counts until this visit says otherwise", () => {
  const known = { "p/schooling": "dropout" };

  assert.deepEqual(asked([REASON], FACTS, known, {}), [REASON]);
  assert.deepEqual(asked([REASON], FACTS, known, { "p/schooling": "primary" }), []);
});

test("what arises from an answer is asked in the same visit, of whom it is about", () => {
  const answers = { "p/schooling": "dropout" };

  assert.deepEqual(arising(FACTS, ["p", "q"], {}, answers, [SCHOOL]), [{ ...REASON, settles: 0 }]);
  assert.deepEqual(arising(FACTS, ["p", "q"], {}, answers, [REASON]), []);
  assert.deepEqual(arising(FACTS, ["p", "q"], { "p/reason": "poor" }, answers, []), []);
  assert.deepEqual(arising(FACTS, ["p"], { "p/schooling": "dropout" }, answers, []), []);
  assert.deepEqual(arising(FACTS, ["p"], {}, {}, []), []);
});

test("a question to a person may wait for the household", () => {
  const moved = fact("yes_no", { name: "moved" });
  const school: Fact = fact("text", { level: "person", name: "new_school", asked_if: ["fact", "household", "moved"] });
  const facts = new Map([["household.moved", moved], ["person.new_school", school]]);
  const question: Question = { level: "person", fact: "new_school", person: "p", settles: 1 };

  assert.deepEqual(asked([question], facts, { "household/moved": true }, {}), [question]);
  assert.deepEqual(asked([question], facts, { "p/moved": true }, {}), []);
});

test("the condition of one child says nothing of another", () => {
  const other = { ...REASON, person: "q" };

  assert.deepEqual(asked([other], FACTS, {}, { "p/schooling": "dropout" }), []);
});

test("a question the phone has no fact for is not asked", () => {
  assert.deepEqual(asked([{ ...SCHOOL, fact: "unheard_of" }], FACTS, {}, {}), []);
});

test("an answer whose question has gone is not written", () => {
  const answers = { "p/schooling": "primary", "p/reason": "money" };

  assert.deepEqual(stillAsked(answers, [SCHOOL]), { "p/schooling": "primary" });
});

test("answers become facts of the household and of its people, without empty parts", () => {
  assert.deepEqual(factsOf({ "household/power": true, "p/schooling": "primary" }), {
    household: { power: true },
    members: { p: { schooling: "primary" } },
  });
  assert.deepEqual(factsOf({}), {});
});

test("what an office decides is no question for the family, known or not", () => {
  const facts = new Map([
    ["household.size", fact("whole")],
    ["household.kind", fact("text", { name: "kind", asked_at: "office" })],
    ["household.power", fact("yes_no", { name: "power", asked_at: "door" })],
  ]);
  const [kind, size, power] = ["kind", "size", "power"].map((name): Question => ({ level: "household", fact: name, settles: 1 }));

  const found = byWhom([kind!, size!, power!], facts, { "household/power": true });

  assert.deepEqual(found, { open: [size], confirm: [power], office: [kind] });
  assert.deepEqual(byWhom([kind!], facts, { "household/kind": "x" }).office, [kind]);
});

test("what is known but not asked of somebody is not put to be confirmed either", () => {
  const birth = fact("date", { level: "person", name: "birth" });
  // Born in 1960 or later, as the server folds an age to the day.
  const pupil = fact("yes_no", { level: "person", name: "at_school", asked_if: [">=", ["fact", "person", "birth"], ["is", 1960 * 372]] });
  const facts = new Map([["person.birth", birth], ["person.at_school", pupil]]);
  const plan = ["elder", "young"].map((person): Question => ({ level: "person", fact: "at_school", person, settles: 0 }));
  const known = { "elder/birth": "1936-01-01", "elder/at_school": true, "young/birth": "2000-01-01", "young/at_school": true };

  const found = byWhom(asked(plan, facts, known, {}), facts, known);

  assert.deepEqual(found.confirm.map((each) => each.person), ["young"]);
});

test("to ask is what the visit begins with: not what waits, is known, or is for an office", () => {
  const office = fact("text", { name: "kind", asked_at: "office" });
  const facts = new Map([...FACTS, ["household.kind", office] as const]);
  const plan = [SCHOOL, REASON, { level: "household", fact: "kind", settles: 2 } as const];

  assert.equal(toAsk(plan, facts, {}), 1);
  assert.equal(toAsk(plan, facts, { "p/schooling": "dropout" }), 1);
  assert.equal(toAsk(plan, facts, { "p/schooling": "primary" }), 0);
});
