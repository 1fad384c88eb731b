import assert from "node:assert/strict";
import { test } from "node:test";
import { isPossible, wrongForm } from "../src/identity.ts";
import { reading, type Fact } from "../src/questions.ts";

const TEXT = { zh: "号码", en: "number" };
const IDENTITY: Fact = { level: "person", name: "identity", kind: "identity", label: TEXT, ask: null, unit: null, low: null, high: null, codes: [] };
const MOBILE = { label: { zh: "11位手机号", en: "11 figures" }, pattern: "1[3-9]\\d{9}", from: null, until: null };

test("a number is judged by its length, the day of birth in it and the check figure", () => {
  for (const number of ["11010519491231002X", "110105491231002", "11010519491231002X42", "99999919491231002"]) {
    assert.equal(isPossible(number), true, number);
  }
  for (const number of ["110105194912310021", "11010519491331002X", "1101051949123100", "0", "", "11010519491231002X45", "11010519490229002X"]) {
    assert.equal(isPossible(number), false, number);
  }
});

test("it is read as people type it, and told what is wrong", () => {
  assert.deepEqual(reading(IDENTITY, " 110105 19491231 002x "), { value: "11010519491231002X" });
  const read = reading(IDENTITY, "123");
  assert.ok("wrong" in read && read.wrong.zh.includes("3 位") && read.wrong.en.includes("3 signs"));
});

test("of a passport, another document or none any number may be right", () => {
  assert.deepEqual(reading(IDENTITY, "E12345678", "2020-10-17", true), { value: "E12345678" });
});

test("a text has one of the forms in use on the day", () => {
  const phone: Fact = { ...IDENTITY, name: "phone", kind: "text", forms: [MOBILE] };

  assert.deepEqual(reading(phone, "１３９０７７６１２３４", "2020-10-17"), { value: "13907761234" });
  assert.ok("wrong" in reading(phone, "139", "2020-10-17"));
  const landline = { ...MOBILE, pattern: "0[0-9]{2,3}\\-?[1-9][0-9]{6,7}" };
  assert.equal(wrongForm({ forms: [landline] }, "0776-5220000", "2020-10-17"), null);
  assert.equal(wrongForm({ forms: [{ ...MOBILE, until: "2019-12-31" }] }, "x", "2020-10-17"), null);
  assert.equal(wrongForm(undefined, "x", "2020-10-17"), null);
});
