// Has the browser keep the page's files, so that it starts without a network too: see www/js/offline.js.

/** Quietly does without where the browser cannot (no secure address, storage forbidden or full). */
export function keepOffline() {
  navigator.serviceWorker?.register(new URL("offline.js", document.baseURI)).catch(() => {});
}
