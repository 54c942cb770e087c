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

// An offer carries its last moment. A clock that is wrong does no harm: this only ever hides what the page offers.
for (const offer of document.querySelectorAll("[data-until]")) {
  if (!(Date.parse(offer.dataset.until) < Date.now())) continue; // nor when the moment cannot be read
  const notice = offer.querySelector(".expired");
  offer.classList.add("over");
  if (notice) notice.hidden = false;
  else offer.hidden = true;
}
