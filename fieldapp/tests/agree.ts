/** Reads cases that the server answered and prints where the phone's reader answers otherwise. */

import { readFileSync } from "node:fs";
import { holds, inner, type Read, type Tree } from "../src/conditions.ts";

interface Case {
  /** "level.name" → the value as the book has it. */
  card: Record<string, unknown>;
  tree: Tree;
  answer: boolean | null;
}
const { facts, cases } = JSON.parse(readFileSync(process.argv[2]!, "utf8")) as {
  facts: Record<string, Read>;
  cases: Case[];
};
const wrong = cases.flatMap(({ card, tree, answer }) => {
  const found = holds(tree, (level, name) => {
    const key = `${level}.${name}`;
    return key in facts ? inner(facts[key]!, card[key] ?? null) : null;
  });
  return found === answer ? [] : [{ card, tree, answer, found }];
});
console.log(JSON.stringify({ looked: cases.length, wrong: wrong.slice(0, 5) }));
