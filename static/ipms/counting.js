// Counting works without this file; with it the page is not drawn anew for each figure, and what was typed
// outlives a lost connection, a closed tab and an expired session.
"use strict";
{
    const root = document.getElementById("count-entry");
    const KEPT = `ipms.count.${root.dataset.count}.`;

    function keep(form) {
        try {
            const figure = form.elements.counted.value;
            const name = KEPT + form.dataset.entry;
            if (figure) {
                localStorage.setItem(name, JSON.stringify({ figure, since: form.dataset.since || null }));
            } else {
                localStorage.removeItem(name);
            }
        } catch {
            // Storage is switched off: it stays in the field.
        }
    }

    function forget(entry) {
        try {
            localStorage.removeItem(KEPT + entry);
        } catch {
            // Nothing was kept.
        }
    }

    function recall(form) {
        try {
            return JSON.parse(localStorage.getItem(KEPT + form.dataset.entry));
        } catch {
            return null;
        }
    }

    // The cursor stands where the next thing is typed or scanned.
    function settle() {
        const form = root.querySelector("form[data-entry]");
        if (!form) {
            const scan = document.getElementById("count-scan");
            if (scan) {
                scan.focus();
                scan.select();
            }
            return;
        }
        const kept = recall(form);
        if (kept && !form.querySelector(".errorlist")) {
            form.elements.counted.value = kept.figure;
            form.dataset.since = kept.since || "";
        }
        const wrong = form.querySelector(".errorlist");
        const empty = Array.from(form.querySelectorAll(".counting__field input")).find((input) => !input.value);
        const field = wrong ? wrong.parentElement.querySelector("input") : null;
        const target = field || (form.elements.line ? form.elements.counted : empty) || form.elements.counted;
        target.focus();
        target.select();
    }

    async function show(url, options) {
        root.classList.add("is-busy");
        try {
            const answer = await fetch(url, {
                ...options,
                headers: { "X-Requested-With": "fetch" },
                credentials: "same-origin",
            });
            if (!answer.ok || answer.redirected) {
                return answer.redirected ? "refused" : "unsent";
            }
            root.innerHTML = await answer.text();
            return "shown";
        } catch {
            return "unsent";
        } finally {
            root.classList.remove("is-busy");
        }
    }

    async function save(form) {
        if (form.dataset.sending) {
            return;
        }
        form.dataset.sending = "yes";
        const entry = form.dataset.entry;
        if (form.dataset.since) {
            // Counted when it was first sent, not when the connection came back.
            form.elements.age.value = Math.max(0, Math.round((Date.now() - Number(form.dataset.since)) / 1000));
        }
        const outcome = await show(form.action, { method: "POST", body: new FormData(form) });
        if (outcome === "shown") {
            const again = root.querySelector("form[data-entry]");
            if (!again || again.dataset.entry !== entry || !again.querySelector(".errorlist")) {
                forget(entry);
                if (navigator.vibrate) {
                    navigator.vibrate(30);
                }
            }
            history.replaceState(null, "", location.pathname);
            settle();
            return;
        }
        delete form.dataset.sending;
        form.dataset.since = form.dataset.since || String(Date.now());
        keep(form);
        const note = form.querySelector(".counting__unsent");
        note.textContent = root.dataset[outcome];
        note.hidden = false;
    }

    root.addEventListener("submit", (event) => {
        event.preventDefault();
        event.stopPropagation(); // the frame's own guard against a second sending would stop a retry
        const form = event.target;
        if (form.method === "post") {
            save(form);
            return;
        }
        const url = `${form.action}?${new URLSearchParams(new FormData(form))}`;
        show(url).then((outcome) => (outcome === "shown" ? settle() : location.assign(url)));
    });

    root.addEventListener("click", (event) => {
        const link = event.target.closest("a[href^='?']");
        if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) {
            return;
        }
        event.preventDefault();
        show(link.href).then((outcome) => {
            if (outcome !== "shown") {
                location.assign(link.href);
                return;
            }
            history.replaceState(null, "", link.href);
            settle();
            root.scrollIntoView({ block: "start" });
        });
    });

    root.addEventListener("input", (event) => {
        const form = event.target.closest("form[data-entry]");
        if (form) {
            keep(form);
        }
    });

    settle();
}
