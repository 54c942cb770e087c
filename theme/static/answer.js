// The answers of the page, with less to type: a form that writes the very message that each answer prepares, and shows
// the schedule while it is typed. The page is whole without this file, which asks nothing of any server and keeps nothing.
"use strict";
{
  const DAY = 864e5;
  const MOST_PAYMENTS = 36;
  const FURTHEST = { date: 366, plan: 3660 }; // days, as the reader of the answers has it
  const template = document.querySelector("template#answer-form");
  const answers = document.querySelectorAll("[data-answer]");

  // ---- amounts: whole numbers of the smallest unit of a currency

  function readAmount(text, places, mark) {
    const typed = text.replace(/[\s'’€£$¥]/g, "").replace(/^[a-z]{3}(?=.)|[a-z]{3}$/gi, "").replace(/^[–−]/, "-");
    const found = /^(-?)(\d{1,3}(?:([.,])\d{3})(?:\3\d{3})*|\d+)(?:([.,])(\d*))?$/.exec(typed);
    if (!found || (found[3] && found[3] === found[4])) return NaN;
    let [, sign, whole, group, , rest = ""] = found;
    if (group && !found[4] && whole.split(group).length === 2) {
      const begun = whole[0] === "0"; // no thousands begin with a nought
      if (!begun && group !== mark && places === 3) return NaN; // 1.250 could be a thousand times as much: ask
      if (begun || (group === mark && places)) [whole, rest] = whole.split(group); // 1,250 where "," is the decimal mark
    }
    if (rest.length > places) return NaN;
    const minor = Number(whole.replace(/\D/g, "") + rest.padEnd(places, "0"));
    return minor > 1e13 ? NaN : sign ? -minor : minor;
  }

  function decimal(minor, places, mark = ".") {
    const digits = String(minor).padStart(places + 1, "0");
    return places ? `${digits.slice(0, -places)}${mark}${digits.slice(-places)}` : digits;
  }

  /** Shares that differ by one smallest unit at most, the larger ones first: as the plans of the page are split. */
  function split(minor, count) {
    const rest = minor % count;
    return Array.from({ length: count }, (_, index) => (minor - rest) / count + (index < rest ? 1 : 0));
  }

  // ---- days, as 2026-12-05

  const iso = (time) => new Date(time).toISOString().slice(0, 10);

  function today(page) {
    const now = new Date();
    const here = iso(Date.UTC(now.getFullYear(), now.getMonth(), now.getDate()));
    return here > page ? here : page; // a clock that is behind the page is wrong
  }

  function later(first, steps, every) {
    const [year, month, day] = first.split("-").map(Number);
    if (every !== "month") return iso(Date.UTC(year, month - 1, day + steps * (every === "week" ? 7 : 14)));
    const last = new Date(Date.UTC(year, month + steps, 0)).getUTCDate();
    return iso(Date.UTC(year, month - 1 + steps, Math.min(day, last)));
  }

  // ---- the form

  function makeForm() {
    const form = template.content.querySelector("form").cloneNode(true);
    const rowTemplate = template.content.querySelector("template");
    const $ = (selector) => form.querySelector(selector);
    const said = form.dataset;
    const rows = $(".rows");
    const mark = new Intl.NumberFormat(said.locale).formatToParts(1.5).find((part) => part.type === "decimal").value;
    const mail = $("a.pay");
    let kind, source, count = 0;

    const account = () => {
      const { value, dataset } = $("#f-account").selectedOptions[0];
      const { currency, places, sum, most } = dataset;
      return { reference: value, currency, places: Number(places), sum: Number(sum), most: Number(most) };
    };

    const money = (minor) => {
      const { currency, places } = account();
      const digits = { minimumFractionDigits: places, maximumFractionDigits: places };
      const known = currency === "EUR" || currency === "GBP"; // other signs belong to several currencies
      const style = { style: "currency", currency, currencyDisplay: known ? "symbol" : "code", ...digits };
      return new Intl.NumberFormat(said.locale, style).format(decimal(minor, places));
    };

    const spoken = (day) => {
      if (said.days !== "long") return day;
      const style = { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" };
      const parts = new Intl.DateTimeFormat(said.locale, style).formatToParts(Date.parse(day));
      return parts.map(({ type, value }) => (type === "day" && value === "1" && said.first) || value).join("");
    };

    const addRow = (minor, day) => {
      const row = rowTemplate.content.querySelector("li").cloneNode(true);
      const [amount, on] = row.querySelectorAll("input");
      const wrong = row.querySelector(".wrong");
      count += 1;
      wrong.id = `f-wrong-${count}`;
      for (const [input, label] of [[amount, "amount"], [on, "on"]]) {
        input.id = `f-${label}-${count}`;
        input.setAttribute("aria-describedby", wrong.id);
        input.closest(".field").querySelector("label").htmlFor = input.id;
        input.addEventListener("blur", () => {
          if (input.value) row.classList.add("touched");
          update();
        });
      }
      const label = row.querySelector("[data-paid]");
      if (kind === "paid") label.textContent = label.dataset.paid;
      if (minor !== undefined) amount.value = decimal(minor, account().places, mark);
      if (day) on.value = day;
      row.querySelector(".remove").addEventListener("click", () => {
        const next = row.nextElementSibling || row.previousElementSibling;
        row.remove();
        next.querySelector("input").focus();
        update();
      });
      rows.append(row);
      return row;
    };

    /** In how many payments; 0 while that is not told, or cannot be. What cannot be is said once it is typed, and no longer than it is so. */
    const payments = (done = false) => {
      const field = $("#f-count");
      const number = Number(field.value);
      const fine = Number.isInteger(number) && number >= 2 && number <= MOST_PAYMENTS;
      const wrong = !fine && Boolean(field.value || field.validity.badInput);
      if (done || !wrong) {
        $("#f-counted").textContent = wrong ? said.count || "" : "";
        field.setAttribute("aria-invalid", String(wrong));
      }
      return fine ? number : 0;
    };

    const fill = () => {
      const number = payments();
      if (!number) return; // the payments stay as they are
      const first = $("#f-first").value;
      const every = $("#f-every").value;
      rows.replaceChildren();
      split(account().sum, number).forEach((minor, index) => addRow(minor, first && later(first, index, every)));
      update();
    };

    /** The payments as they stand, in the order of their days, each with what is wrong with it. */
    const read = () => {
      const { places } = account();
      const now = today(said.today);
      const found = [...rows.children].map((row) => {
        const [amount, on] = row.querySelectorAll("input");
        const minor = readAmount(amount.value, places, mark);
        const ahead = (Date.parse(on.value) - Date.parse(now)) / DAY;
        let fault = "", input = amount;
        if (Number.isNaN(minor)) fault = said.amount;
        else if (minor <= 0) fault = said.nothing;
        else {
          input = on;
          if (!on.value) fault = said.day;
          else if (kind === "paid" ? ahead > 0 : ahead < 0) fault = kind === "paid" ? said.toCome : said.past;
          else if (ahead > FURTHEST[kind]) fault = said.far;
        }
        return { row, amount, on, minor, day: on.value, fault, input };
      });
      found.sort((one, other) => (one.day < other.day ? -1 : one.day > other.day ? 1 : 0));
      found.forEach((one, index) => {
        if (index && !one.fault && one.day === found[index - 1].day) Object.assign(one, { fault: said.twice, input: one.on });
      });
      return found;
    };

    const show = (found) => {
      for (const { row, amount, on, fault, input } of found) {
        const told = row.classList.contains("touched") ? fault : "";
        row.querySelector(".wrong").textContent = told;
        for (const one of [amount, on]) one.setAttribute("aria-invalid", String(Boolean(told) && one === input));
      }
      const sums = found.filter(({ minor }) => minor > 0);
      const sum = sums.reduce((all, { minor }) => all + minor, 0);
      $(".schedule").replaceChildren(
        ...found.filter(({ minor, day }) => minor > 0 || day).map(({ minor, day }) => {
          const line = document.createElement("li");
          const [when, much] = [document.createElement("span"), document.createElement("span")];
          when.textContent = day ? spoken(day) : "…";
          much.textContent = minor > 0 ? money(minor) : "…";
          much.className = "figure";
          line.append(when, " ", much);
          return line;
        }),
      );
      $(".total .figure").textContent = money(sum);
      const { sum: owed, most } = account();
      let balance = "";
      if (kind === "plan" || (kind === "date" && sum > most)) {
        const words = sum > most ? said.most : sum > owed ? said.over : sum < owed ? said.short : said.exact;
        balance = words.replace("{amount}", money(Math.abs(sum - (sum > most ? most : owed)))).replace("{sum}", money(owed));
      }
      if ($(".balance").textContent !== balance) $(".balance").textContent = balance;
      $(".balance").classList.toggle("off", sum !== owed);
      return kind !== "paid" && sum > most;
    };

    /** The prepared message, its blanks filled in. What is in brackets is what `relance inbox` reads. */
    const written = (found) => {
      const paragraphs = source.text.split(/\r?\n\r?\n/);
      const note = $("#f-note").value.trim().replace(/[[\]]/g, "");
      const said1 = kind === "problem" ? [note] : [`${said[`text${kind[0].toUpperCase()}${kind.slice(1)}`]}\n${block(found)}`];
      if (kind !== "problem" && note) said1.push(note);
      return [paragraphs[0], ...said1, ...paragraphs.slice(-2)].join("\n\n").replace(/\r?\n/g, "\r\n");
    };

    const block = (found) => {
      const { reference } = account();
      const blank = new RegExp(`(\\[relance \\d+ ${kind} ${reference}\\])\\s*([^\\r\\n]+)[^]*?(\\[/relance\\])`);
      const [, head, line, tail] = blank.exec(source.text);
      const lines = found.map(({ minor, day }, index) => {
        const values = [money(minor), spoken(day), $("#f-method").value];
        return line.replace(/\(1\)/, `(${index + 1})`).replace(/…/g, () => values.shift());
      });
      return [head, ...lines, tail].join("\n");
    };

    /** Whether all can be sent; the message is written when it can. `force`: say also what was not touched. */
    const update = (force = false) => {
      const found = kind === "problem" ? [] : read();
      if (force) for (const { row } of found) row.classList.add("touched");
      const tooMuch = kind === "problem" ? false : show(found);
      const note = $("#f-note");
      const empty = kind === "problem" && !note.value.trim();
      $("#f-noted").textContent = force && empty ? said.text : "";
      note.setAttribute("aria-invalid", String(force && empty));
      const wrong = found.find(({ fault }) => fault);
      const fine = !wrong && !tooMuch && !empty;
      if (force && !fine) (wrong ? wrong.input : tooMuch ? rows.querySelector("input") : note).focus();
      if (mail) mail.href = "#answer"; // until there is a message to open
      if (!fine) return "";
      const text = written(found);
      if (mail) mail.href = `mailto:${source.address}?subject=${encodeURIComponent(source.subject)}&body=${encodeURIComponent(text)}`;
      else [$("[name=subject]").value, $("[name=message]").value] = [source.subject, text];
      return text;
    };

    const open = (answer, chosen, prepared) => {
      [kind, source] = [chosen, prepared];
      for (const part of form.querySelectorAll("[data-of]")) part.hidden = !part.dataset.of.split(" ").includes(kind);
      const accounts = $("#f-account");
      accounts.closest("p").hidden ||= accounts.options.length < 2;
      $("h3").textContent = answer.dataset.title;
      const note = $("[data-note]");
      note.textContent = note.dataset[kind === "problem" ? "problem" : "note"];
      const told = $("[data-told]");
      told.textContent = told.dataset[kind === "paid" ? "paid" : "told"];
      for (const one of answers) (one.querySelector("summary") || one).setAttribute("aria-expanded", String(one === answer));
      begin();
      form.hidden = false;
      $("h3").focus();
    };

    const begin = () => {
      rows.replaceChildren();
      rows.classList.toggle("one", kind !== "plan");
      if (kind === "plan") {
        if (!payments()) $("#f-count").value = 2;
        fill();
      }
      else if (kind !== "problem") addRow(account().sum, kind === "paid" ? "" : undefined);
      update();
    };

    form.addEventListener("input", () => update());
    for (const name of ["count", "first", "every"]) $(`#f-${name}`).addEventListener("input", fill);
    $("#f-count").addEventListener("change", () => payments(true));
    $("#f-account").addEventListener("change", begin);
    $(".add").addEventListener("click", () => {
      if (rows.children.length < MOST_PAYMENTS) addRow().querySelector("input").focus();
      update();
    });
    form.addEventListener("submit", (event) => {
      if (!update(true) || mail) event.preventDefault();
    });
    if (mail) {
      mail.addEventListener("click", (event) => {
        if (!update(true)) event.preventDefault();
      });
      $(".copy").addEventListener("click", async (event) => {
        const text = update(true);
        if (text) await copy(event.currentTarget, text, source.address);
      });
    }
    return { form, open };
  }

  async function copy(button, text, address) {
    const told = button.closest("form").querySelector(".sending .hint");
    try {
      await navigator.clipboard.writeText(text);
      told.textContent = `${button.dataset.copied} ${address}`;
    } catch {
      const shown = document.createElement("textarea");
      [shown.readOnly, shown.rows, shown.value] = [true, 10, text];
      told.textContent = `${button.dataset.byHand} ${address}`;
      shown.setAttribute("aria-label", told.textContent);
      told.after(shown);
      shown.select();
    }
  }

  /** What an answer has prepared: in the address of its email, or in the form that is posted without a script. */
  function preparedBy(answer) {
    if (!answer.href) {
      const text = answer.querySelector("textarea").defaultValue;
      return { text, subject: answer.querySelector("[name=subject]").value, address: "" };
    }
    const [address, query] = answer.getAttribute("href").slice("mailto:".length).split("?");
    const { subject, body } = Object.fromEntries(query.split("&").map((part) => part.split("=").map(decodeURIComponent)));
    return { text: body, subject, address };
  }

  if (template) {
    const { form, open } = makeForm();
    form.hidden = true;
    document.querySelector(".answers ul").after(form);
    for (const answer of answers) {
      const kind = answer.dataset.answer;
      if (!["paid", "date", "plan", "problem"].includes(kind)) continue;
      const button = answer.querySelector("summary") || answer;
      button.setAttribute("aria-expanded", "false");
      const prepared = preparedBy(answer);
      button.addEventListener("click", (event) => {
        event.preventDefault();
        open(answer, kind, prepared);
      });
    }
  }
}
