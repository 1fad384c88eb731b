/** Entries of the outbox in plain words. */

import { families } from "./phone";
import type { Item, State } from "./queue";
import type { Value } from "./questions";
import { factOf, labelOf, shown } from "./shown";
import { t } from "./words";

export const KINDS: Record<string, [string, string]> = {
  visit: ["走访", "Visit"], help: ["帮扶", "Help"], evidence: ["照片或材料", "Photo or paper"],
  signature: ["签名", "Signature"], facts: ["情况", "Facts"], read: ["已读回执", "Read receipt"],
  clue: ["线索：未在名单的户", "Clue: a family not listed"],
};
export const STATES: Record<State, [string, string, string]> = {
  waiting: ["待传", "waiting", "warn"],
  taken: ["已收到", "received", "good"],
  held: ["待裁定", "held", "ask"],
  refused: ["未收", "refused", "bad"],
};

export function headOf(household: string): string {
  return families.value.find((each) => each.id === household)?.head ?? t("不在本机的户", "not on this phone");
}

/** What an entry says, line by line. */
export function linesOf(item: Item): string[] {
  const says = item.says as {
    words?: string; measure?: string; of?: string; amount?: { yuan?: number }; name?: string;
    about?: { of?: string }; household?: Record<string, Value>; members?: Record<string, Record<string, Value>>;
  };
  const found = factLines("household", says.household ?? {});
  for (const facts of Object.values(says.members ?? {})) found.push(...factLines("person", facts));
  if (says.of) found.push(`${says.of}`);
  if (says.measure) found.push(says.measure + (says.amount?.yuan === undefined ? "" : ` · ${t("{n} 元", "{n} yuan", { n: says.amount.yuan })}`));
  if (says.name) found.push(says.name);
  if (says.words) found.push(says.words);
  return found;
}

function factLines(level: string, facts: Record<string, Value>): string[] {
  return Object.entries(facts).map(
    ([name, value]) => `${labelOf(level, name)}：${shown(factOf(level, name), value)}`,
  );
}
