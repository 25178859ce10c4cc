// The progress of an import, without loading the page anew. Without this file the page refreshes itself.
"use strict";
{
    const EVERY = 1500;
    const LONGEST = 15000;
    let wait = EVERY;

    async function look() {
        const shown = document.getElementById("import-progress");
        try {
            const answer = await fetch(location.href, { credentials: "same-origin", cache: "no-store" });
            const page = new DOMParser().parseFromString(await answer.text(), "text/html");
            const now = page.getElementById("import-progress");
            if (!answer.ok || !now || now.dataset.state !== shown.dataset.state) {
                location.reload();
                return;
            }
            for (const part of ["progress", "progress + p"]) {
                shown.querySelector(part).replaceWith(now.querySelector(part));
            }
            wait = EVERY;
        } catch {
            // The line is away: later.
            wait = Math.min(wait * 2, LONGEST);
        }
        setTimeout(look, wait);
    }
    setTimeout(look, wait);
}
