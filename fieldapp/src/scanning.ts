/** Reading a QR code: by the browser where it can, else by a reader that is fetched only then. */

type Seen = HTMLVideoElement | ImageBitmap;
interface Detector {
  detect(seen: Seen): Promise<{ rawValue: string }[]>;
}
/** Pixels of the longest side that is looked at: enough for a card across a table. */
const LONGEST = 800;

/** What the code says; "" where none is seen. */
export async function codeReader(): Promise<(seen: Seen) => Promise<string>> {
  const Built = (globalThis as { BarcodeDetector?: new (o: object) => Detector }).BarcodeDetector;
  if (Built) {
    const detector = new Built({ formats: ["qr_code"] });
    return async (seen) => (await detector.detect(seen))[0]?.rawValue ?? "";
  }
  const { default: jsQR } = await import("jsqr");
  return async (seen) => {
    const pixels = pixelsOf(seen);
    return (pixels && jsQR(pixels.data, pixels.width, pixels.height)?.data) ?? "";
  };
}

function pixelsOf(seen: Seen): ImageData | null {
  const [wide, high] =
    seen instanceof HTMLVideoElement ? [seen.videoWidth, seen.videoHeight] : [seen.width, seen.height];
  if (!wide || !high) return null;
  const scale = Math.min(1, LONGEST / Math.max(wide, high));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(wide * scale);
  canvas.height = Math.round(high * scale);
  const pen = canvas.getContext("2d", { willReadFrequently: true })!;
  pen.drawImage(seen, 0, 0, canvas.width, canvas.height);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}
