/** Whether the browser may drop what lies on the phone when its room runs out. */

import { ref } from "vue";

/** null: it cannot be asked. */
export const persisted = ref<boolean | null>(null);

export async function lookWhetherKept(): Promise<void> {
  persisted.value = (await navigator.storage?.persisted?.()) ?? null;
}

/** Ask the browser to keep it; it may say no, and does so silently. */
export async function askToKeep(): Promise<void> {
  persisted.value = (await navigator.storage?.persist?.()) ?? null;
}
