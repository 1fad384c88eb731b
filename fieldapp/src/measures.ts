/** Kinds of help of the yearly plan (年度帮扶计划), as the handbook names them: kept so in the book. */

import { t } from "./words";

const NAMED: readonly (readonly [string, string])[] = [
  ["发展生产", "Production"], ["转移就业", "Jobs"], ["教育培训", "Schooling, training"], ["医疗救助", "Medical aid"],
  ["低保", "Dibao"], ["养老", "Pension"], ["小额信贷", "Loan"], ["住房改造", "House repair"], ["慰问", "Relief"], ["其他", "Other"],
];
export const MEASURES = NAMED.map(([measure]) => measure);

/** A kind of help in the language of the screen; what was written freely as it was written. */
export function measureCalled(measure: string): string {
  return t(measure, NAMED.find(([zh]) => zh === measure)?.[1] ?? measure);
}

/** Kind and amount: 慰问 · 1,830 元; the amount where somebody wrote it in yuan. */
export function helpCalled(measure: string, yuan: number | null | undefined): string {
  const amount = typeof yuan === "number" ? t("{n} 元", "{n} yuan", { n: yuan.toLocaleString("zh-CN") }) : "";
  return [measure && measureCalled(measure), amount].filter(Boolean).join(" · ");
}
