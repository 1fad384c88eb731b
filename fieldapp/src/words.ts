/** Two languages, each sentence written where it is used: 简体中文 first, then English. */

import { ref } from "vue";

export interface Text {
  zh: string;
  en: string;
}
export type Language = keyof Text;

const KEPT = "yihu-field-language";

export const language = ref<Language>(kept());

/** The sentence of the language; {n} is filled from parts, which choose English endings: see numbered. */
export function t(zh: string, en: string, parts: Record<string, string | number> = {}): string {
  return filled(language.value === "zh" ? zh : numbered(en, parts), parts);
}

/** “{n} entr[ies|y]”: of an ending in brackets what stands for many or, after a stroke, for one. */
export function numbered(sentence: string, parts: Record<string, string | number>): string {
  let counted = "";
  return sentence.replace(/\{(\w+)\}|\[([^[\]|]*)\|?([^[\]|]*)\]/g, (whole, name, many, one) => {
    if (name !== undefined) counted = name;
    return name !== undefined ? whole : Number(parts[counted]) === 1 ? one : many;
  });
}

/** A text of the rulebook or the server in the language; what has only one is said in that. */
export function say(text: Text | string | null | undefined): string {
  if (text === null || text === undefined) return "";
  return typeof text === "string" ? text : text[language.value] || text.zh || text.en;
}

export function speak(chosen: Language): void {
  language.value = chosen;
  localStorage.setItem(KEPT, chosen);
  written(chosen);
}

/** The page says in which language it is; that chooses nothing. */
export function written(chosen: Language): void {
  document.documentElement.lang = chosen === "zh" ? "zh-Hans" : "en";
}

function kept(): Language {
  const found = typeof localStorage === "undefined" ? null : localStorage.getItem(KEPT);
  if (found === "en" || found === "zh") return found;
  // Nobody has chosen: the browser's own, as the desk's sign-in does; Chinese for all others.
  return typeof navigator !== "undefined" && navigator.language?.toLowerCase().startsWith("en") ? "en" : "zh";
}

export function filled(sentence: string, parts: Record<string, string | number>): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => String(parts[name] ?? whole));
}
