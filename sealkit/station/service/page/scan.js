// Reading a QR code with the camera, where the browser can (BarcodeDetector).

const LOOK_EVERY_MS = 200;

export async function canScan() {
  if (!("BarcodeDetector" in globalThis) || !navigator.mediaDevices) return false;
  try {
    return (await globalThis.BarcodeDetector.getSupportedFormats()).includes("qr_code");
  } catch {
    return false;
  }
}

// Shows the camera in a video element until a code is seen (its text), or the signal ends it (null).
// Errors: those of the browser, where the camera cannot be used.
export async function scan(video, signal) {
  const detector = new globalThis.BarcodeDetector({ formats: ["qr_code"] });
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  try {
    video.srcObject = stream;
    await video.play();
    while (!signal.aborted) {
      const [code] = await detector.detect(video);
      if (code) return code.rawValue;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
    return null;
  } finally {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  }
}
