import assert from "node:assert/strict";
import { test } from "node:test";
import type { Question } from "../src/questions.ts";
import { additionOf, filesOf, restOf, writtenWith } from "../src/rest.ts";
import { entriesOf, hasContent, newDraft, type Draft } from "../src/visit.ts";

const NOW = Date.UTC(2020, 9, 17, 2, 32);
const ABOUT = { app: "1", rulebook: "guangxi 3", now: NOW, today: "2020-10-17" };
const LATER = { ...ABOUT, now: NOW + 600_000 };
const FAMILY = { id: "h", number: 12 };
const ASKED: Question[] = ["power", "water"].map((fact) => ({ level: "household", fact, settles: 1 }));
const PHOTO = { sha256: "aa", size: 9, type: "image/jpeg", of: "house" as const };
const SIGNED = { how: "signed" as const, who: "农大", sha256: "bb", size: 5 };

/** What one window wrote, and a draft of the same visit in another. */
function two(here: Partial<Draft>, there: Partial<Draft>) {
  const begun = newDraft("h", NOW);
  const written = entriesOf({ ...begun, ...there }, FAMILY, ASKED, ABOUT).entries;
  return { begun, written, rest: restOf({ ...begun, ...here }, written, "r") };
}

test("of a visit that another window wrote, only what it did not write is left", () => {
  const { rest, begun } = two(
    { answers: { "household/power": true, "household/water": false }, words: "都好。屋后漏水", shots: [PHOTO, { ...PHOTO, sha256: "cc" }], with: ["农大", "农小"], household_signature: SIGNED },
    { answers: { "household/power": true }, words: "都好。", shots: [PHOTO], with: ["农大"], household_signature: SIGNED },
  );

  assert.deepEqual(rest.answers, { "household/water": false });
  assert.equal(rest.words, "屋后漏水");
  assert.deepEqual([rest.with, filesOf(rest), rest.household_signature], [["农小"], ["cc"], null]);
  assert.deepEqual([rest.id, rest.adds_to?.visit], ["r", begun.id]);
});

test("an answer that differs, other words, another signature and help are all kept", () => {
  const help = { measure: "就业", yuan: null, words: "", person: "" };
  const { rest } = two(
    { answers: { "household/power": false }, words: "没电", household_signature: { ...SIGNED, sha256: "dd" }, help: [help, { ...help, yuan: 5 }] },
    { answers: { "household/power": true }, words: "有电", household_signature: SIGNED, help: [help] },
  );

  assert.deepEqual(rest.answers, { "household/power": false });
  assert.equal(rest.words, "没电");
  assert.equal(rest.household_signature?.sha256, "dd");
  assert.deepEqual(rest.help, [{ ...help, yuan: 5 }]);
});

test("where both hold the same, nothing is left", () => {
  const same: Partial<Draft> = { answers: { "household/power": true }, words: "好", help: [{ measure: "就业", yuan: 3, words: "x", person: "" }], helper_signature: { how: "phone", who: "Mei", sha256: "", size: 0 } };

  assert.equal(hasContent(two(same, same).rest), false);
});

test("the rest is written as an addition to that visit, and is no second visit", () => {
  const { rest, begun } = two({ answers: { "household/water": false }, words: "漏水", with: ["农小"], shots: [PHOTO], household_signature: SIGNED }, { words: "好" });

  const { entries, photos } = additionOf(rest, FAMILY, rest.answers, LATER);

  assert.deepEqual(entries.map((each) => each.kind), ["facts", "evidence", "evidence", "signature"]);
  const ahead = additionOf(rest, FAMILY, rest.answers, { ...LATER, skew: 26 * 3_600_000 }).entries[0]!;
  assert.equal(ahead.says.words, "补充 2020-10-18 12:32 写下的走访：漏水；在场：农小");
  assert.deepEqual(entries[0]!.says, { words: "补充 2020-10-17 10:32 写下的走访：漏水；在场：农小", household: { water: false } });
  assert.deepEqual((entries[1]!.says.about as { visit: string }).visit, begun.id);
  assert.deepEqual(photos, { aa: entries[1]!.id, bb: entries[2]!.id });
});

test("an addition that a third window wrote leaves its rest in the same way", () => {
  const { rest, begun } = two({ answers: { "household/water": false, "household/power": true } }, { words: "好" });
  const written = additionOf({ ...rest, answers: { "household/water": false } }, FAMILY, { "household/water": false }, LATER).entries;

  const left = restOf(rest, written, "third");

  assert.deepEqual([left.answers, left.adds_to?.visit], [{ "household/power": true }, begun.id]);
});

test("what was written with an entry is what has its moment and its family", () => {
  const [first] = two({}, { words: "好" }).written;
  const queue = [first!, { ...first!, id: "x", kind: "help" }, { ...first!, id: "y", household: "other" }, { ...first!, id: "z", written_at: "2020-10-18" }];

  assert.deepEqual(writtenWith(first!, queue).map((each) => each.id), [first!.id, "x"]);
});
