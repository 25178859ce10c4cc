// An order is entered without this file; with it an item is scanned or typed, its likely price stands there, and
// Enter adds the line.
"use strict";
window.addEventListener("load", () => {
    const entry = document.getElementById("line-entry");
    const group = document.getElementById("lines-group");
    if (!entry || !group) {
        return;
    }
    const $ = django.jQuery;
    const form = group.closest("form");
    const item = document.getElementById("entry-item");
    const quantity = document.getElementById("entry-quantity");
    const price = document.getElementById("entry-price");
    const add = document.getElementById("entry-add");
    const told = entry.querySelector(".entry__told");
    const totals = document.querySelector(".entry-totals");
    const number = (text) => (text.trim() ? Number(text.trim().replace(",", ".")) : NaN);
    const field = (row, name) => row.querySelector(`[name$="-${name}"]`);
    const rows = () => Array.from(group.querySelectorAll("tr.form-row:not(.empty-form)"));
    const isDeleted = (row) => Boolean(row.querySelector(".delete input:checked"));
    let offer = null;
    let decimals = 2;
    let currency = "";

    async function ask(what) {
        const asked = new URLSearchParams({
            ...what,
            supplier: form.elements.supplier ? form.elements.supplier.value : "",
            currency: form.elements.currency ? form.elements.currency.value : "",
        });
        try {
            const answer = await fetch(`${entry.dataset.url}?${asked}`, { credentials: "same-origin" });
            return answer.ok && !answer.redirected ? await answer.json() : null;
        } catch {
            return null; // no connection: it is chosen in the list below
        }
    }

    function tell(text, isWrong) {
        told.textContent = text;
        told.classList.toggle("is-wrong", Boolean(isWrong));
    }

    function take(found) {
        offer = found;
        decimals = found.decimals;
        currency = found.currency;
        item.value = found.text;
        price.value = found.price;
        tell(found.told);
        quantity.focus();
        quantity.select();
    }

    async function look(what) {
        offer = null;
        tell("…");
        const found = await ask(what);
        if (!found) {
            tell("");
        } else if (found.error) {
            tell(found.error, true);
            for (const choice of found.choices) {
                const button = document.createElement("button");
                button.type = "button";
                button.className = "button button--small";
                button.textContent = choice.text;
                button.addEventListener("click", () => look({ item: choice.id }));
                told.append(button);
            }
            item.select();
        } else {
            take(found);
        }
    }

    // An empty row of the table, else a new one.
    function blank() {
        const empty = rows().find((row) => field(row, "item") && !field(row, "item").value && !isDeleted(row));
        if (empty) {
            return empty;
        }
        group.querySelector(".add-row a").click();
        return rows().at(-1);
    }

    function put() {
        if (!offer) {
            item.focus();
            return;
        }
        if (!(number(quantity.value) > 0)) {
            quantity.focus();
            return;
        }
        const row = blank();
        const select = field(row, "item");
        $(select).append(new Option(offer.text, offer.id, true, true));
        select.dataset.priced = String(offer.id);
        $(select).trigger("change");
        field(row, "quantity").value = quantity.value.trim().replace(",", ".");
        field(row, "unit_price").value = price.value.trim().replace(",", ".");
        offer = null;
        [item, quantity, price].forEach((input) => (input.value = ""));
        tell("");
        sum();
        item.focus();
    }

    function sum() {
        const found = { net: 0, tax: 0, lines: 0 };
        for (const row of rows()) {
            const amount = number(field(row, "quantity")?.value || "") * number(field(row, "unit_price")?.value || "");
            if (!Number.isNaN(amount) && !isDeleted(row)) {
                const net = Number(amount.toFixed(decimals));
                found.net += net;
                found.tax += Number(((net * (number(field(row, "tax_rate")?.value || "") || 0)) / 100).toFixed(decimals));
                found.lines += 1;
            }
        }
        const shown = (value) =>
            value.toLocaleString(document.documentElement.lang || undefined, { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
        totals.textContent = "";
        if (!found.lines) {
            return;
        }
        const parts = [[entry.dataset.total, found.net]];
        if (found.tax) {
            parts.push([entry.dataset.taxed, found.net + found.tax]);
        }
        for (const [name, value] of parts) {
            const part = document.createElement("span");
            const figure = document.createElement("strong");
            figure.textContent = shown(value);
            part.append(`${name} `, figure, ` ${currency || form.elements.currency?.value || ""}`);
            totals.append(part);
        }
    }

    entry.hidden = false;
    entry.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" || event.isComposing || event.target.tagName !== "INPUT") {
            return;
        }
        event.preventDefault(); // a scanner's Enter saves nothing
        if (event.target === item) {
            if (item.value.trim()) {
                look({ find: item.value.trim() });
            }
        } else if (event.target === quantity && !price.value.trim()) {
            price.focus();
        } else {
            put();
        }
    });
    item.addEventListener("input", () => (offer = null));
    item.addEventListener("change", () => {
        if (!offer && item.value.trim()) {
            look({ find: item.value.trim() });
        }
    });
    add.addEventListener("click", put);
    // What is chosen in a row of the table gets its price too.
    $(group).on("change", "select[name$='-item']", async (event) => {
        const select = event.target;
        const row = select.closest("tr");
        if (!select.value || select.dataset.priced === select.value || field(row, "unit_price").value) {
            return;
        }
        select.dataset.priced = select.value;
        const found = await ask({ item: select.value });
        if (found && !found.error && !field(row, "unit_price").value) {
            field(row, "unit_price").value = found.price;
            decimals = found.decimals;
            currency = found.currency;
            sum();
        }
    });
    group.addEventListener("input", sum);
    group.addEventListener("change", sum);
    sum();
});
