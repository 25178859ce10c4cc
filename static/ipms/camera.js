// The camera as a scanner: a button with data-camera-for="ID OF A FIELD" opens it. What it reads is typed into
// the field, and Enter is pressed, as a scanner does. With data-camera-many it stays open for the next code,
// which goes where the cursor stands then. Browsers that read no codes themselves send a photo to the server.
"use strict";
{
    const EVERY = 150; // milliseconds between two looks
    const GONE = 1500; // so long out of sight, and the same code counts again
    const LONGEST_SIDE = 1600;
    let panel = null;
    let stream = null;
    let timer = null;
    let field = null;
    let opener = null;
    let isMany = false;
    let last = { text: "", seen: 0 };

    const part = (name) => panel.querySelector(`.camera__${name}`);
    const isOpen = () => panel !== null && panel.isConnected;

    function say(text) {
        part("note").textContent = text;
    }

    function stop() {
        clearTimeout(timer);
        if (stream) {
            stream.getTracks().forEach((track) => track.stop());
            stream = null;
        }
    }

    function close() {
        stop();
        if (isOpen()) {
            panel.remove();
            document.removeEventListener("focusin", quieten);
            document.querySelectorAll("[data-quiet]").forEach((input) => {
                input.inputMode = input.dataset.quiet;
                delete input.dataset.quiet;
            });
        }
    }

    // The keyboard of a telephone would cover what is scanned.
    function quieten(event) {
        const input = event.target;
        if (document.querySelector(`[data-camera-for="${CSS.escape(input.id)}"]`) && !("quiet" in input.dataset)) {
            input.dataset.quiet = input.inputMode;
            input.inputMode = "none";
        }
    }

    function type(text) {
        const target = field;
        if (!isMany) {
            close();
        }
        target.focus();
        target.value = text;
        target.dispatchEvent(new Event("input", { bubbles: true }));
        target.dispatchEvent(new Event("change", { bubbles: true }));
        const enter = { key: "Enter", code: "Enter", bubbles: true, cancelable: true };
        const isFree = target.dispatchEvent(new KeyboardEvent("keydown", enter));
        if (isFree && target.form) {
            target.form.requestSubmit();
        }
        const next = document.activeElement;
        if (isMany && next && next.id && document.querySelector(`[data-camera-for="${CSS.escape(next.id)}"]`)) {
            field = next;
        }
    }

    function take(text) {
        if (navigator.vibrate) {
            navigator.vibrate(30);
        }
        say(`${panel.dataset.found} ${text}`);
        type(text);
    }

    // What is held into the middle is meant.
    function middle(codes, video) {
        const away = ({ boundingBox: box }) =>
            Math.hypot(box.x + box.width / 2 - video.videoWidth / 2, box.y + box.height / 2 - video.videoHeight / 2);
        return codes.reduce((best, code) => (away(code) < away(best) ? code : best));
    }

    async function look(detector, video) {
        let codes = [];
        try {
            codes = await detector.detect(video);
        } catch {
            // The picture is not there yet.
        }
        if (!stream || !isOpen()) {
            return;
        }
        if (codes.length) {
            const text = middle(codes, video).rawValue;
            const now = Date.now();
            const isNew = text !== last.text || now - last.seen > GONE;
            last = { text, seen: now };
            if (text && isNew) {
                take(text);
            }
        }
        if (stream) {
            timer = setTimeout(() => look(detector, video), EVERY);
        }
    }

    // Why there is no live picture; empty if there is one.
    async function live() {
        if (!window.isSecureContext) {
            return "insecure";
        }
        if (!navigator.mediaDevices || !("BarcodeDetector" in window)) {
            return "unable";
        }
        try {
            const formats = await window.BarcodeDetector.getSupportedFormats();
            if (!formats.length) {
                return "unable";
            }
            const video = part("live");
            const wanted = { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 960 } };
            const got = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
            if (!isOpen()) {
                got.getTracks().forEach((track) => track.stop());
                return "";
            }
            stream = got;
            video.srcObject = stream;
            video.hidden = false;
            await video.play();
            look(new window.BarcodeDetector({ formats }), video);
            return "";
        } catch (error) {
            stop();
            return error.name === "NotAllowedError" ? "denied" : "unable";
        }
    }

    async function open(button) {
        close();
        opener = button;
        field = document.getElementById(button.dataset.cameraFor);
        isMany = "cameraMany" in button.dataset;
        last = { text: "", seen: 0 };
        panel = document.getElementById("camera-panel").content.firstElementChild.cloneNode(true);
        document.body.append(panel);
        document.addEventListener("focusin", quieten);
        part("close").addEventListener("click", giveUp);
        part("photo").querySelector("input").addEventListener("change", send);
        part("close").focus();
        say(panel.dataset.looking);
        const trouble = await live();
        if (trouble && isOpen()) {
            say(panel.dataset[trouble]);
        }
    }

    function giveUp() {
        close();
        opener.focus();
    }

    // What a telephone takes has ten times the pixels that a code needs; the line may be slow.
    async function smaller(file) {
        try {
            const picture = await createImageBitmap(file);
            const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
            const canvas = document.createElement("canvas");
            canvas.width = Math.round(picture.width * scale);
            canvas.height = Math.round(picture.height * scale);
            canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
            return (await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85))) || file;
        } catch {
            return file;
        }
    }

    async function send(event) {
        const input = event.target;
        const [file] = input.files;
        if (!file) {
            return;
        }
        say(panel.dataset.sending);
        part("choices").replaceChildren();
        try {
            const answer = await fetch(panel.dataset.url, {
                method: "POST",
                body: await smaller(file),
                headers: {
                    "Content-Type": "image/jpeg",
                    "X-CSRFToken": document.querySelector("[name=csrfmiddlewaretoken]").value,
                },
                credentials: "same-origin",
            });
            if (!isOpen()) {
                return;
            }
            if (answer.redirected || answer.status === 403) {
                say(panel.dataset.refused);
                return;
            }
            const { codes, error } = await answer.json();
            if (error) {
                say(error);
            } else if (codes.length === 1) {
                take(codes[0]);
            } else {
                say(panel.dataset[codes.length ? "several" : "nothing"]);
                offer(codes);
            }
        } catch {
            if (isOpen()) {
                say(panel.dataset.unsent);
            }
        } finally {
            input.value = ""; // the same photo may be sent again
        }
    }

    function offer(codes) {
        part("choices").replaceChildren(
            ...codes.map((code) => {
                const button = document.createElement("button");
                button.type = "button";
                button.className = "button";
                button.textContent = code;
                button.addEventListener("click", () => {
                    part("choices").replaceChildren();
                    take(code);
                });
                return button;
            }),
        );
    }

    document.documentElement.classList.add("has-camera");
    document.addEventListener("click", (event) => {
        const button = event.target.closest("[data-camera-for]");
        if (button) {
            open(button);
        }
    });
    document.addEventListener("keydown", (event) => {
        if (event.key === "Escape" && isOpen()) {
            event.stopPropagation();
            giveUp();
        }
    });
    window.addEventListener("pagehide", close);
}
