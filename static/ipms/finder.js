// The search over everything works without this file: Enter opens its page. With it the results drop down.
"use strict";
{
    const form = document.getElementById("finder");
    const field = document.getElementById("finder-field");
    const box = document.getElementById("finder-found");
    const status = document.getElementById("finder-status");
    const opener = document.querySelector(".finder-opener");
    const WAIT = 180;
    const SHORTEST = 2;
    let timer = null;
    let asked = null;
    let shown = "";
    let active = -1;

    const options = () => Array.from(box.querySelectorAll("[role=option]"));

    field.setAttribute("role", "combobox");
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-expanded", "false");
    field.setAttribute("aria-controls", "finder-list");

    function choose(index) {
        const all = options();
        active = all.length ? (index + all.length + 1) % (all.length + 1) : -1;
        // One place more than there are options: the field itself.
        active = active === all.length ? -1 : active;
        all.forEach((option, place) => option.setAttribute("aria-selected", String(place === active)));
        if (active < 0) {
            field.removeAttribute("aria-activedescendant");
        } else {
            field.setAttribute("aria-activedescendant", all[active].id);
            all[active].scrollIntoView({ block: "nearest" });
        }
    }

    function open() {
        box.hidden = !box.firstElementChild;
        field.setAttribute("aria-expanded", String(!box.hidden && options().length > 0));
    }

    function close() {
        clearTimeout(timer);
        if (asked) {
            asked.abort();
        }
        choose(-1);
        box.hidden = true;
        field.setAttribute("aria-expanded", "false");
        status.textContent = "";
    }

    function empty() {
        close();
        shown = "";
        box.replaceChildren();
    }

    async function ask(text) {
        if (asked) {
            asked.abort();
        }
        const request = (asked = new AbortController());
        try {
            const answer = await fetch(`${form.dataset.suggestions}?q=${encodeURIComponent(text)}`, {
                headers: { "X-Requested-With": "fetch" },
                credentials: "same-origin",
                signal: request.signal,
            });
            // A session that expired leads to the login: Enter does so with what was typed.
            if (!answer.ok || answer.redirected) {
                empty();
                return;
            }
            const html = await answer.text();
            if (request.signal.aborted || document.activeElement !== field) {
                return;
            }
            box.innerHTML = html;
            shown = text;
            choose(-1);
            open();
            const told = box.querySelector("[data-status]");
            status.textContent = told ? told.textContent : "";
        } catch {
            if (!request.signal.aborted) {
                // No connection: Enter tries once more, and the browser says what is wrong.
                empty();
            }
        }
    }

    field.addEventListener("input", () => {
        const text = field.value.trim();
        clearTimeout(timer);
        if (text.length < SHORTEST) {
            empty();
            return;
        }
        // What was chosen belongs to another text now.
        choose(-1);
        timer = setTimeout(() => ask(text), WAIT);
    });

    field.addEventListener("keydown", (event) => {
        if (event.isComposing) {
            return;
        }
        const steps = { ArrowDown: 1, ArrowUp: -1 };
        if (event.key in steps) {
            event.preventDefault();
            if (box.hidden && box.firstElementChild) {
                open();
            }
            if (!box.hidden) {
                choose(active === -1 && event.key === "ArrowUp" ? options().length - 1 : active + steps[event.key]);
            }
        } else if (event.key === "Enter" && active >= 0) {
            event.preventDefault();
            const option = options()[active];
            if (event.ctrlKey || event.metaKey) {
                window.open(option.href, "_blank", "noopener");
            } else {
                option.click();
            }
        } else if (event.key === "Escape") {
            event.preventDefault();
            // It closes the list first, then it puts the field away.
            event.stopPropagation();
            if (!box.hidden) {
                close();
            } else {
                putAway();
            }
        }
    });

    function putAway() {
        const wasOpen = form.classList.contains("is-open");
        field.value = "";
        empty();
        field.blur();
        form.classList.remove("is-open");
        if (wasOpen) {
            opener.focus();
        }
    }

    function take() {
        form.classList.add("is-open");
        field.focus();
        field.select();
    }

    form.addEventListener("submit", (event) => {
        if (field.value.trim()) {
            close();
        } else {
            event.preventDefault();
        }
    });
    field.addEventListener("focus", () => {
        if (shown && shown === field.value.trim()) {
            open();
        }
    });
    // The list is pressed, not left: the field keeps the cursor, so that the press is not lost with the list.
    box.addEventListener("mousedown", (event) => event.preventDefault());
    form.addEventListener("focusout", (event) => {
        if (!form.contains(event.relatedTarget)) {
            close();
            form.classList.remove("is-open");
        }
    });
    window.addEventListener("pagehide", close);
    opener.addEventListener("click", (event) => {
        if (!event.ctrlKey && !event.metaKey && !event.shiftKey) {
            event.preventDefault();
            take();
        }
    });
    document.addEventListener("keydown", (event) => {
        const isTyping = event.target.closest("input, select, textarea, [contenteditable]");
        const isSlash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping;
        const isCommand = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
        if (isSlash || isCommand) {
            event.preventDefault();
            take();
        }
    });
}
