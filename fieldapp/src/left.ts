/** The mark of a wipe, outside of what is wiped. There is nothing of anybody in it. */

interface Left {
  /** The session has still to end at the server. */
  session: boolean;
  /** What this phone was registered as before, and is no more: the next registration replaces it. */
  phones: string[];
  /** Wiped after too many wrong PINs: perhaps not by its helper. */
  pin?: boolean;
}

const KEPT = "yihu-field-left";

export function left(): Left {
  const found = localStorage.getItem(KEPT);
  return found ? (JSON.parse(found) as Left) : { session: false, phones: [] };
}

export function markLeft(mark: Left): void {
  if (mark.session || mark.phones.length) localStorage.setItem(KEPT, JSON.stringify(mark));
  else localStorage.removeItem(KEPT);
}
