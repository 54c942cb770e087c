// The page says everything without this file. It adds two comforts: buttons that copy a value, and offers that step
// back by themselves when their last day is over, on a page that nobody has rebuilt since.
"use strict";

const said = document.querySelector("[data-said]");

for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
    } catch {
      return; // the value beside the button can still be selected
    }
    button.classList.add("done");
    if (said) said.textContent = said.dataset.said;
    setTimeout(() => {
      button.classList.remove("done");
      if (said) said.textContent = "";
    }, 2500);
  });
}

// "Today" is the seller's: a deadline ends at midnight where the seller is.
const zone = document.currentScript?.dataset.zone || document.querySelector("script[data-zone]")?.dataset.zone;
const today = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(new Date());

for (const offer of document.querySelectorAll("[data-until]")) {
  if (!offer.dataset.until || offer.dataset.until >= today) continue;
  const notice = offer.querySelector(".expired");
  offer.classList.add("over");
  if (notice) notice.hidden = false;
  else offer.hidden = true;
}
