/** Entries of the outbox in plain words. */

import { families } from "./phone";
import type { Item, State } from "./queue";
import type { Value } from "./questions";
import { factOf, labelOf, shown } from "./shown";
import { t } from "./words";

export const KINDS: Record<string, [string, string]> = {
  visit: ["走访", "Visit"], help: ["帮扶", "Help"], evidence: ["照片、录音或材料", "Photo, recording or paper"],
  signature: ["签名", "Signature"], facts: ["情况", "Facts"], people: ["人口变动", "People"], decision: ["认定", "Decision"],
  correction: ["更正", "Correction"], import: ["导入", "Import"], comparison: ["数据比对", "Comparison"], read: ["已读回执", "Read receipt"],
  clue: ["线索：未在名单的户", "Clue: a family not listed"],
};
export const STATES: Record<State, [string, string, string]> = {
  waiting: ["待传", "waiting", "warn"],
  taken: ["已收到", "received", "good"],
  held: ["待裁定", "held", "ask"],
  refused: ["被退回", "refused", "bad"],
};

export function headOf({ household, says }: Pick<Item, "household" | "says">): string {
  if (typeof says.head === "string") return says.head;
  if (!household) return t("县里", "The office");
  return families.value.find((each) => each.id === household)?.head ?? t("不在本机的户", "not on this phone");
}

/** The name of a person of one of the families; "" for the household itself. */
export function whoOf(person: string): string {
  const everybody = families.value.flatMap((each) => each.people);
  return everybody.find((each) => each.id === person)?.name ?? "";
}

/** What an entry says, line by line. */
export function linesOf(item: Item): string[] {
  const says = item.says as {
    words?: string; measure?: string; of?: string; amount?: { yuan?: number }; name?: string;
    about?: { of?: string; seconds?: number }; household?: Record<string, Value>; members?: Record<string, Record<string, Value>>;
  };
  const found = factLines("household", says.household ?? {});
  for (const [person, facts] of Object.entries(says.members ?? {})) {
    found.push(...factLines("person", facts).map((line) => `${whoOf(person)} · ${line}`));
  }
  if (says.of) found.push(`${says.of}`);
  if (says.measure) found.push(says.measure + (says.amount?.yuan === undefined ? "" : ` · ${t("{n} 元", "{n} yuan", { n: says.amount.yuan })}`));
  if (says.about?.of === "voice") found.push(t("录音 {n} 秒", "{n} second[s] spoken", { n: says.about.seconds ?? 0 }));
  if (says.name) found.push(says.name);
  if (says.words) found.push(says.words);
  return found;
}

function factLines(level: string, facts: Record<string, Value>): string[] {
  return Object.entries(facts).map(
    ([name, value]) => `${labelOf(level, name)}：${shown(factOf(level, name), value)}`,
  );
}
