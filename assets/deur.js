// <eendracht-deur>: the right door of a node of Eendracht, on any site. Keeps nothing, sets no cookie, loads nothing else.
const TEXTS = {
  nl: {
    label: "Waar bent u naar op zoek?",
    hint: "Typ uw vraag in uw eigen woorden. Laat namen en nummers van mensen weg. Wij bewaren niets.",
    find: "Zoeken",
    busy: "Bezig met zoeken…",
    empty: "Typ eerst waar u naar op zoek bent.",
    one: "1 dienst past misschien.",
    more: "{n} diensten passen misschien.",
    none: "Geen dienst past zeker.",
    near: "Deze komen het dichtst in de buurt:",
    event: "Alles op volgorde: ",
    down: "De zoekhulp is nu niet bereikbaar. Probeer het later nog eens.",
    by: "Bij: ",
    place: "De gemeente van deze pagina is niet goed ingesteld. Meld dat aan de beheerder.",
  },
  en: {
    label: "What are you looking for?",
    hint: "Type your question in your own words. Leave out names and numbers of people. We keep nothing.",
    find: "Find",
    busy: "Looking…",
    empty: "First type what you are looking for.",
    one: "1 service may fit.",
    more: "{n} services may fit.",
    none: "No service surely fits.",
    near: "These come nearest:",
    event: "Everything in order: ",
    down: "The door cannot be reached now. Try again later.",
    by: "At: ",
    place: "The municipality of this page is not set well. Please tell whoever keeps it.",
  },
};
const PAGES = { nl: "/nl/diensten/", en: "/en/services/" };
const EVENTS = { nl: "/nl/gebeurtenissen/", en: "/en/events/" };
const PATIENCE = 15000;

// Constructed, so that a site that allows no inline style allows this one.
const STYLE = `
:host { display: block; color: var(--eendracht-deur-color, var(--utrecht-document-color, inherit)); font-family: var(--eendracht-deur-font-family, var(--utrecht-document-font-family, inherit)); line-height: 1.5; overflow-wrap: anywhere; }
:host([hidden]), [hidden] { display: none; }
* { box-sizing: border-box; }
form { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: end; }
.field { flex: 1 1 14rem; min-inline-size: 0; }
label { display: block; font-weight: var(--utrecht-form-label-font-weight, 600); }
p { margin: 0 0 0.25rem; }
.hint, .why { font-size: 0.875em; }
input, button { font: inherit; min-block-size: 2.75rem; border-radius: var(--eendracht-deur-radius, var(--utrecht-textbox-border-radius, 0.25rem)); }
input { inline-size: 100%; padding-inline: 0.5rem; color: var(--utrecht-textbox-color, #16202c); background: var(--utrecht-textbox-background-color, #fff); border: 1px solid var(--utrecht-textbox-border-color, #6b7a88); }
button { padding-inline: 1rem; cursor: pointer; border: 1px solid transparent; font-weight: 600; color: var(--eendracht-deur-action-color, var(--utrecht-button-primary-action-color, #fff)); background: var(--eendracht-deur-action-background-color, var(--utrecht-button-primary-action-background-color, #174a63)); }
a { color: var(--eendracht-deur-link-color, var(--utrecht-link-color, #0b5a85)); }
:focus-visible { outline: 3px solid var(--utrecht-focus-outline-color, currentColor); outline-offset: 2px; box-shadow: 0 0 0 2px var(--utrecht-focus-inverse-outline-color, #ffd64a); }
[role="status"] { margin-block: 0.75rem; font-weight: 600; }
[role="status"]:empty { margin: 0; }
ol { list-style: none; margin: 0; padding: 0; }
li { border-block-start: 1px solid var(--eendracht-deur-line-color, #c9d2da); padding-block: 0.75rem; }
li a { font-weight: 600; display: inline-block; min-block-size: 1.5rem; }
`;
const sheet = new CSSStyleSheet();
sheet.replaceSync(STYLE);

const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};
const upper = (text) => text.charAt(0).toUpperCase() + text.slice(1);

class EendrachtDeur extends HTMLElement {
  static observedAttributes = ["lang"];
  #root = this.attachShadow({ mode: "open", delegatesFocus: true });
  #asking = null;

  constructor() {
    super();
    this.#root.adoptedStyleSheets = [sheet];
  }

  connectedCallback() {
    this.#draw();
  }

  disconnectedCallback() {
    this.#asking?.abort();
  }

  attributeChangedCallback(_, before, after) {
    if (this.isConnected && before !== after) this.#draw();
  }

  get #language() {
    const told = this.closest("[lang]")?.lang || document.documentElement.lang;
    return told.toLowerCase().startsWith("en") ? "en" : "nl";
  }

  // The node that serves this file, where the page names none.
  get #node() {
    try {
      const url = new URL(this.getAttribute("node") || import.meta.url);
      return url.protocol === "https:" || url.protocol === "http:" ? url.origin : "";
    } catch {
      return "";
    }
  }

  #draw() {
    const words = TEXTS[this.#language];
    this.#asking?.abort();
    this.input = make("input", { id: "q", name: "q", type: "text", enterKeyHint: "search", maxLength: 10000, autocomplete: "off" });
    this.input.setAttribute("aria-describedby", "hint");
    this.status = make("p");
    this.status.setAttribute("role", "status");
    this.results = make("div");
    // What stands between the tags is shown where the node does not answer; without a script it is all there is.
    this.fallback = make("div", { hidden: true }, make("slot"));
    const label = make("label", { htmlFor: "q" }, words.label);
    const hint = make("p", { id: "hint", className: "hint" }, words.hint);
    const form = make("form", { noValidate: true }, make("div", { className: "field" }, label, hint, this.input), make("button", { type: "submit" }, words.find));
    form.setAttribute("role", "search");
    form.setAttribute("aria-label", words.label);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#ask(words);
    });
    this.#root.replaceChildren(make("div", { lang: this.#language }, form, this.status, this.results, this.fallback));
  }

  async #ask(words) {
    const text = this.input.value.trim();
    const language = this.#language;
    this.#asking?.abort();
    this.results.replaceChildren();
    this.fallback.hidden = true;
    this.input.removeAttribute("aria-invalid");
    if (!text) {
      this.input.setAttribute("aria-invalid", "true");
      this.status.textContent = words.empty;
      this.input.focus();
      return;
    }
    this.status.textContent = words.busy;
    const asking = (this.#asking = new AbortController());
    const timer = setTimeout(() => asking.abort("late"), PATIENCE);
    const question = { text, language, through: "component" };
    for (const name of ["municipality", "audience"]) {
      const value = this.getAttribute(name);
      if (value) question[name] = value;
    }
    try {
      const response = await fetch(this.#node + "/v1/door", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(question),
        credentials: "omit",
        referrerPolicy: "no-referrer",
        cache: "no-store",
        signal: asking.signal,
      });
      if ((response.status === 400 || response.status === 404) && question.municipality) {
        this.#fail(words.place);
      } else if (!response.ok) {
        this.#fail(words.down);
      } else {
        this.#show(await response.json(), words, language);
      }
    } catch {
      // Stopped because somebody asked again: that question tells its own outcome.
      if (!asking.signal.aborted || asking.signal.reason === "late") this.#fail(words.down);
    } finally {
      clearTimeout(timer);
    }
  }

  #fail(text) {
    this.status.textContent = text;
    this.fallback.hidden = false;
  }

  #show(answer, words, language) {
    const count = answer.hits.length;
    this.status.textContent = answer.isNone ? words.none : count === 1 ? words.one : words.more.replace("{n}", count);
    const told = answer.remarks.map((remark) => make("p", {}, remark[language]));
    if (answer.handOver) told.push(make("p", {}, answer.handOver[language]));
    if (answer.event) {
      const event = make("a", { href: this.#node + EVENTS[language] + answer.event.code }, answer.event.name[language]);
      told.push(make("p", {}, words.event, event));
    }
    if (answer.isNone && count) told.push(make("p", {}, words.near));
    const list = make("ol", {}, ...answer.hits.map((hit) => this.#draw_hit(hit, words, language)));
    this.results.replaceChildren(...told, ...(count ? [list] : []));
    this.fallback.hidden = !answer.isNone;
  }

  #draw_hit(hit, words, language) {
    const name = hit.service || hit.uri.split("/").pop();
    const link = make("a", { href: this.#node + PAGES[language] + encodeURI(name), lang: "nl" }, upper(hit.name));
    const by = make("p", {}, words.by + hit.authority.name[language]);
    return make("li", {}, link, by, make("p", { className: "why" }, hit.reason[language]));
  }
}

if (!customElements.get("eendracht-deur")) customElements.define("eendracht-deur", EendrachtDeur);
