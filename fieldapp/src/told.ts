/** Entries of the outbox in plain words. */

import { momentOf } from "./days";
import { helpCalled } from "./measures";
import { families, own } from "./phone";
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

export function headOf({ household, says, names }: Pick<Item, "household" | "says" | "names">): string {
  if (typeof says.head === "string") return says.head;
  return household ? headNow(household, names?.head) : t("县里", "The office");
}

/** What the head of a family is called: as the phone has it, else as it was when something was written. */
export function headNow(household: string, then: string | undefined): string {
  return families.value.find((each) => each.id === household)?.head ?? then ?? t("不在本机的户", "not on this phone");
}

/** The name of a person an entry speaks of; "" for the household itself. */
export function whoOf(person: string, { names }: Pick<Item, "names">): string {
  const everybody = families.value.flatMap((each) => each.people);
  return everybody.find((each) => each.id === person)?.name ?? names?.people[person] ?? "";
}

/** What a group is, by the entry that leads it. */
export function titleOf(items: readonly Item[]): string {
  const [first] = items;
  if (!first) return "";
  const adds = first.kind === "facts" && String(first.says.words ?? "").startsWith("补充");
  return adds ? t("走访的补充", "Addition to a visit") : t(...(KINDS[first.kind] ?? [first.kind, first.kind]));
}

/** The hour a group was written, by the phone's clock. */
export function hourOf(item: Pick<Item, "written_at">): string {
  return momentOf(Date.parse(item.written_at)).slice(11, 16);
}

/** What is in a group, counted: facts, photos, recordings, help, signatures. */
export function holdsOf(items: readonly Item[]): string {
  const named = items.filter((each) => each.kind === "evidence").map((each) => (each.says.about as { of?: string } | undefined)?.of ?? "");
  const voices = named.filter((each) => each === "voice").length;
  const photos = named.filter((each) => each !== "voice" && !each.startsWith("signature")).length;
  const counts: [number, string, string][] = [
    [items.reduce((sum, each) => sum + factsIn(each), 0), "情况 {n} 项", "{n} fact[s]"],
    [photos, "照片 {n} 张", "{n} photo[s]"],
    [voices, "录音 {n} 段", "{n} recording[s]"],
    [items.filter((each) => each.kind === "help").length, "帮扶 {n} 项", "{n} help given"],
    [items.filter((each) => each.kind === "signature").length, "签名 {n} 个", "{n} signature[s]"],
  ];
  return counts.filter(([n]) => n).map(([n, zh, en]) => t(zh, en, { n })).join(t("、", ", "));
}

function factsIn({ says }: Item): number {
  const members = Object.values((says.members ?? {}) as Record<string, object>);
  return [(says.household ?? {}) as object, ...members].reduce((sum, each) => sum + Object.keys(each).length, 0);
}

const SHOWS: Record<string, [string, string]> = {
  house: ["照片：房屋", "Photo: house"], card: ["照片：帮扶卡", "Photo: card"], paper: ["照片：证件材料", "Photo: paper"], person: ["照片：人", "Photo: person"],
  voice: ["录音", "Recording"], "signature 户主": ["签名的图", "Picture of the signature"], "signature 家人": ["签名的图", "Picture of the signature"], "signature 帮扶人": ["签名的图", "Picture of the signature"],
};
/** As whom somebody signed, in English; the book has it in Chinese. */
const SIDES: Record<string, string> = { 户主: "Head of the household", 家人: "Member of the family", 帮扶人: "Helper" };
/** What one entry of a group is: a photo says of what. */
export function nameOfEntry({ kind, says }: Item): string {
  const of = kind === "evidence" ? (says.about as { of?: string } | undefined)?.of ?? "" : "";
  return t(...(SHOWS[of] ?? KINDS[kind] ?? [kind, kind]));
}

/** A line of what an entry says. left: it was not written, somebody decided so. */
export interface Line {
  text: string;
  left?: boolean;
}

/** What an entry says, line by line. */
export function linesOf(item: Item): Line[] {
  const says = item.says as {
    where?: string; people?: number; notice?: string; coming?: boolean; why?: string;
    words?: string; measure?: string; of?: string; amount?: { yuan?: number }; name?: string; as_told?: string[];
    about?: { of?: string; seconds?: number }; household?: Record<string, Value>; members?: Record<string, Record<string, Value>>;
  };
  const left = new Set((item.answer?.left_out ?? []).map((key) => key.join("/")));
  const facts = factLines("household", says.household ?? {}, left);
  for (const [person, of] of Object.entries(says.members ?? {})) {
    facts.push(...factLines(person, of, left).map((line) => ({ ...line, text: [whoOf(person, item), line.text].filter(Boolean).join(" · ") })));
  }
  const found: string[] = [];
  if (says.of) found.push(t(says.of, SIDES[says.of] ?? says.of));
  if (says.measure) found.push(helpCalled(says.measure, says.amount?.yuan));
  if (says.about?.of === "voice") found.push(t("录音 {n} 秒", "{n} second[s] spoken", { n: says.about.seconds ?? 0 }));
  if (says.name) found.push(says.name);
  for (const each of says.as_told ?? []) found.push(each === "identity" ? t("证件号码照说的记，未核对", "Identity number as told, not verified") : t("电话照说的记，未核对", "Phone as told, not verified"));
  if (item.kind === "clue") {
    if (says.where) found.push(says.where);
    if (says.people) found.push(t("{n} 口人", "{n} [people|person]", { n: says.people }));
  }
  if (item.kind === "read") {
    const title = own.value.notices.find((each) => each.id === says.notice)?.title;
    if (title) found.push(title);
    if (says.coming !== undefined) found.push(says.coming ? t("我参加", "I come") : t("我不能参加：{why}", "I cannot come: {why}", { why: says.why ?? "" }));
  }
  if (says.words) found.push(says.words);
  return [...facts, ...found.map((text) => ({ text }))];
}

function factLines(whose: string, facts: Record<string, Value>, left: ReadonlySet<string>): Line[] {
  const level = whose === "household" ? whose : "person";
  return Object.entries(facts).map(([name, value]) => ({
    text: `${labelOf(level, name)}${t("：", ": ")}${shown(factOf(level, name), value)}`,
    left: left.has(`${whose}/${name}`),
  }));
}
