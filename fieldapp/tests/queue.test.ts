import assert from "node:assert/strict";
import { test } from "node:test";
import { grouped, namesFor, nextBatch, settled, type Answer, type Item, type State } from "../src/queue.ts";

function item(id: string, state: State = "waiting"): Item {
  return {
    id, state, household: "h", kind: "visit", says: {}, based_on: 3, seen_on: "2020-10-17",
    written_at: "2020-10-17T08:00:00.000+08:00", app: "1", rulebook: "guangxi 1",
  };
}
const taken = (id: string): Answer => ({ id, outcome: "taken", receipt: "4" });

test("each entry gets its own answer, and one nobody answered for waits", () => {
  const held: Answer = { id: "b", outcome: "held", differs: [] };

  const after = settled([item("a"), item("b"), item("c")], [taken("a"), held]);

  assert.deepEqual(after.map((each) => each.state), ["taken", "held", "waiting"]);
  assert.equal(after[0]!.answer?.receipt, "4");
});

test("a late answer changes nothing that was taken or refused, but settles what is held", () => {
  const queue = [item("a", "taken"), item("b", "refused"), item("c", "held")];
  const late = ["a", "b", "c"].map((id): Answer => ({ id, outcome: id === "c" ? "taken" : "held" }));

  assert.deepEqual(settled(queue, late).map((each) => each.state), ["taken", "refused", "taken"]);
});

test("nothing ever leaves the queue, whatever the server says", () => {
  const queue = [item("a"), item("b", "refused")];

  assert.deepEqual(settled(queue, [taken("a"), taken("a"), taken("strange")]).map((each) => each.id), ["a", "b"]);
});

test("a batch is what waits, in its order, as many as the server takes", () => {
  const queue = [item("a", "taken"), item("b"), item("c", "refused"), item("d"), item("e")];

  assert.deepEqual(nextBatch(queue, 2).map((each) => each.id), ["b", "d"]);
});

test("what was written at one moment about one family is one group, in the state that most needs somebody", () => {
  const photo = { ...item("b", "taken"), kind: "evidence" };
  const other = { ...item("c"), household: "other" };
  const later = { ...item("d", "taken"), written_at: "2020-10-18T08:00:00.000+08:00" };

  const found = grouped([item("a", "held"), photo, other, later]);

  assert.deepEqual(found.map((each) => each.items.map((one) => one.id)), [["a", "b"], ["c"], ["d"]]);
  assert.deepEqual(found.map((each) => each.state), ["held", "waiting", "taken"]);
});

test("with an entry the head is kept by name, and of the others only who is spoken of", () => {
  const people = [{ id: "a", name: "黄秀英" }, { id: "b", name: "黄小月" }, { id: "c", name: "黄大明" }];
  const says = { members: { b: { schooling: "primary" } }, person: "c" };

  const kept = namesFor({ household: "h", says }, { head: "黄秀英", people });

  assert.deepEqual(kept, { head: "黄秀英", people: { b: "黄小月", c: "黄大明" } });
  assert.equal(namesFor({ household: "h", says }, undefined), undefined);
});
