// SPDX-License-Identifier: Apache-2.0
// Keeps the counts in the picture fresh: asks for /counts every two seconds while the page shows.
"use strict";

const WORDS = {
  sent: (n) => `sent ${n}`,
  received: (n) => `received ${n}`,
  waiting: (n) => `in the inbox ${n}`,
  transmitted: (n) => `${n} with receipt`,
};

async function refresh() {
  const freshness = document.getElementById("freshness");
  if (document.hidden) return;
  try {
    const counts = await (await fetch("/counts")).json();
    for (const element of document.querySelectorAll("[data-live]")) {
      const [name, what] = element.dataset.live.split(".");
      const value = counts[name]?.[what];
      element.textContent = WORDS[what](value ?? "–");
    }
    freshness.textContent = `Counted at ${new Date().toLocaleTimeString()}.`;
  } catch {
    freshness.textContent = "The sandbox does not answer; the counts above may be old.";
  }
}

refresh();
setInterval(refresh, 2000);
document.addEventListener("visibilitychange", refresh);
