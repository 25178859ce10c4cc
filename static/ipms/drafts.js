// What is typed into a form stays on this device until it was carried out: through a session that ended, a power
// cut, a lost connection. Each person sees only the own drafts; passwords and files are never kept.
"use strict";
{
    const PREFIX = "ipms.draft.";
    const DAY = 24 * 3600 * 1000;
    const DAYS = 7;
    const MOST = 30;
    const user = document.body.dataset.user;
    const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));
    const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

    function read(key) {
        try {
            return JSON.parse(localStorage.getItem(key));
        } catch {
            return null;
        }
    }

    function write(key, draft) {
        try {
            localStorage.setItem(key, JSON.stringify(draft));
            return true;
        } catch {
            return false; // storage is switched off or full: it stays in the form
        }
    }

    function remove(key) {
        try {
            localStorage.removeItem(key);
        } catch {
            // Nothing was kept.
        }
    }

    function drafts() {
        try {
            const keys = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
            return keys.map((key) => [key, read(key)]).filter((pair) => pair[1]);
        } catch {
            return [];
        }
    }

    // The server says whose form was carried out; one that came twice with other values needs a new token.
    const told = document.cookie.match(/(?:^|; )ipms_sent=([0-9a-f]+)(\.old)?/);
    if (told) {
        for (const [key, draft] of drafts()) {
            if (draft.token === told[1] && !told[2]) {
                remove(key);
            } else if (draft.token === told[1]) {
                write(key, { ...draft, token: null });
            }
        }
        document.cookie = "ipms_sent=; path=/; max-age=0; samesite=lax";
    }
    const kept = drafts().sort((one, other) => other[1].at - one[1].at);
    kept.filter((pair, place) => place >= MOST || Date.now() - pair[1].at > DAYS * DAY).forEach((pair) => remove(pair[0]));

    // On a page that says what went wrong: that nothing typed is lost.
    const next = new URLSearchParams(location.search).get("next") || location.pathname;
    const isKept = kept.some(([, draft]) => draft.sent && draft.path === next.split("?")[0] && Date.now() - draft.sent < DAY);
    if (isKept) {
        all("[data-kept]").forEach((element) => (element.hidden = false));
    }
    all("a[data-again]").forEach((link) => (link.href = location.pathname + location.search));

    const isLeftOut = (field) =>
        !field.name ||
        field.name.includes("__prefix__") ||
        ["password", "file", "submit", "button", "reset", "image"].includes(field.type) ||
        (field.type === "hidden" && !field.name.endsWith("-TOTAL_FORMS"));

    function collect(form) {
        const values = {};
        const labels = {};
        for (const field of form.elements) {
            if (isLeftOut(field)) {
                continue;
            }
            const values_here = (values[field.name] = values[field.name] || []);
            if (field.type === "checkbox" || field.type === "radio") {
                if (field.checked) {
                    values_here.push(field.value);
                }
            } else if (field.tagName === "SELECT") {
                for (const option of field.selectedOptions) {
                    values_here.push(option.value);
                    labels[option.value] = option.text;
                }
            } else {
                values_here.push(field.value);
            }
        }
        return { values, labels };
    }

    function putBack(form, draft) {
        const changed = Object.keys(draft.values).filter((name) => !same(draft.values[name], draft.base[name]));
        for (const name of changed.filter((name) => name.endsWith("-TOTAL_FORMS"))) {
            const prefix = name.slice(0, -"-TOTAL_FORMS".length);
            const more = document.querySelector(`#${CSS.escape(prefix)}-group .add-row a`);
            for (let left = Number(draft.values[name]) - Number(form.elements[name].value); more && left > 0; left -= 1) {
                more.click();
            }
        }
        // Rows that another script adds: it is asked for those that are not there.
        const there = new Set(Array.from(form.elements).map((field) => field.name));
        form.dispatchEvent(new CustomEvent("draft:lacks", { detail: changed.filter((name) => !there.has(name)) }));
        for (const name of changed.filter((name) => !name.endsWith("-TOTAL_FORMS"))) {
            const fields = Array.from(form.elements).filter((field) => field.name === name && !isLeftOut(field));
            fields.forEach((field, place) => {
                const values = draft.values[name];
                if (field.type === "checkbox" || field.type === "radio") {
                    field.checked = values.includes(field.value);
                } else if (field.tagName === "SELECT") {
                    for (const value of values) {
                        if (!Array.from(field.options).some((option) => option.value === value)) {
                            field.add(new Option(draft.labels[value] || value, value));
                        }
                    }
                    Array.from(field.options).forEach((option) => (option.selected = values.includes(option.value)));
                } else {
                    field.value = values[place] === undefined ? "" : values[place];
                }
                field.dispatchEvent(new Event("input", { bubbles: true }));
                field.dispatchEvent(new Event("change", { bubbles: true }));
            });
        }
        // The same act as before: where it was carried out after all, it is not carried out again.
        if (draft.token) {
            form.elements._once.value = draft.token;
        }
    }

    function moment(time) {
        const then = new Date(time);
        const isToday = then.toDateString() === new Date().toDateString();
        const form = isToday ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" };
        return new Intl.DateTimeFormat(document.documentElement.lang, form).format(then);
    }

    function say(form, draft, sentence, { restore, discard }) {
        const note = document.getElementById("draft-note").content.firstElementChild.cloneNode(true);
        note.querySelector("[data-says]").textContent = note.dataset[sentence].replace("%s", moment(draft.at));
        const back = note.querySelector("[data-restore]");
        back.hidden = sentence === "back";
        back.addEventListener("click", () => {
            note.remove();
            restore();
        });
        note.querySelector("[data-discard]").addEventListener("click", discard);
        form.before(note);
        const folded = form.closest("details");
        if (folded) {
            folded.open = true;
        }
    }

    function watch(form, place) {
        const key = `${PREFIX}${user} ${location.pathname} ${form.id || place}`;
        const before = read(key);
        // A form that the server sent back is as it was typed: nothing to put back.
        const isAnswer = document.body.dataset.answer !== undefined;
        if (isAnswer && before) {
            write(key, { ...before, sent: null });
        }
        const base = isAnswer ? (before ? before.base : {}) : collect(form).values;
        let timer = 0;
        let isLeaving = false;
        let isUnkept = false;

        function keep(sent) {
            clearTimeout(timer);
            const { values, labels } = collect(form);
            const chosen = Object.keys(values).filter((name) => !same(values[name], base[name]));
            isUnkept = all("input[type=file]", form).some((field) => field.value);
            if (!chosen.length) {
                if (!isAnswer && !(before && !form.dataset.typed)) {
                    remove(key);
                }
                return false;
            }
            const token = form.elements._once.value;
            const draft = { path: location.pathname, at: Date.now(), sent, token, base, values, labels };
            const isSafe = write(key, draft);
            isUnkept = isUnkept || !isSafe;
            return isSafe;
        }

        function typed() {
            form.dataset.typed = "yes";
            clearTimeout(timer);
            timer = setTimeout(() => keep(null), 300);
        }

        form.addEventListener("input", typed);
        form.addEventListener("change", typed);
        if (window.django && window.django.jQuery) {
            window.django.jQuery(form).on("change", typed); // the pickers tell nobody else
        }
        // Whatever hides the page may end it.
        document.addEventListener("visibilitychange", () => {
            if (document.visibilityState === "hidden" && form.dataset.typed && !isLeaving) {
                keep(null);
            }
        });
        form.addEventListener("submit", () => {
            if (form.dataset.sent) {
                return;
            }
            isLeaving = true;
            if (keep(Date.now()) && !form.elements._kept) {
                const field = document.createElement("input");
                Object.assign(field, { type: "hidden", name: "_kept", value: "1" });
                form.append(field);
            }
        });
        // Who turns back wants none of it.
        all("a.closelink, a.cancel-link, .submit-row a:not(.deletelink)", form).forEach((link) =>
            link.addEventListener("click", (event) => {
                if (!event.ctrlKey && !event.metaKey && !event.shiftKey) {
                    isLeaving = true;
                    clearTimeout(timer);
                    remove(key);
                }
            }),
        );
        // A question only where something would be lost: a chosen file, or a browser that keeps nothing.
        window.addEventListener("beforeunload", (event) => {
            if (form.dataset.typed && !isLeaving) {
                keep(null);
                if (isUnkept) {
                    event.preventDefault();
                }
            }
        });
        window.addEventListener("pageshow", (event) => {
            isLeaving = event.persisted ? false : isLeaving;
        });

        if (!before || isAnswer || !Object.keys(before.values).some((name) => !same(before.values[name], base[name]))) {
            return;
        }
        const discard = () => {
            isLeaving = true;
            remove(key);
            location.replace(location.href);
        };
        const restore = () => {
            putBack(form, before);
            typed();
            say(form, before, "back", { discard });
        };
        if (before.sent) {
            restore(); // it was sent and nobody said that it arrived
        } else {
            say(form, before, "offered", { restore, discard });
        }
    }

    // After the scripts that add rows and pickers, where there are some.
    const afterThem = (begin) => (window.django && window.django.jQuery ? window.django.jQuery(begin) : begin());
    afterThem(() => {
        if (!user || !document.getElementById("draft-note")) {
            return;
        }
        const isFillable = (field) => !isLeftOut(field) && field.type !== "hidden";
        all("form[method=post]")
            .filter((form) => form.elements._once && !form.closest("[data-keeps], #changelist-form"))
            .filter((form) => Array.from(form.elements).some(isFillable))
            .forEach(watch);
        all("form[data-keeps]").forEach((form) => {
            const field = document.createElement("input");
            Object.assign(field, { type: "hidden", name: "_kept", value: "1" });
            form.append(field);
        });
        const logout = document.getElementById("logout-form");
        if (logout) {
            logout.addEventListener("submit", () => {
                kept.filter((pair) => pair[0].startsWith(`${PREFIX}${user} `)).forEach((pair) => remove(pair[0]));
            });
        }
    });
}
