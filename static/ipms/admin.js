// The back office works without this file; with it, it is quicker to the hand.
"use strict";
{
    const root = document.documentElement;
    const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));

    function remember(key, value) {
        try {
            if (value === null) {
                localStorage.removeItem(key);
            } else {
                localStorage.setItem(key, value);
            }
        } catch {
            // Storage is switched off: forgotten with the page.
        }
    }

    function recall(key) {
        try {
            return localStorage.getItem(key);
        } catch {
            return null;
        }
    }

    // Colours: as the system says, light, dark.
    const THEMES = ["auto", "light", "dark"];
    function showTheme(button) {
        const theme = root.dataset.theme || "auto";
        button.setAttribute("aria-label", button.dataset[theme]);
        button.title = button.dataset[theme];
    }
    for (const button of all(".theme-toggle")) {
        showTheme(button);
        button.addEventListener("click", () => {
            const theme = THEMES[(THEMES.indexOf(root.dataset.theme || "auto") + 1) % THEMES.length];
            if (theme === "auto") {
                delete root.dataset.theme;
            } else {
                root.dataset.theme = theme;
            }
            remember("ipms.theme", theme === "auto" ? null : theme);
            showTheme(button);
        });
    }

    // Sidebar: a column that can be put away on a wide screen, a drawer on a narrow one.
    const sidebar = document.getElementById("sidebar");
    const opener = document.getElementById("sidebar-toggle");
    const narrow = window.matchMedia("(max-width: 959px)");
    if (sidebar && opener) {
        const isOpen = () =>
            narrow.matches ? root.classList.contains("drawer-open") : !root.classList.contains("sidebar-closed");
        const tell = () => opener.setAttribute("aria-expanded", String(isOpen()));
        const closeDrawer = () => {
            if (root.classList.contains("drawer-open")) {
                root.classList.remove("drawer-open");
                tell();
                opener.focus();
            }
        };
        opener.addEventListener("click", () => {
            if (narrow.matches) {
                if (root.classList.toggle("drawer-open")) {
                    sidebar.querySelector("[aria-current], a").focus();
                }
            } else {
                remember("ipms.sidebar", root.classList.toggle("sidebar-closed") ? "closed" : null);
            }
            tell();
        });
        all("[data-close-drawer]").forEach((element) => element.addEventListener("click", closeDrawer));
        document.addEventListener("keydown", (event) => event.key === "Escape" && closeDrawer());
        // In the drawer the focus goes round: it does not wander to the page beneath.
        sidebar.addEventListener("keydown", (event) => {
            if (event.key !== "Tab" || !root.classList.contains("drawer-open")) {
                return;
            }
            const stops = all("a, button, summary", sidebar).filter((element) => element.offsetParent !== null);
            const edge = event.shiftKey ? stops[0] : stops[stops.length - 1];
            if (document.activeElement === edge) {
                event.preventDefault();
                (event.shiftKey ? stops[stops.length - 1] : stops[0]).focus();
            }
        });
        narrow.addEventListener("change", () => {
            root.classList.remove("drawer-open");
            tell();
        });
        tell();

        for (const section of all("details[data-section]", sidebar)) {
            const key = `ipms.section.${section.dataset.section}`;
            if (recall(key) === "closed" && !section.querySelector("[aria-current]")) {
                section.open = false;
            }
            section.addEventListener("toggle", () => remember(key, section.open ? null : "closed"));
        }
    }

    // Menus close when one looks elsewhere.
    document.addEventListener("click", (event) => {
        all("details.menu[open]").forEach((menu) => menu.contains(event.target) || (menu.open = false));
    });
    document.addEventListener("keydown", (event) => {
        if (event.key === "Escape") {
            all("details.menu[open]").forEach((menu) => {
                menu.open = false;
                menu.querySelector("summary").focus();
            });
        }
    });

    // What a button opens and closes: the filters on a narrow screen.
    for (const button of all("[data-toggles]")) {
        const target = document.getElementById(button.dataset.toggles);
        button.addEventListener("click", () => {
            button.setAttribute("aria-expanded", String(target.classList.toggle("is-open")));
        });
    }

    const PATIENCE = 15_000;
    function release(form) {
        delete form.dataset.sent;
        all("[aria-disabled=true]", form).forEach((button) => button.removeAttribute("aria-disabled"));
    }

    // A form goes off once. The server keeps its token as well: this only spares the second request.
    document.addEventListener("submit", (event) => {
        const form = event.target;
        if (form.method !== "post" || event.defaultPrevented) {
            return;
        }
        if (form.dataset.sent) {
            event.preventDefault();
            return;
        }
        if (form.dataset.download !== undefined) {
            return;
        }
        form.dataset.sent = "yes";
        // No answer for so long: it may be sent again, the server carries it out once.
        setTimeout(() => release(form), PATIENCE);
        // After the browser has read which button was pressed.
        setTimeout(() => {
            for (const button of all("button, input[type=submit]", form)) {
                button.setAttribute("aria-disabled", "true");
            }
        });
    });
    // The page came back from the browser's memory: its forms may be used again.
    window.addEventListener("pageshow", (event) => {
        if (event.persisted) {
            all("form[data-sent]").forEach(release);
        }
    });

    // Rows of a list.
    const list = document.getElementById("changelist-form");
    const boxes = list ? all("input.action-select", list) : [];
    if (boxes.length) {
        const everything = document.getElementById("action-toggle");
        const bar = list.querySelector(".actions");
        const across = bar && bar.querySelector("input.select-across");
        let last = null;
        const show = () => {
            const chosen = boxes.filter((box) => box.checked).length;
            boxes.forEach((box) => box.closest("tr").classList.toggle("selected", box.checked));
            everything.checked = chosen === boxes.length;
            everything.indeterminate = chosen > 0 && chosen < boxes.length;
            if (!bar) {
                return;
            }
            bar.classList.toggle("has-selection", chosen > 0);
            const isAcross = across && across.value === "1";
            all("[data-chosen]", bar).forEach((element) => {
                element.textContent = isAcross ? element.dataset.chosen : String(chosen);
            });
            all("[data-select-across]", bar).forEach((button) => {
                button.hidden = isAcross || chosen < boxes.length;
            });
            all("[data-clear-selection]", bar).forEach((button) => {
                button.hidden = chosen === 0;
            });
        };
        const choose = (which, value) => {
            which.forEach((box) => (box.checked = value));
            if (across) {
                across.value = "0";
            }
            show();
        };
        everything.addEventListener("change", () => choose(boxes, everything.checked));
        boxes.forEach((box, index) => {
            box.addEventListener("click", (event) => {
                const range = event.shiftKey && last !== null ? [Math.min(last, index), Math.max(last, index)] : [index, index];
                choose(boxes.slice(range[0], range[1] + 1), box.checked);
                last = index;
            });
        });
        all("[data-select-across]", list).forEach((button) =>
            button.addEventListener("click", () => {
                across.value = "1";
                show();
            }),
        );
        all("[data-clear-selection]", list).forEach((button) => button.addEventListener("click", () => choose(boxes, false)));
        show();
    }

    // Checkboxes that stand for a group of others.
    for (const box of all("input[data-checks]")) {
        box.addEventListener("change", () => {
            const group = document.getElementById(box.dataset.checks);
            all("input[type=checkbox]", group).forEach((other) => (other.checked = box.checked));
        });
    }

    // What the address names is unfolded.
    const unfold = () => {
        const named = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
        if (named && named.tagName === "DETAILS") {
            named.open = true;
            named.scrollIntoView({ block: "start" });
        }
    };
    window.addEventListener("hashchange", unfold);
    unfold();

    // Only the part of a form that belongs to what was chosen.
    for (const chooser of all("[data-shows]")) {
        const show = () => {
            all(`[data-part-of="${chooser.dataset.shows}"]`).forEach((part) => {
                part.hidden = part.dataset.part !== chooser.value;
            });
        };
        chooser.addEventListener("change", show);
        show();
    }

    // A choice explained in words below it.
    for (const element of all("[data-words-for]")) {
        const words = JSON.parse(element.dataset.words);
        const choice = document.getElementById(element.dataset.wordsFor);
        if (choice) {
            const show = () => (element.textContent = words[choice.value] || "");
            choice.addEventListener("change", show);
            show();
        }
    }

    // A table or a text that is wider than its place is moved by the arrow keys too, once one is in it.
    const scrolled = all(".table-scroll:not([tabindex]), pre"); // those that have one are always open to them
    function openToKeys() {
        for (const box of scrolled) {
            const isWider = box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight + 1;
            box.toggleAttribute("tabindex", isWider);
            if (isWider) {
                const part = box.closest("section, fieldset, main");
                const heading = part.querySelector("h2, h1, legend") || document.querySelector("h1");
                box.tabIndex = 0;
                box.setAttribute("role", "region");
                box.setAttribute("aria-label", heading ? heading.textContent.trim() : document.title);
            } else {
                box.removeAttribute("role");
                box.removeAttribute("aria-label");
            }
        }
    }
    if (scrolled.length) {
        openToKeys();
        window.addEventListener("resize", openToKeys);
    }

    // The way back from a question.
    for (const link of all("a.cancel-link")) {
        link.addEventListener("click", (event) => {
            if (new URLSearchParams(location.search).has("_popup")) {
                event.preventDefault();
                window.close();
            } else if (link.getAttribute("href") === "#") {
                event.preventDefault();
                history.back();
            }
        });
    }

    // The pickers with a search draw fields of their own, which no label names.
    const $ = window.django && window.django.jQuery;
    function namePickers() {
        for (const select of all("select.select2-hidden-accessible")) {
            const label = (select.labels && select.labels[0] && select.labels[0].textContent) || select.getAttribute("aria-label");
            const drawn = select.nextElementSibling;
            if (!label || !drawn || drawn.dataset.named) {
                continue;
            }
            drawn.dataset.named = "yes";
            const box = drawn.querySelector("[role=combobox]");
            const shown = drawn.querySelector(".select2-selection__rendered");
            const search = drawn.querySelector(".select2-search__field");
            for (const part of [shown, search]) {
                if (part) {
                    part.setAttribute("aria-label", label.trim());
                }
            }
            if (box) {
                box.setAttribute("aria-label", label.trim());
                box.removeAttribute("aria-labelledby");
                if (shown) {
                    box.setAttribute("aria-describedby", shown.id);
                }
                if (select.hasAttribute("aria-invalid")) {
                    box.setAttribute("aria-invalid", "true");
                }
            }
            $(select).on("select2:open", () => {
                const field = document.querySelector(".select2-container--open .select2-search__field");
                if (field) {
                    field.setAttribute("aria-label", label.trim());
                    field.focus();
                }
            });
        }
    }
    if ($) {
        $(namePickers); // in its turn: after the script that draws them
        document.addEventListener("formset:added", () => setTimeout(namePickers));
    }

    // One mistake: the cursor stands in it. Several: they are read out first, and each leads to its field.
    const mistakes = document.querySelector("[data-mistakes]");
    const targets = mistakes ? all("a[href^='#']", mistakes).map((link) => link.hash.slice(1)) : [];
    function goTo(id) {
        const target = document.getElementById(id);
        const picker = target && target.nextElementSibling && target.nextElementSibling.querySelector("[role=combobox]");
        const field = picker || (target && (target.matches("input, select, textarea") ? target : target.querySelector("input, select, textarea")));
        if (field) {
            field.closest("details:not([open])")?.setAttribute("open", "");
            field.focus();
        }
        return field;
    }
    if (mistakes) {
        mistakes.addEventListener("click", (event) => {
            const link = event.target.closest("a[href^='#']");
            if (link && goTo(link.hash.slice(1))) {
                event.preventDefault();
            }
        });
        const begin = () => (targets.length === 1 && goTo(targets[0])) || mistakes.focus();
        if ($) {
            $(begin);
        } else {
            begin();
        }
    }

    // The first field of a new record, and the first mistake of a refused one.
    const wrong = document.querySelector("form .errors input, form .errors select, form .errors textarea");
    const fresh = document.querySelector("form[data-fresh] :is(input:not([type=hidden]), select, textarea)");
    if (!mistakes && (wrong || (fresh && !narrow.matches))) {
        (wrong || fresh).focus({ preventScroll: !wrong });
    }
}
