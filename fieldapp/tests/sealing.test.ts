import assert from "node:assert/strict";
import { test } from "node:test";
import { newLock, opened, seal, unlock, withNewPin } from "../src/sealing.ts";

const WORDS = { words: "屋顶漏雨", yuan: 1200.5 };

test("what was sealed opens with the PIN and with no other", async () => {
  const { lock, key } = await newLock("385016");
  const sealed = await seal(key, WORDS);

  const again = await unlock(lock, "385016");

  assert.deepEqual(await opened(again!, sealed), WORDS);
  assert.equal(await unlock(lock, "385017"), null);
});

test("sealed bytes say nothing, and a changed byte is noticed", async () => {
  const { key } = await newLock("385016");
  const sealed = await seal(key, WORDS);
  const text = new TextDecoder().decode(sealed.data);

  sealed.data[3]! ^= 1;

  assert.equal(text.includes("漏"), false);
  await assert.rejects(opened(key, sealed));
});

test("a new PIN opens the same data, and the old one no longer does", async () => {
  const { lock, key } = await newLock("385016");
  const sealed = await seal(key, WORDS);

  const changed = await withNewPin(lock, "385016", "740295");

  assert.deepEqual(await opened((await unlock(changed!, "740295"))!, sealed), WORDS);
  assert.equal(await unlock(changed!, "385016"), null);
  assert.equal(await withNewPin(lock, "000000", "740295"), null);
});
