import assert from "node:assert/strict";
import { test } from "node:test";
import { filled, numbered, t } from "../src/words";

test("a number chooses the ending of the word after it", () => {
  const says = (n: number, m: number) => {
    const parts = { n, m };
    return filled(numbered("{n} entr[ies|y] ha[ve|s] {m} photo[s]", parts), parts);
  };

  assert.equal(says(1, 2), "1 entry has 2 photos");
  assert.equal(says(3, 1), "3 entries have 1 photo");
  assert.equal(says(0, 0), "0 entries have 0 photos");
});

test("Chinese has no endings, and what stands in no braces is left as it is", () => {
  assert.equal(t("[{n}] 条", "{n} gap[s]", { n: 1 }), "[1] 条");
  assert.equal(numbered("no ending", {}), "no ending");
});
