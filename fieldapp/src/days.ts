/** Days as people and the book write them. The phone's clock may be wrong; the server says by how much. */

import { t } from "./words";

const ZONE = 8 * 60;

/** The day in the county (UTC+8) of a moment, as 2020-10-17. */
export function dayOf(moment: number): string {
  return new Date(moment + ZONE * 60_000).toISOString().slice(0, 10);
}

/** A moment with the county's offset: 2020-10-17T08:30:00.000+08:00. */
export function momentOf(moment: number): string {
  return new Date(moment + ZONE * 60_000).toISOString().replace("Z", "+08:00");
}

/** Whole days from one day to another; negative when the other is earlier. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000);
}

/** A day in words: 10月17日, with the year where it is another. */
export function dayInWords(day: string, today: string): string {
  const [year, month, date] = day.split("-").map(Number);
  const sameYear = day.slice(0, 4) === today.slice(0, 4);
  const zh = `${sameYear ? "" : `${year}年`}${month}月${date}日`;
  const en = new Intl.DateTimeFormat("en-GB", {
    day: "numeric", month: "short", timeZone: "UTC", ...(sameYear ? {} : { year: "numeric" }),
  }).format(new Date(`${day}T00:00:00Z`));
  return t(zh, en);
}

/** How long ago: 今天, 3天前, 2个月前. */
export function ago(day: string, today: string): string {
  const days = daysBetween(day, today);
  if (days <= 0) return t("今天", "today");
  if (days === 1) return t("昨天", "yesterday");
  if (days < 60) return t("{n}天前", "{n} day[s] ago", { n: days });
  if (days < 730) return t("{n}个月前", "{n} month[s] ago", { n: Math.round(days / 30) });
  return t("{n}年前", "{n} year[s] ago", { n: Math.round(days / 365) });
}

/** Whole years of age on a day. */
export function age(birth: string, on: string): number {
  const [year = 0, month = 0, date = 0] = birth.split("-").map(Number);
  const [nowYear = 0, nowMonth = 0, nowDate = 0] = on.split("-").map(Number);
  const before = nowMonth < month || (nowMonth === month && nowDate < date);
  return nowYear - year - (before ? 1 : 0);
}
