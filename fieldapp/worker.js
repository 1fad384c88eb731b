/* The service worker: the app opens without a server. It never takes over by itself, for the page
   that is open may be in the middle of a visit; a person taps, and then it does. */

const CACHE = "field-__VERSION__";
const FILES = [/* files */];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(dropOthers().then(() => self.clients.claim()));
});

self.addEventListener("message", (event) => {
  if (event.data === "take over") self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  // What is not the app itself – the API above all – is always asked of the server.
  if (request.method !== "GET" || address.origin !== location.origin) return;
  if (!address.pathname.startsWith("/field/")) return;
  const asked = request.mode === "navigate" ? "/field/" : address.pathname;
  event.respondWith(fromCache(asked, request));
});

async function fromCache(asked, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(asked)) ?? fetch(request);
}

async function dropOthers() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("field-") && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}
