// Receiving works without this file; with it a scan leads to its line at once, and what stays open is said while
// one types.
"use strict";
{
    const form = document.getElementById("receiving");
    const scan = form.elements.scan;
    const told = form.querySelector(".receiving__told");
    const post = form.querySelector("button[name=post]");
    const rows = Array.from(form.querySelectorAll("[data-line]"));
    const parts = (row) => Array.from(row.querySelectorAll("[data-part]"));
    const field = (part, name) => part.querySelector(`[name$="-${name}"]`);
    // Figures are written as the page's language has them, in Western digits.
    const TONGUE = `${document.documentElement.lang || "en"}-u-nu-latn`;
    const POINT = (0.5).toLocaleString(TONGUE).charAt(1);
    // The server reads what was typed; this is only what is said of it meanwhile.
    const number = (input) => {
        const text = input.value.replace(/[\s'’]/g, "");
        const marks = text.match(/[.,]/g) || [];
        if (marks.length < 2) {
            return Number(text.replace(",", "."));
        }
        const last = new Set(marks).size > 1 ? Math.max(text.lastIndexOf("."), text.lastIndexOf(",")) : text.length;
        return Number(`${text.slice(0, last).replace(/[.,]/g, "")}.${text.slice(last + 1)}`);
    };
    const numbers = (area) => area.value.split("\n").map((text) => text.trim()).filter(Boolean);
    // Four decimals, as quantities have, without the noise of binary fractions.
    const round = (value) => Math.round(value * 10000) / 10000;

    function came(row) {
        const [first] = parts(row);
        const area = field(first, "serials");
        return area ? numbers(area).length : parts(row).reduce((sum, part) => sum + number(field(part, "quantity")), 0);
    }

    function show(row) {
        const state = row.querySelector(".arrival__state");
        const left = round(Number(row.dataset.outstanding) - came(row));
        const say = (text, value) => text.replace("{}", value.toLocaleString(TONGUE));
        state.classList.toggle("is-all", left === 0);
        state.classList.toggle("is-over", left < 0);
        if (Number.isNaN(left)) {
            state.textContent = "";
        } else if (left > 0) {
            state.textContent = say(form.dataset.open, left);
        } else {
            state.textContent = left < 0 ? say(form.dataset.over, -left) : form.dataset.all;
        }
    }

    // One more lot or place: the first part again, empty but for its place and what is left.
    function more(row) {
        const all = parts(row);
        if (all.length >= Number(form.dataset.most)) {
            return all[all.length - 1];
        }
        const [first] = all;
        const made = first.cloneNode(true);
        const before = `line-${row.dataset.line}-`;
        const after = `${before}${all.length + 1}-`;
        made.querySelectorAll(".errorlist").forEach((list) => list.remove());
        for (const element of made.querySelectorAll("input, label")) {
            for (const name of ["name", "id", "for"]) {
                if (element.hasAttribute(name)) {
                    element.setAttribute(name, element.getAttribute(name).replace(before, after));
                }
            }
            if (element.tagName === "INPUT" && !element.name.endsWith("-location")) {
                element.value = "";
            }
        }
        const left = round(Number(row.dataset.outstanding) - came(row));
        field(made, "quantity").value = left > 0 ? String(left).replace(".", POINT) : "";
        field(made, "location").value = field(first, "location").value;
        all[all.length - 1].after(made);
        // By this a draft that is put back knows how many parts there were.
        field(row, "TOTAL_FORMS").value = String(all.length + 1);
        show(row);
        return made;
    }

    function tell(text, isWrong) {
        told.textContent = text;
        told.classList.toggle("is-wrong", Boolean(isWrong));
        if (isWrong && navigator.vibrate) {
            navigator.vibrate([60, 60, 60]);
        }
    }

    function lead(row, input) {
        rows.forEach((other) => other.classList.toggle("is-found", other === row));
        row.scrollIntoView({ block: "center" });
        if (input) {
            input.focus({ preventScroll: true });
            input.select();
        }
    }

    // What a scan says goes into its line; the cursor goes where something is left to say.
    function take(found) {
        const lines = found.lines.map((key) => rows.find((row) => row.dataset.line === String(key))).filter(Boolean);
        const row = lines.find((line) => came(line) < Number(line.dataset.outstanding)) || lines[0];
        if (!row) {
            return false;
        }
        const [first] = parts(row);
        tell(row.querySelector(".arrival__name").textContent);
        const area = field(first, "serials");
        if (area) {
            if (found.lot && !numbers(area).includes(found.lot)) {
                area.value = [...numbers(area), found.lot].join("\n");
                show(row);
            }
            // The next piece is scanned at once.
            lead(row, found.lot ? null : area);
            if (found.lot) {
                scan.focus({ preventScroll: true });
            }
            return true;
        }
        if (row.dataset.lot === undefined || !found.lot) {
            lead(row, field(first, row.dataset.lot === undefined ? "quantity" : "lot"));
            return true;
        }
        const lot = (part) => field(part, "lot").value.trim().toLowerCase();
        const known = parts(row).find((part) => lot(part) === found.lot.toLowerCase());
        const part = known || parts(row).find((part) => !lot(part)) || more(row);
        field(part, "lot").value = found.lot;
        field(part, "expires_on").value = field(part, "expires_on").value || found.expires_on;
        show(row);
        lead(row, field(part, "quantity"));
        return true;
    }

    // What was typed comes back: with the lots and places that had been added.
    form.addEventListener("draft:lacks", (event) => {
        for (const name of event.detail) {
            const [, line, part] = name.match(/^line-(\d+)-(\d+)-/) || [];
            const row = rows.find((row) => row.dataset.line === line);
            while (row && parts(row).length < Number(part) && parts(row).length < Number(form.dataset.most)) {
                more(row);
            }
        }
    });

    async function look(typed) {
        tell("…");
        let found;
        try {
            const answer = await fetch(`${form.action}?${new URLSearchParams({ find: typed })}`, { credentials: "same-origin" });
            if (!answer.ok || answer.redirected) {
                throw new Error("no answer");
            }
            found = await answer.json();
        } catch {
            // No connection, or no session: the form itself asks.
            form.requestSubmit(form.querySelector("button[name=look]"));
            return;
        }
        if (found.error || !take(found)) {
            tell(found.error || "", true);
            scan.focus();
            return;
        }
        form.dispatchEvent(new Event("input")); // for who keeps what is filled in
    }

    form.addEventListener("keydown", (event) => {
        const input = event.target;
        if (event.key !== "Enter" || event.isComposing || input.tagName !== "INPUT") {
            return;
        }
        event.preventDefault(); // a scanner's Enter posts nothing
        if (input === scan) {
            const typed = scan.value.trim();
            scan.value = "";
            if (typed) {
                look(typed);
            } else if (post) {
                post.focus();
            }
            return;
        }
        if (input.classList.contains("figure") && /^[^.,]{8,}$/.test(input.value.trim())) {
            // A barcode, read while the cursor stood in a quantity.
            const typed = input.value.trim();
            input.value = input.dataset.before || "";
            show(input.closest("[data-line]"));
            look(typed);
            return;
        }
        const inputs = Array.from(form.querySelectorAll("input:not([type=hidden]), textarea")).filter((other) => other !== scan);
        const next = inputs[inputs.indexOf(input) + 1] || post;
        if (next) {
            next.focus();
        }
    });

    form.addEventListener("focusin", (event) => {
        if (event.target.classList.contains("figure")) {
            event.target.dataset.before = event.target.value;
            event.target.select();
        }
    });

    form.addEventListener("input", (event) => {
        const row = event.target.closest("[data-line]");
        if (row) {
            show(row);
        }
    });

    form.addEventListener("click", (event) => {
        if (event.target.dataset.more !== undefined) {
            more(event.target.closest("[data-line]"));
            return;
        }
        const button = event.target.closest("button");
        if (!button) {
            return;
        }
        if (button.name === "more") {
            event.preventDefault();
            const row = button.closest("[data-line]");
            const made = more(row);
            (field(made, "lot") || field(made, "location")).focus();
        } else if (button.name === "fill") {
            event.preventDefault();
            for (const row of rows) {
                parts(row).forEach((part, place) => {
                    const quantity = field(part, "quantity");
                    if (quantity) {
                        quantity.value = button.value === "all" && !place ? row.dataset.outstanding : "";
                    }
                });
                show(row);
            }
        }
    });

    rows.forEach(show);
    const wrong = form.querySelector(".receiving__field .errorlist");
    if (wrong) {
        wrong.parentElement.querySelector("input, textarea").focus();
    }
}
