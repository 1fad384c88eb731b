/** Photos: made small on the phone, so that a week of them travels over a village's line. */

import type { Bytes } from "./sealing";

/** Longest side in pixels; a paper of A4 stays readable. */
const LONGEST = 1600;
const QUALITIES = [0.8, 0.65, 0.5];
/** Bytes a photo should stay under. */
export const SMALL = 300_000;

/** Width and height with the longest side at most `longest`, never larger than they are. */
export function fitted(width: number, height: number, longest = LONGEST): [number, number] {
  const scale = Math.min(1, longest / Math.max(width, height));
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
}

/** The picture as a small JPEG. What the camera wrote beside it – place, phone – does not go along. */
export async function shrunk(file: Blob): Promise<Bytes> {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const [width, height] = fitted(picture.width, picture.height);
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  canvas.getContext("2d")!.drawImage(picture, 0, 0, width, height);
  picture.close();
  return smallest(canvas);
}

async function smallest(canvas: HTMLCanvasElement): Promise<Bytes> {
  let bytes = new Uint8Array(0);
  for (const quality of QUALITIES) {
    bytes = await jpeg(canvas, quality);
    if (bytes.length <= SMALL) break;
  }
  return bytes;
}

async function jpeg(canvas: HTMLCanvasElement, quality: number): Promise<Bytes> {
  const made = await new Promise<Blob | null>((done) =>
    canvas.toBlob(done, "image/jpeg", quality),
  );
  if (!made) throw new Error("the canvas gave no picture");
  return new Uint8Array(await made.arrayBuffer());
}
