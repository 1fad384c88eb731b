/** Values of facts as people read them. */

import { facts } from "./phone";
import type { Fact, Value } from "./questions";
import { say, t } from "./words";

export function shown(fact: Fact | undefined, value: Value | undefined): string {
  if (value === undefined || value === null || value === "") return t("不明", "unknown");
  if (typeof value === "boolean") return value ? t("是", "yes") : t("否", "no");
  const keys = Array.isArray(value) ? value : [String(value)];
  if (fact?.codes.length) return keys.map((key) => code(fact, key)).join(t("、", ", "));
  // A year is a name, not an amount: 2017 and not 2,017 years. The desk sends its unit empty.
  if (fact?.unit && (fact.unit.en === "year" || !fact.unit.en) && typeof value === "number") return t("{n}年", "{n}", { n: value });
  const unit = fact?.unit ? ` ${say(fact.unit)}` : "";
  return `${typeof value === "number" ? value.toLocaleString("zh-CN") : keys.join(t("、", ", "))}${unit}`;
}

function code(fact: Fact, key: string): string {
  const found = fact.codes.find((each) => each.key === key);
  return found ? say(found.label) : key;
}

export function factOf(level: string, name: string): Fact | undefined {
  return facts.value.get(`${level}.${name}`);
}

export function labelOf(level: string, name: string): string {
  const fact = factOf(level, name);
  return fact ? say(fact.label) : name;
}
