import assert from "node:assert/strict";
import { test } from "node:test";
import { clueOf, wrongOf, type Clue } from "../src/clue.ts";
import type { Fact, Question } from "../src/questions.ts";
import { entriesOf, hasContent, hasNoted, newDraft } from "../src/visit.ts";

const NOW = Date.UTC(2020, 9, 17, 2);
const ABOUT = { app: "1", rulebook: "guangxi 3", now: NOW, today: "2020-10-17" };
const FAMILY = { id: "h", number: 12 };
const POWER: Question = { level: "household", fact: "power", settles: 3 };

test("a visit becomes one entry with its facts, written from the copy it was read in", () => {
  const draft = { ...newDraft("h", NOW), answers: { "household/power": true }, words: " 都好 ", with: ["农大"] };

  const { entries } = entriesOf(draft, FAMILY, [POWER], ABOUT);

  assert.equal(entries.length, 1);
  const visit = entries[0]!;
  assert.deepEqual([visit.id, visit.based_on, visit.seen_on], [draft.id, 12, "2020-10-17"]);
  assert.deepEqual(visit.says, {
    visit: draft.id, words: "都好", with: ["农大"], until: "2020-10-17T10:00:00.000+08:00",
    effort: { taps: 0, asked: 0 }, household: { power: true },
  });
});

test("a visit says what it cost: taps, questions put, and what was carried since the last", () => {
  const draft = { ...newDraft("h", NOW), words: "x", taps: 41, put: ["household/power", "household/water"] };

  const { entries } = entriesOf(draft, FAMILY, [POWER], { ...ABOUT, carried: { up: 18_200, down: 40_100 } });

  assert.deepEqual(entries[0]!.says.effort, { taps: 41, asked: 2, up: 18_200, down: 40_100 });
});

test("the same draft written twice is the same visit", () => {
  const draft = { ...newDraft("h", NOW), words: "x" };

  const twice = [1, 2].map(() => entriesOf(draft, FAMILY, [], ABOUT).entries[0]!.id);

  assert.equal(twice[0], twice[1]);
});

test("help, photos and signatures are entries of their own, each photo with the one that names it", () => {
  const draft = {
    ...newDraft("h", NOW),
    help: [{ measure: "发展生产", yuan: 300, words: "", person: "" }],
    shots: [{ sha256: "aa", size: 9, type: "image/jpeg", of: "house" as const }],
    household_signature: { how: "signed" as const, who: "农大", sha256: "bb", size: 5 },
    helper_signature: { how: "phone" as const, who: "Mei", sha256: "", size: 0 },
  };

  const { entries, photos } = entriesOf(draft, FAMILY, [], ABOUT);

  assert.deepEqual(entries.map((each) => each.kind), ["visit", "help", "evidence", "evidence", "signature", "signature"]);
  assert.deepEqual(entries[1]!.says, { measure: "发展生产", amount: { yuan: 300 } });
  assert.deepEqual(photos, { aa: entries[2]!.id, bb: entries[3]!.id });
  assert.deepEqual(entries[4]!.says.evidence, ["bb"]);
  assert.equal(new Set(entries.map((each) => each.id)).size, 6);
});

test("who signs for the household and is not its head is named, and not as the head", () => {
  const draft = { ...newDraft("h", NOW), household_signature: { how: "fingerprint" as const, who: "农小", person: "p2", sha256: "", size: 0 } };

  const { says } = entriesOf(draft, FAMILY, [], ABOUT).entries[1]!;

  assert.deepEqual([says.of, says.person, says.words], ["家人", "p2", "不能签名，按手印：农小"]);
});

test("a spoken note is evidence of its visit, and its file goes with the entry that names it", () => {
  const draft = { ...newDraft("h", NOW), voices: [{ sha256: "cc", size: 7, type: "audio/webm", seconds: 12 }] };

  const { entries, photos } = entriesOf(draft, FAMILY, [], ABOUT);

  assert.equal(hasContent(draft), true);
  assert.deepEqual(entries[1]!.says, { sha256: "cc", size: 7, type: "audio/webm", about: { visit: draft.id, of: "voice", seconds: 12 } });
  assert.deepEqual(photos, { cc: entries[1]!.id });
});

test("place and duration are written only when the helper agreed", () => {
  const draft = { ...newDraft("h", NOW), words: "x" };
  const agreed = { ...draft, spot: { latitude: 23.6, longitude: 107.1, metres: 12 } };

  assert.equal("place_of_visit" in entriesOf(draft, FAMILY, [], ABOUT).entries[0]!.says, false);
  assert.equal("place_of_visit" in entriesOf(agreed, FAMILY, [], ABOUT).entries[0]!.says, true);
});

test("an empty visit is nothing to write", () => {
  assert.equal(hasContent(newDraft("h", NOW)), false);
  assert.equal(hasContent({ ...newDraft("h", NOW), words: "  " }), false);
  assert.equal(hasContent({ ...newDraft("h", NOW), answers: { "household/power": false } }), true);
});

test("a family that is not on the list becomes a clue with what it said", () => {
  const told = { head: " 黄大 ", phone: "", place: "百谷村", people: "４", troubles: ["失业"], words: "", told_by: "self", identity: "", as_told: [] };

  const clue = clueOf(told, "c", ABOUT);

  assert.deepEqual([clue.kind, clue.household, clue.based_on], ["clue", "c", 0]);
  assert.deepEqual(clue.says, { head: "黄大", where: "百谷村", words: "失业", told_by: "self", people: 4 });
});

test("numbers of a clue are judged as everywhere, and kept as told where the helper says so", () => {
  const forms = [{ label: { zh: "手机号", en: "mobile" }, pattern: "1[3-9][0-9]{9}", from: null, until: null }];
  const phone: Fact = { level: "household", name: "phone", kind: "text", label: { zh: "", en: "" }, ask: null, unit: null, low: null, high: null, codes: [], forms };
  const told: Clue = { head: "黄大", phone: "没有", place: "", people: "两个", troubles: [], words: "x", told_by: "self", identity: "123", as_told: [] };

  assert.deepEqual(Object.keys(wrongOf(told, phone, "2020-10-17")).sort(), ["identity", "people", "phone"]);
  assert.deepEqual(Object.keys(wrongOf({ ...told, as_told: ["phone", "identity"], people: "2" }, phone, "2020-10-17")), []);
  const kept = clueOf({ ...told, as_told: ["phone", "identity"] }, "c", ABOUT, phone).says;
  assert.deepEqual([kept.phone, kept.identity, kept.as_told], ["没有", "123", ["phone", "identity"]]);
  const right = clueOf({ ...told, phone: "13907761234", identity: "11010519491231002x", as_told: ["phone"] }, "c", ABOUT, phone).says;
  assert.deepEqual([right.phone, right.identity, right.as_told], ["13907761234", "11010519491231002X", undefined]);
});

test("help that is typed is kept with the visit, and is nothing to be written until it is noted", () => {
  const begun = { ...newDraft("h", NOW), helping: { measure: "", yuan: "300", words: "", person: "" } };
  const opened = { ...begun, helping: { measure: "", yuan: " ", words: "", person: "p" } };

  assert.deepEqual([hasContent(begun), hasNoted(begun), hasContent(opened)], [true, false, false]);
});
