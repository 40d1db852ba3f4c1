// Asks the model while facts are changed. Without this script the button does it.
(() => {
  "use strict";

  const form = document.getElementById("playground");
  const answer = document.getElementById("answer");
  const button = form.querySelector("button.primary");
  const now = document.getElementById("now");
  const WAIT = 120;
  let timer = 0, asked = 0, shown = 0, running = null;

  function show(fresh) {
    const canvases = [...answer.querySelectorAll("figure.chart .canvas")];
    const open = [...answer.querySelectorAll("details")].map((part) => part.open);
    answer.replaceChildren(...fresh.childNodes);
    [...answer.querySelectorAll("details")].forEach((part, place) => { part.open = Boolean(open[place]); });
    [...answer.querySelectorAll("figure.chart")].forEach((figure, place) => {
      // The picture stays and moves to its new numbers, so that nothing flickers.
      const canvas = figure.querySelector(".canvas"), before = canvases[place];
      if (before) {
        before.setAttribute("aria-label", canvas.getAttribute("aria-label"));
        canvas.replaceWith(before);
      }
      if (window.Plotly) window.hotcrm.draw(figure);
    });
  }

  // On a phone the answer stands below the form; its number stays in sight.
  function remind() {
    const line = answer.querySelector(".headline");
    now.hidden = !line;
    now.textContent = line ? [...line.querySelectorAll(".score, .tag, .soft")].map((part) => part.textContent.replace(/\s+/g, " ").trim()).join(" · ") : "";
  }

  function complain(words) {
    const told = document.createElement("p");
    told.className = "notice";
    told.setAttribute("role", "alert");
    told.textContent = words;
    answer.replaceChildren(told);
  }

  async function ask() {
    const number = ++asked;
    if (running) running.abort();
    running = new AbortController();
    try {
      const reply = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), signal: running.signal });
      const page = new DOMParser().parseFromString(await reply.text(), "text/html");
      const fresh = page.getElementById("answer");
      if (number !== asked) return;
      if (fresh) show(fresh);
      else complain(`${page.querySelector("h1")?.textContent ?? "No answer came"}. ${page.querySelector(".missing")?.textContent.trim() ?? ""} Load the page again.`);
      remind();
      shown = number;
      form.dataset.shown = String(shown);
    } catch (problem) {
      if (problem.name !== "AbortError") complain("The server did not answer. Try again in a moment.");
    }
  }

  function askSoon() {
    if (!form.dataset.live) return;
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  }

  for (const slide of form.querySelectorAll(".slide")) {
    const field = document.getElementById(slide.dataset.for);
    const follow = () => {
      slide.value = field.value === "" ? String((Number(slide.min) + Number(slide.max)) / 2) : field.value;
      slide.classList.toggle("unknown", field.value === "");
    };
    slide.hidden = false;
    follow();
    slide.addEventListener("input", () => { field.value = slide.value; slide.classList.remove("unknown"); });
    field.addEventListener("input", follow);
  }
  // A model elsewhere may cost money, so it is asked only once somebody pressed the button.
  if (button && !form.dataset.costs) form.dataset.live = "true";
  remind();
  form.addEventListener("input", askSoon);
  form.addEventListener("submit", (event) => {
    if (event.submitter !== button) return;
    event.preventDefault();
    clearTimeout(timer);
    ask();
  });
})();
