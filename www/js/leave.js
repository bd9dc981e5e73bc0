// A session lives in the page: a key such as Ctrl W, which deletes a word in every shell, must not end it unasked.
let guarded = false;

/** Whether the browser shall ask before it leaves the page. */
export function guard(on) {
  guarded = on;
}

addEventListener("beforeunload", (event) => {
  if (guarded) event.preventDefault();
});
