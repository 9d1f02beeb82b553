// Page parts swapped in place; every link and form works without this script too.
"use strict";
const root = document.documentElement;
const one = (css, within = document) => within.querySelector(css);
const all = (css, within = document) => [...within.querySelectorAll(css)];
const say = (words) => { const place = one("#status"); if (place) place.textContent = words; };
const address = () => location.pathname + location.search;
let shown = address();
let turn = 0, stream = null, upload = null;

function theme(next) {
  if (next) { root.dataset.theme = next; try { localStorage.setItem("theme", next); } catch { /* private window */ } }
}
try { const kept = localStorage.getItem("theme"); if (kept) root.dataset.theme = kept; } catch { /* private window */ }

async function swap(url, { push = true, focus = true } = {}) {
  const mine = ++turn;
  root.classList.add("busy");
  try {
    const reply = await fetch(url, { headers: { accept: "text/html" } });
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    if (mine !== turn) return;
    const from = one("main", page), to = one("main");
    if (focus) { to.replaceWith(from); }
    else { one("#answer").replaceWith(one("#answer", page)); }
    document.title = page.title;
    all("header nav a").forEach((link, place) => {
      const other = all("header nav a", page)[place];
      if (other.hasAttribute("aria-current")) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    });
    if (push) history.pushState({}, "", url); else history.replaceState({}, "", url);
    shown = address();
    ready();
    const verdict = one(".verdict h2");
    say(verdict ? verdict.textContent : "");
  } catch { if (mine === turn) location.assign(url); }
  finally { if (mine === turn) root.classList.remove("busy"); }
}

function asked(form) {
  const words = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (String(value).trim()) words.append(name, value);
  return `${form.getAttribute("action").split("?")[0]}?${words}`;
}

function why(link) {
  const found = document.getElementById(decodeURIComponent(link.getAttribute("href").slice(1)));
  const dialog = one("#why");
  if (!found || !dialog || found.tagName !== "DETAILS") return false;
  one("#why-title").textContent = one("summary", found).textContent;
  const body = one(".body", dialog);
  body.replaceChildren(...all(":scope > ul", found).map((each) => each.cloneNode(true)));
  dialog.showModal();
  return true;
}

let plotly = null;
function drawing() {
  plotly ??= new Promise((done, failed) => {
    for (const id of document.body.dataset.marks.split(" ").filter(Boolean)) document.head.append(Object.assign(document.createElement("meta"), { id }));
    const script = document.createElement("script");
    script.src = "/static/plotly.js";
    script.onload = () => done(window.Plotly);
    script.onerror = failed;
    document.head.append(script);
  });
  return plotly;
}

async function explore(figure) {
  const made = JSON.parse(figure.dataset.figure), place = one(".plot", figure);
  const ink = getComputedStyle(root).getPropertyValue("--ink").trim();
  const line = getComputedStyle(root).getPropertyValue("--line").trim();
  say("Loading the chart");
  const library = await drawing();
  for (const axis of ["xaxis", "yaxis"]) {
    const is = made.layout[axis] ??= {};
    Object.assign(is, { gridcolor: line, zerolinecolor: line, automargin: true });
    if (is.type === "log" && is.range) is.range = is.range.map(Math.log10);
    if (is.tickvals) is.tickmode = "array";
  }
  if (made.data[0]?.type === "bar") made.layout.yaxis.autorange = "reversed";
  place.replaceChildren();
  place.classList.add("live");
  delete made.layout.height;
  await library.newPlot(place, made.data, {
    ...made.layout, paper_bgcolor: "transparent", plot_bgcolor: "transparent",
    font: { color: ink, size: 12 }, margin: { t: 10, r: 10, b: 50, l: 70 }, legend: { orientation: "h", y: -0.25 },
  }, { displaylogo: false, responsive: true, plotlyServerURL: "", modeBarButtonsToRemove: ["sendChartToCloud", "sendDataToCloud", "lasso2d", "select2d"] });
  one(".explore", figure)?.remove();
  say("The chart can be zoomed now");
}

function listen(place) {
  stream?.close();
  stream = new EventSource(place.dataset.stream);
  stream.addEventListener("progress", (event) => {
    const told = JSON.parse(event.data), bar = one("progress", place), shown = one(".seconds", place);
    if (bar && told.total) { bar.max = told.total; bar.value = told.done; }
    const plans = told.total ? `${told.done.toLocaleString("en")} of ${told.total.toLocaleString("en")} plans, ` : "";
    if (shown) shown.textContent = `${plans}${told.seconds} s`;
  });
  stream.addEventListener("part", (event) => { one(".first", place).innerHTML = JSON.parse(event.data).html; });
  stream.addEventListener("done", (event) => {
    stream.close();
    one("#answer").innerHTML = JSON.parse(event.data).html;
    ready();
    const verdict = one(".verdict h2");
    if (verdict) document.title = `${verdict.textContent.trim()} · chipassay`;
    say(verdict?.textContent ?? "Done");
  });
  stream.addEventListener("refused", (event) => {
    stream.close();
    place.replaceChildren(Object.assign(document.createElement("p"), { className: "refused", textContent: JSON.parse(event.data).what }));
    say("It was refused");
  });
  stream.onerror = () => { stream.close(); ended(place, "The connection ended"); };
  one(".cancel", place).onclick = () => { stream.close(); ended(place, "Cancelled"); };
}

function ended(place, words) {
  one("progress", place)?.remove();
  one(".cancel", place)?.remove();
  const head = one(".working strong", place);
  if (head) head.textContent = words;
  say(words);
}

let sent = null;
async function again(form, table) {
  if (!sent) return;
  const words = new URLSearchParams(sent.words);
  if (table) words.append("table", table);
  const reply = await fetch(`${sent.page}.${form}?${words}`, { method: "POST", body: sent.body, headers: { "content-type": "application/octet-stream" } });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await reply.blob());
  link.download = `chipassay${sent.page.replace("/", "-")}.${{ report: "html", trace: "trace.json" }[form] ?? form}`;
  link.click();
  URL.revokeObjectURL(link.href);
}

async function send(form, file) {
  const words = new URLSearchParams();
  const day = one("[name=on]", form)?.value;
  if (day) words.append("on", day);
  if (form.dataset.upload === "/serve") for (const [name, value] of new FormData(one("form.ask"))) if (String(value).trim()) words.append(name, value);
  const text = one("textarea", form)?.value ?? "";
  words.append("name", file ? file.name : "the pasted text");
  sent = { page: form.dataset.upload, words, body: file ?? text };
  upload?.abort();
  upload = new AbortController();
  const begun = performance.now(), answer = one("#answer");
  answer.innerHTML = '<section class="waiting"><p><progress aria-label="The text is being read"></progress> <span class="seconds">0 s</span> <button type="button" class="cancel">Cancel</button></p></section>';
  one(".cancel", answer).onclick = () => upload.abort();
  const tick = setInterval(() => { const shown = one(".seconds", answer); if (shown) shown.textContent = `${((performance.now() - begun) / 1000).toFixed(1)} s`; }, 200);
  try {
    const reply = await fetch(`${form.dataset.upload}?${words}`, { method: "POST", body: file ?? text, signal: upload.signal, headers: { "x-part": "1", "content-type": "application/octet-stream" } });
    const html = await reply.text();
    const page = new DOMParser().parseFromString(html, "text/html");
    answer.innerHTML = reply.ok ? html : (one("#answer", page)?.innerHTML ?? "<p>It was refused.</p>");
    ready();
    say(one(".verdict h2", answer)?.textContent ?? "");
    (one(".verdict", answer) ?? answer).scrollIntoView({ block: "start" });
  } catch { answer.innerHTML = '<p class="note">Cancelled, or the connection ended.</p>'; say("Cancelled"); }
  finally { clearInterval(tick); }
}

function slider(input) {
  const day = (words) => Date.parse(`${words}T00:00:00Z`) / 864e5;
  const first = day(input.dataset.first), last = day(input.dataset.last);
  const spelled = (value) => new Date((first + Number(value)) * 864e5).toISOString().slice(0, 10);
  input.max = last - first;
  input.value = day(input.dataset.on) - first;
  const tell = () => { all("#day-shown").forEach((each) => { each.textContent = spelled(input.value); }); input.setAttribute("aria-valuetext", spelled(input.value)); };
  tell();
  let wait = null;
  input.oninput = () => {
    tell();
    clearTimeout(wait);
    wait = setTimeout(async () => {
      const url = new URL(location.href);
      url.searchParams.set("on", spelled(input.value));
      const field = one("form.ask [name=on]");
      if (field) field.value = spelled(input.value);
      await swap(url.pathname + url.search, { push: false, focus: false });
      one("#day")?.focus({ preventScroll: true });
    }, 90);
  };
}

function ready() {
  all("[data-stream]").forEach(listen);
  all("#day").forEach(slider);
  all(".claims .claim").forEach((card) => {
    const marks = all("mark").filter((each) => each.dataset.claim.split(" ").includes(card.id));
    const light = (on) => [card, ...marks].forEach((each) => each.classList.toggle("on", on));
    [card, ...marks].forEach((each) => { each.onmouseenter = () => light(true); each.onmouseleave = () => light(false); });
  });
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-swap]")) { event.preventDefault(); swap(asked(form)); }
  if (form.matches("[data-upload]")) { event.preventDefault(); send(form, one("input[type=file]", form)?.files[0]); }
});
document.addEventListener("click", (event) => {
  const link = event.target.closest("a, button");
  if (!link) return;
  if (link.id === "theme") {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    theme(dark ? "light" : "dark");
  } else if (link.matches("a.why[href^='#']")) { if (why(link)) event.preventDefault(); }
  else if (link.matches(".explore")) explore(link.closest("figure"));
  else if (link.matches("[data-copy]")) {
    const told = link.textContent;
    const back = (words) => { say(words); link.textContent = words; setTimeout(() => { link.textContent = told; }, 1500); };
    navigator.clipboard.writeText(link.dataset.copy).then(() => back("Copied ✓"), () => back("Select and copy the text"));
  } else if (link.matches("[data-again]")) { again(link.dataset.again, link.dataset.table);
  } else if (link.matches("a[data-swap]") && !event.metaKey && !event.ctrlKey && event.button === 0) {
    event.preventDefault();
    swap(link.getAttribute("href"));
  } else if (link.matches(".cite")) { const place = one("#sources"); if (place) place.open = true; one("#why")?.close(); }
});
document.addEventListener("input", (event) => {
  const box = event.target.closest("[data-filter]");
  if (!box) return;
  const wanted = box.value.toLowerCase();
  const rows = all(`${box.dataset.filter} tbody tr`);
  rows.forEach((row) => { row.hidden = !row.textContent.toLowerCase().includes(wanted); });
  say(`${rows.filter((row) => !row.hidden).length} of ${rows.length} shown`);
});
for (const name of ["dragover", "dragleave", "drop"]) document.addEventListener(name, (event) => {
  const form = one("[data-upload]");
  if (!form) return;
  event.preventDefault();
  form.classList.toggle("over", name === "dragover");
  if (name === "drop" && event.dataTransfer.files[0]) send(form, event.dataTransfer.files[0]);
});
addEventListener("popstate", () => { if (address() !== shown) swap(address(), { push: false }); }); // a place within the page is no new page
ready();
