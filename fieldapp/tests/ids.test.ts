import assert from "node:assert/strict";
import { test } from "node:test";
import { newId } from "../src/ids.ts";

const SHAPE = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("an id is a UUID of version 7 that begins with its moment", () => {
  const id = newId(Date.UTC(2090, 9, 17));

  assert.match(id, SHAPE);
  assert.equal(parseInt(id.replace("-", "").slice(0, 12), 16), Date.UTC(2090, 9, 17));
});

test("ids sort as they were made, also within a millisecond and after the clock went back", () => {
  const moments = [9e12, 9e12, 9e12, 9e12 - 86_400_000, 9e12 + 5];

  const made = moments.map((each) => newId(each));

  assert.deepEqual([...made].sort(), made);
  assert.equal(new Set(made).size, made.length);
});
