/** New versions of the app: fetched in the background, put on when a person says so. */

import { ref } from "vue";

/** A version is here and waits to be put on. */
export const newVersion = ref(false);
let waiting: ServiceWorker | null = null;

export function watchForVersions(): void {
  if (!("serviceWorker" in navigator)) return;
  let had = navigator.serviceWorker.controller !== null;
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    // The first worker only begins to serve; another one means another app: open that.
    if (had) location.reload();
    had = true;
  });
  void register();
}

/** Put the waiting version on; the page opens anew. What is in the queue stays. */
export function putOn(): void {
  waiting?.postMessage("take over");
}

async function register(): Promise<void> {
  const worker = await navigator.serviceWorker.register("/field/worker.js", { scope: "/field/" });
  offered(worker.waiting);
  worker.addEventListener("updatefound", () => {
    const coming = worker.installing;
    coming?.addEventListener("statechange", () => {
      if (coming.state === "installed" && navigator.serviceWorker.controller) offered(coming);
    });
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && navigator.onLine) {
      // Without a signal there is nothing to find out, and nothing to say about it.
      worker.update().catch(() => undefined);
    }
  });
}

function offered(worker: ServiceWorker | null): void {
  if (worker) {
    waiting = worker;
    newVersion.value = true;
  }
}
