// Runs before the first paint: the colours and the sidebar are as this person left them.
"use strict";
{
    const root = document.documentElement;
    root.classList.add("js");
    try {
        const theme = localStorage.getItem("ipms.theme");
        if (theme === "light" || theme === "dark") {
            root.dataset.theme = theme;
        }
        if (localStorage.getItem("ipms.sidebar") === "closed") {
            root.classList.add("sidebar-closed");
        }
    } catch {
        // Storage is switched off: the page looks as the system says.
    }
}
