/** A note that is spoken: short, small, in whatever this browser can record. */

/** Seconds of one note; it ends by itself. */
export const LONGEST = 120;
/** Bits a second: a voice is understood, and two minutes stay under 300 kB where the browser obeys. */
const BITS = 16_000;
/** Bytes at which a note ends although its time is not over: not every browser obeys. */
const MOST = 2_000_000;
const KINDS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];

/** What this browser records; "" when it records nothing. */
export function voiceKind(): string {
  if (typeof MediaRecorder === "undefined" || !navigator.mediaDevices) return "";
  return KINDS.find((each) => MediaRecorder.isTypeSupported(each)) ?? "";
}

export interface Spoken {
  bytes: Uint8Array<ArrayBuffer>;
  type: string;
  seconds: number;
}
export interface Recording {
  stop: () => void;
  /** Resolves when it was stopped, by a tap or because it was long enough. */
  done: Promise<Spoken>;
}

/** Begin to record; rejects when the microphone is not given. */
export async function record(): Promise<Recording> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const recorder = new MediaRecorder(stream, { mimeType: voiceKind(), audioBitsPerSecond: BITS });
  const began = Date.now();
  const pieces: Blob[] = [];
  let size = 0;
  const stop = () => { if (recorder.state !== "inactive") recorder.stop(); };
  const enough = window.setTimeout(stop, LONGEST * 1000);
  recorder.addEventListener("dataavailable", ({ data }) => {
    pieces.push(data);
    size += data.size;
    if (size > MOST) stop();
  });
  const done = new Promise<Spoken>((give) => recorder.addEventListener("stop", () => {
    window.clearTimeout(enough);
    stream.getTracks().forEach((track) => track.stop());
    const seconds = Math.max(1, Math.round((Date.now() - began) / 1000));
    const type = recorder.mimeType.split(";")[0]!;
    void new Blob(pieces).arrayBuffer().then((bytes) => give({ bytes: new Uint8Array(bytes), type, seconds }));
  }));
  recorder.start(1000);
  return { stop, done };
}

/** Play it; by its samples, as an address of the note itself is against the policy of the page. */
export async function play(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const sound = new AudioContext();
  const from = sound.createBufferSource();
  from.buffer = await sound.decodeAudioData(bytes.slice().buffer);
  from.connect(sound.destination);
  from.addEventListener("ended", () => void sound.close());
  from.start();
}
