/**
 * After a wipe: the session of the browser ends at the server before anything else is asked of it.
 *
 * Whoever finds the phone sets a PIN of his own; the cookie, which only the server can end, would
 * bring him the families and open the desk. Without a network a mark stays until it was told.
 */

import { left, markLeft } from "./left";
import * as wire from "./wire";

/** Tell the server, if it was not told. key: of the phone, where it was open when it was left. */
export async function tellLeft(key: wire.Key = null): Promise<void> {
  const mark = left();
  if (!mark.session) return;
  try {
    await wire.leave(key, mark.phones.at(-1), mark.pin);
    markLeft({ session: false, phones: mark.phones.slice(0, -1) });
  } catch (problem) {
    if (key && problem instanceof wire.KeyEnded) return tellLeft();
    if (!(problem instanceof wire.SignedOut)) throw problem;
    // Nobody is signed in: the next registration says which it replaces.
    markLeft({ ...mark, session: false });
  }
}

/** At the first chance, which may come before a PIN is set. */
export async function tellLeftSoon(key: wire.Key = null): Promise<void> {
  await tellLeft(key).catch(() => undefined);
}
