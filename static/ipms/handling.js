// Issuing works without this file; with it a scan is a line at once, and what was typed outlives a closed tab
// and an expired session.
"use strict";
{
    const form = document.getElementById("handling");
    const list = form.querySelector("[data-lines]");
    const total = form.elements["line-TOTAL_FORMS"];
    const blank = document.getElementById("handling-blank");
    const post = form.querySelector("button[name=post]");
    const POINT = (0.5).toLocaleString(`${document.documentElement.lang || "en"}-u-nu-latn`).charAt(1);
    // What was begun from the page of an item is kept apart from what was begun here.
    const keptAs = (store) => `ipms.handling.${form.dataset.user}${store ? `.${store}` : ""}`;
    const KEPT = keptAs(form.dataset.store);
    const NAMES = ["item", "quantity", "lot", "expires_on"];
    const HEAD = ["kind", "location", "to_location", "reference", "reason"];

    const rows = () => Array.from(list.children);
    const field = (row, name) => row.querySelector(`[name$="-${name}"]`);
    const isEmpty = (row) => !field(row, "item").value.trim() && !field(row, "lot").value.trim();
    const filled = () => rows().filter((row) => !isEmpty(row));

    function show(row) {
        row.hidden = false;
        row.classList.add("is-plain"); // until the item is known to have lots
        list.append(row);
        return row;
    }

    // The row for the next item: an empty one, else a new one; none where the form is full.
    function next() {
        const empty = rows().filter(isEmpty);
        const found = empty.find((row) => !row.hidden) || empty[0];
        if (found) {
            return found.hidden ? show(found) : found;
        }
        const index = Number(total.value);
        if (index >= Number(form.dataset.most)) {
            return null;
        }
        const made = document.createElement("template");
        made.innerHTML = blank.innerHTML.replaceAll("__prefix__", String(index));
        total.value = String(index + 1);
        return show(made.content.querySelector("li"));
    }

    function goOn() {
        const row = next();
        const target = row ? field(row, "item") : post;
        target.focus();
        target.scrollIntoView({ block: "nearest" });
    }

    function tell(row, text, isWrong) {
        const what = row.querySelector(".handling__what");
        what.textContent = text;
        what.classList.toggle("is-wrong", Boolean(isWrong));
    }

    function clear(row) {
        NAMES.forEach((name) => (field(row, name).value = name === "quantity" ? "1" : ""));
        delete row.dataset.looked;
        tell(row, "");
        row.hidden = true;
    }

    // The same item once more is one more of it.
    function merge(row, found) {
        const same = (other) =>
            other !== row &&
            field(other, "item").value === found.sku &&
            field(other, "lot").value === field(row, "lot").value;
        const other = found.is_single ? null : rows().find(same);
        const before = other ? Number(field(other, "quantity").value.replace(",", ".")) : NaN;
        if (!(before > 0) || field(row, "quantity").value !== "1" || row.contains(document.activeElement)) {
            return;
        }
        field(other, "quantity").value = String(before + 1).replace(".", POINT);
        other.classList.add("is-more");
        setTimeout(() => other.classList.remove("is-more"), 800);
        clear(row);
    }

    async function look(row) {
        const item = field(row, "item");
        const typed = item.value.trim();
        if (!typed || row.dataset.looked === typed) {
            return;
        }
        row.dataset.looked = typed;
        row.classList.remove("is-wrong");
        row.querySelectorAll(".errorlist").forEach((list) => list.remove());
        tell(row, "…");
        let found;
        try {
            const asked = new URLSearchParams({ find: typed, place: form.elements.location.value });
            const answer = await fetch(`${form.action}?${asked}`, { credentials: "same-origin" });
            if (!answer.ok || answer.redirected) {
                throw new Error("no answer");
            }
            found = await answer.json();
        } catch {
            // No connection: it is looked up when it is posted.
            delete row.dataset.looked;
            tell(row, "");
            return;
        }
        if (item.value.trim() !== typed) {
            return;
        }
        if (found.error) {
            tell(row, found.error, true);
            row.classList.add("is-wrong");
            for (const choice of found.choices) {
                const button = document.createElement("button");
                button.type = "button";
                button.className = "button";
                button.dataset.sku = choice.sku;
                button.textContent = `${choice.sku} ${choice.name}`;
                row.querySelector(".handling__what").append(button);
            }
            if (navigator.vibrate) {
                navigator.vibrate([60, 60, 60]);
            }
            return;
        }
        item.value = found.sku;
        row.dataset.looked = found.sku;
        field(row, "lot").value = field(row, "lot").value || found.lot;
        field(row, "expires_on").value = field(row, "expires_on").value || found.expires_on;
        row.classList.toggle("is-plain", !found.is_tracked && !field(row, "lot").value);
        tell(row, `${found.name} · ${found.stands}`);
        merge(row, found);
        const waits = document.activeElement;
        const lacksLot = found.is_tracked && form.elements.kind.value === "receipt" && !field(row, "lot").value;
        if (lacksLot && list.contains(waits) && !waits.value && waits.name.endsWith("-item")) {
            field(row, "lot").focus();
        }
        keep();
    }

    form.addEventListener("keydown", (event) => {
        const input = event.target;
        if (event.key !== "Enter" || event.isComposing || input.tagName !== "INPUT") {
            return;
        }
        event.preventDefault(); // a scanner's Enter posts nothing
        const row = input.closest("[data-lines] > li");
        if (row && input.name.endsWith("-item")) {
            if (!input.value.trim()) {
                (filled().length ? post : input).focus();
                return;
            }
            look(row);
        }
        if (input.name === "reference" || input.name === "reason") {
            post.focus();
            return;
        }
        goOn();
    });

    list.addEventListener("change", (event) => {
        if (event.target.name.endsWith("-item")) {
            look(event.target.closest("li"));
        }
    });

    list.addEventListener("click", (event) => {
        const choice = event.target.closest("button[data-sku]");
        if (choice) {
            const row = choice.closest("li");
            field(row, "item").value = choice.dataset.sku;
            look(row);
            goOn();
        }
    });

    form.querySelector(".handling__add").addEventListener("click", (event) => {
        event.preventDefault();
        goOn();
    });

    // Every change is kept, until it was posted.
    function keep() {
        try {
            const lines = filled().map((row) => NAMES.map((name) => field(row, name).value));
            if (!lines.length) {
                sessionStorage.removeItem(KEPT);
                return;
            }
            const head = HEAD.map((name) => form.elements[name].value);
            // The token too: where the answer was lost after posting, the same lines are not posted again.
            const token = form.elements._once.value;
            sessionStorage.setItem(KEPT, JSON.stringify({ head, lines, token }));
        } catch {
            // Storage is switched off: it stays in the form.
        }
    }

    function recall() {
        try {
            if (form.dataset.posted !== undefined) {
                const store = form.dataset.posted;
                sessionStorage.removeItem(keptAs(store === "1" ? "" : store));
                history.replaceState(null, "", location.href.replace(/&?posted=[^&]*/, ""));
            }
            const kept = JSON.parse(sessionStorage.getItem(KEPT));
            const isPrefilled = form.dataset.prefilled !== undefined;
            if (!kept || (filled().length && !isPrefilled)) {
                return;
            }
            filled().forEach(clear);
            HEAD.forEach((name, place) => (form.elements[name].value = kept.head[place]));
            form.elements._once.value = kept.token || form.elements._once.value;
            for (const line of kept.lines) {
                const row = next();
                NAMES.forEach((name, place) => (field(row, name).value = line[place]));
                look(row);
            }
        } catch {
            // Nothing was kept.
        }
    }

    form.addEventListener("input", keep);
    rows().filter(isEmpty).forEach((row, place) => {
        row.classList.add("is-plain");
        row.hidden = place > 0;
    });
    if (form.dataset.prefilled !== undefined) {
        filled().forEach(look);
    }
    recall();
    const wrong = form.querySelector(".handling__field .errorlist");
    const begun = form.dataset.prefilled !== undefined && filled()[0];
    if (wrong) {
        wrong.parentElement.querySelector("input").focus();
    } else if (begun) {
        field(begun, "quantity").focus();
        field(begun, "quantity").select();
    } else {
        goOn();
    }
}
