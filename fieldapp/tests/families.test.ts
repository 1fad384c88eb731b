import assert from "node:assert/strict";
import { test } from "node:test";
import { byDistance, byUrgency, householdIn, lateGaps, metres, newGaps, plannedOn, plannedWords, type Family } from "../src/families.ts";
import { age, ago, dayOf, momentOf } from "../src/days.ts";
import { fitted } from "../src/photos.ts";

const TODAY = "2020-10-17";
const TEXT = { zh: "", en: "" };
function family(head: string, more: Partial<Family> = {}): Family {
  return {
    id: head, code: head, number: 1, head, place: "", status: TEXT, phone: "", due_on: null, due_why: null,
    visited_on: "2020-10-01", people: [], facts: {}, gaps: [], dues: [], plan: [], past: [], at: null, ...more,
  };
}
function gap(since: string, until: string | null = null) {
  return { id: since, title: TEXT, why: TEXT, since, until };
}

test("late visits and late gaps come first, then new gaps, then the next day due", () => {
  const given = [
    family("nothing"),
    family("soon", { due_on: "2020-10-20" }),
    family("new gap", { gaps: [gap("2020-10-10")], due_on: "2020-11-20" }),
    family("late gap", { gaps: [gap("2020-08-01", "2020-10-16")] }),
    family("very late", { due_on: "2020-09-01" }),
    family("late", { due_on: "2020-10-10" }),
  ];

  const heads = byUrgency(given, TODAY).map((each) => each.head);

  assert.deepEqual(heads, ["very late", "late", "late gap", "new gap", "soon", "nothing"]);
});

test("who is planned for today comes first of all, and a later plan takes the place of the day due", () => {
  const given = [
    family("late", { due_on: "2020-10-10" }),
    family("due", { due_on: "2020-10-20" }),
    family("planned", { due_on: "2020-12-20", planned_on: "2020-10-18" }),
    family("planned, with a new gap", { gaps: [gap("2020-10-10")], planned_on: "2020-10-19" }),
    family("new gap", { gaps: [gap("2020-10-10")] }),
    family("today", { due_on: "2020-12-20", planned_on: TODAY }),
  ];

  const heads = byUrgency(given, TODAY).map((each) => each.head);

  assert.deepEqual(heads, ["today", "late", "new gap", "planned", "planned, with a new gap", "due"]);
});

test("a plan stands until its day is over or the family was visited on it", () => {
  const planned = family("a", { planned_on: "2020-10-18", planned_why: { zh: "您的走访计划", en: "your own plan" } });

  assert.equal(plannedWords(planned, TODAY), "定在10月18日去，您的走访计划");
  assert.equal(plannedOn(planned, "2020-10-19"), null);
  assert.equal(plannedOn({ ...planned, visited_on: "2020-10-18" }, "2020-10-18"), null);
  assert.equal(plannedWords(family("b"), TODAY), "");
});

test("a gap is new when it opened after the last visit", () => {
  const given = family("a", { gaps: [gap("2020-10-01"), gap("2020-10-02"), gap("2020-10-18")] });

  assert.equal(newGaps(given, TODAY), 1);
  assert.equal(newGaps({ ...given, visited_on: null }, TODAY), 2);
});

test("a gap is overdue once its last day is past, and has none where nobody set one", () => {
  const until = (day: string | null) => ({ ...gap("2020-10-01"), until: day });
  const given = family("a", { gaps: [until("2020-10-16"), until("2020-10-17"), until(null)] });

  assert.equal(lateGaps(given, TODAY), 1);
});

test("the code on a card is found in its address, and nothing is found in another", () => {
  const id = "0192f3a4-5b6c-7d8e-9f01-23456789abcd";

  assert.equal(householdIn(`https://desk.example/households/${id.toUpperCase()}/`), id);
  assert.equal(householdIn("https://desk.example/households/"), null);
});

test("a kilometre to the north is a kilometre", () => {
  assert.ok(Math.abs(metres([23.6, 107.1], [23.609, 107.1]) - 1000) < 5);
});

test("the nearest door comes first, and an unknown one last in the order it had", () => {
  const given = [family("unknown"), family("far", { at: [23.7, 107.1] }), family("other"), family("near", { at: [23.61, 107.1] })];

  const heads = byDistance(given, [23.6, 107.1]).map((each) => each.head);

  assert.deepEqual(heads, ["near", "far", "unknown", "other"]);
});

test("the day is the county's, wherever the phone thinks it is", () => {
  const late = Date.UTC(2020, 9, 16, 16, 30);

  assert.equal(dayOf(late), "2020-10-17");
  assert.equal(momentOf(late), "2020-10-17T00:30:00.000+08:00");
});

test("somebody is a year older on the birthday, not before", () => {
  assert.equal(age("2010-10-18", TODAY), 9);
  assert.equal(age("2010-10-17", TODAY), 10);
  assert.equal(ago("2020-10-16", TODAY), "昨天");
});

test("a photo is made smaller and never larger", () => {
  assert.deepEqual(fitted(4000, 3000), [1600, 1200]);
  assert.deepEqual(fitted(3000, 4000), [1200, 1600]);
  assert.deepEqual(fitted(640, 480), [640, 480]);
});
