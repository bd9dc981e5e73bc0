// The service worker: keeps the files of one build, so that the page starts without a network. www/build/finish.mjs
// puts in the build's name and its files. Names carry a hash of their content, so what is kept never is out of date;
// the page itself is asked for first, and taken from here only where nobody answers.
const BUILD = "built:name";
const FILES = ["built:files"];

self.addEventListener("install", (event) => {
  event.waitUntil(keep().then(() => self.skipWaiting()));
});

async function keep() {
  const cache = await caches.open(BUILD);
  // The browser's own cache has most of them.
  await cache.addAll(FILES);
}

self.addEventListener("activate", (event) => {
  event.waitUntil(forget());
});

async function forget() {
  const old = (await caches.keys()).filter((name) => name !== BUILD);
  await Promise.all(old.map((name) => caches.delete(name)));
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || new URL(request.url).origin !== location.origin) return;
  event.respondWith(request.mode === "navigate" ? page(request) : file(request));
});

async function page(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match("./");
    if (kept) return kept;
    throw error;
  }
}

async function file(request) {
  return (await caches.match(request, { ignoreSearch: true, ignoreVary: true })) ?? fetch(request);
}
