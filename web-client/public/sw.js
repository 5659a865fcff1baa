// Opens the page without a network, so that what is safe on this device can also be read and written there.
// Files that carry a hash in their name never change and are served from the cache; the page itself comes from
// the server wherever that answers.

/* Filled in by scripts/finish-build.mjs. */
const version = "development";
const files = [];

const cacheName = `studium-${version}`;
const answerWithin = 4000; // milliseconds

self.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(cacheName)
      .then((cache) => cache.addAll(["/", ...files]))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) =>
        Promise.all(names.filter((name) => name !== cacheName).map((name) => caches.delete(name))),
      )
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (files.includes(pathname)) event.respondWith(fromCache(request));
  else if (request.mode === "navigate") event.respondWith(page(request));
});

async function fromCache(request) {
  return (await caches.match(request)) ?? fetch(request);
}

async function page(request) {
  const kept = await caches.match("/");
  if (kept === undefined) return fetch(request);
  const late = new Promise((resolve) => setTimeout(() => resolve(kept), answerWithin));
  return Promise.race([fetch(request).catch(() => kept), late]);
}
