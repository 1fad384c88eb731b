/** Which screen is shown: the part of the address behind #, so that the back key works offline. */

import { ref } from "vue";

export const path = ref(read());

export function go(to: string): void {
  location.hash = to;
}

/** Back where one came from; the start when the app was opened here. */
export function back(): void {
  if (history.length > 1) history.back();
  else go("/");
}

function read(): string[] {
  const plain = typeof location === "undefined" ? "" : location.hash.replace(/^#\/?/, "");
  return plain.split("/").map(decodeURIComponent).filter(Boolean);
}

if (typeof window !== "undefined") {
  window.addEventListener("hashchange", () => (path.value = read()));
}
