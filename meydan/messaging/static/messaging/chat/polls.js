// Polls (MSC3381): drawn, voted in, ended, and begun. The unstable names are sent, for those are what other clients speak;
// both are read. Of each person the last vote before the end counts; one with an answer that the poll does not have counts
// for nothing, and of too many answers the first ones count.

import "./more.js";
import { line } from "./line.js";
import { show } from "./dialog.js";
import { pollIn, powerOf, questionOf, textOf } from "./model.js";
import { send } from "./outbox.js";
import { clean } from "./plain.js";
import { el, hiddenText, icon, number, say, tool } from "./words.js";

const MOST = 20; // answers of a poll that are looked at
const OFFERED = 10;
const START = "org.matrix.msc3381.poll.start";
const RESPONSE = "org.matrix.msc3381.poll.response";
const END = "org.matrix.msc3381.poll.end";
const TEXT = "org.matrix.msc1767.text";

// {question, answers: [{id, text}], most, hidden} of a poll's content; null of what is none.
export function readPoll(content) {
  const said = pollIn(content);
  if (!said || !Array.isArray(said.answers)) return null;
  const ids = new Set();
  const answers = [];
  for (const one of said.answers.slice(0, MOST)) {
    const id = one?.["m.id"] ?? one?.id;
    if (typeof id !== "string" || ids.has(id)) continue;
    ids.add(id);
    answers.push({ id, text: clean(textOf(one), 200) });
  }
  if (!answers.length) return null;
  const most = Number.isInteger(said.max_selections) && said.max_selections > 0 ? said.max_selections : 1;
  return { question: clean(questionOf(content), 500), answers, most: Math.min(most, answers.length), hidden: !/^(m|org\.matrix\.msc3381\.poll)\.disclosed$/.test(said.kind) };
}

const chosenIn = (content) => content?.["m.selections"] ?? content?.[RESPONSE]?.answers ?? content?.["m.poll.response"]?.answers;

// {votes: Map(answer -> number), people, mine: Set of answers, ended}.
export function count(room, event, poll, { votes = new Map(), ends = new Map() } = {}) {
  const may = (one) => one.sender === event.sender || powerOf(room, one.sender, "redact");
  const end = [...ends.values()].filter(may).reduce((first, one) => (first && first.origin_server_ts <= one.origin_server_ts ? first : one), null);
  const last = new Map();
  for (const vote of votes.values()) {
    if (end && vote.origin_server_ts > end.origin_server_ts) continue;
    const known = last.get(vote.sender);
    if (!known || known.origin_server_ts <= vote.origin_server_ts) last.set(vote.sender, vote);
  }
  const counted = { votes: new Map(poll.answers.map(({ id }) => [id, 0])), people: 0, mine: new Set(), ended: Boolean(end) };
  for (const [person, vote] of last) {
    const chosen = chosenIn(vote.content);
    if (!Array.isArray(chosen) || chosen.length > 1000 || !chosen.length || !chosen.every((id) => counted.votes.has(id))) continue;
    const good = new Set(chosen.slice(0, poll.most));
    for (const id of good) counted.votes.set(id, counted.votes.get(id) + 1);
    counted.people += 1;
    if (person === line.me) counted.mine = good;
  }
  return counted;
}

export function draw(room, row, content, deeds) {
  const poll = readPoll(content);
  if (!poll) return el("p", { class: "chat-gone" }, say("unknown"));
  const counted = count(room, row.event, poll, row.poll ?? undefined);
  const shows = counted.ended || !poll.hidden;
  const most = Math.max(...counted.votes.values());
  const mayVote = !counted.ended && !row.entry && Boolean(deeds.writing);
  const answers = poll.answers.map((answer) => choice(answer, { counted, shows, most, mayVote }, () => vote(deeds.id, row.id, poll, counted, answer.id)));
  const state = counted.ended ? say("pollEnded") : poll.hidden ? say("pollSecret") : poll.most > 1 ? say("pollUpTo", { count: number(poll.most) }) : "";
  return el(
    "div",
    { class: "poll", role: "group", "aria-label": `${say("poll")}: ${poll.question}` },
    el("p", { class: "poll-question", dir: "auto" }, icon("vote"), el("b", {}, poll.question || say("poll"))),
    el("ul", { role: "list" }, ...answers),
    el("p", { class: "poll-foot" }, shows || counted.people ? say("pollVotes", { count: number(counted.people) }) : "", state && ` · ${state}`),
  );
}

function choice({ id, text }, { counted, shows, most, mayVote }, press) {
  const votes = counted.votes.get(id);
  const part = shows && counted.people ? votes / counted.people : 0;
  const mine = counted.mine.has(id);
  const wins = counted.ended && votes > 0 && votes === most;
  const bar = el("span", { class: `poll-bar${wins ? " wins" : ""}`, "aria-hidden": "true" });
  bar.style.inlineSize = `${Math.round(part * 100)}%`;
  const words = el("span", { class: "poll-words", dir: "auto" }, text || "…");
  const told = shows ? el("span", { class: "poll-count" }, number(votes)) : "";
  return el("li", {}, el("button", { type: "button", class: "poll-answer", disabled: !mayVote, "aria-pressed": String(mine), onclick: press }, bar, el("span", { class: "poll-mark", "aria-hidden": "true" }, mine && icon("check")), words, mine && hiddenText(`, ${say("pollMine")}`), told && hiddenText(": "), told));
}

// One answer: chosen, or taken back; where several may be, added to the others.
function vote(room, about, poll, { mine }, id) {
  const others = poll.most > 1 ? [...mine].filter((one) => one !== id) : [];
  const chosen = mine.has(id) ? others : [...others, id];
  if (chosen.length > poll.most) chosen.shift();
  send(room, RESPONSE, { "m.relates_to": { rel_type: "m.reference", event_id: about }, [RESPONSE]: { answers: chosen } });
}

export const isOpen = (room, row) => {
  const poll = readPoll(row.event.content);
  return Boolean(poll) && !count(room, row.event, poll, row.poll ?? undefined).ended;
};

export function endPoll(view, row) {
  const dialog = el("dialog", { class: "chat-ask", "aria-labelledby": "chat-poll-end" });
  const away = () => {
    dialog.close();
    send(view.id, END, { "m.relates_to": { rel_type: "m.reference", event_id: row.id }, [END]: {}, [TEXT]: say("pollEnded"), body: say("pollEnded") });
  };
  dialog.append(el("p", { id: "chat-poll-end" }, say("pollEndSure")), el("div", { class: "actions" }, el("button", { type: "button", class: "button", onclick: away }, say("pollEnd")), el("button", { type: "button", class: "button quiet", onclick: () => dialog.close() }, say("cancel"))));
  show(dialog);
}

// The content of a poll's beginning.
function begun(question, answers, most, hidden) {
  return {
    [START]: {
      question: { [TEXT]: question, body: question, msgtype: "m.text" },
      kind: `org.matrix.msc3381.poll.${hidden ? "undisclosed" : "disclosed"}`,
      max_selections: most,
      answers: answers.map((text) => ({ id: crypto.randomUUID(), [TEXT]: text })),
    },
    [TEXT]: [question, ...answers.map((text, place) => `${place + 1}. ${text}`)].join("\n"),
  };
}

export function openNewPoll(host) {
  const question = el("input", { class: "input", id: "poll-question", maxlength: "300", autocomplete: "off" });
  const list = el("fieldset", { class: "poll-new" }, el("legend", {}, say("pollAnswers")));
  const fields = [];
  const grow = (focus) => {
    const place = fields.length + 1;
    const field = el("input", { class: "input", maxlength: "150", autocomplete: "off", "aria-label": say("pollAnswer", { count: number(place) }), placeholder: say("pollAnswer", { count: number(place) }) });
    fields.push(field);
    list.append(field);
    more.hidden = fields.length >= OFFERED;
    if (focus) field.focus();
  };
  const more = el("button", { type: "button", class: "button quiet", onclick: () => grow(true) }, icon("plus"), say("pollMore"));
  const many = el("input", { type: "checkbox", id: "poll-many" });
  const hidden = el("input", { type: "checkbox", id: "poll-hidden" });
  const fault = el("p", { class: "fault", role: "alert", hidden: true });
  const refuse = (words) => {
    fault.textContent = words;
    fault.hidden = false;
    question.focus();
  };
  const form = el(
    "form",
    { method: "dialog", class: "stack" },
    fault,
    el("div", { class: "field" }, el("label", { for: "poll-question" }, say("pollQuestion")), question),
    list,
    more,
    el("label", { class: "row", for: "poll-many" }, many, say("pollMany")),
    el("label", { class: "row", for: "poll-hidden" }, hidden, say("pollHidden")),
    el("button", { class: "button" }, say("pollStart")),
  );
  const dialog = el("dialog", { class: "chat-begin", "aria-labelledby": "chat-poll" }, el("header", { class: "chat-head" }, el("h2", { id: "chat-poll" }, say("pollNew")), tool("x", say("close"), () => dialog.close())), form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    const answers = [...new Set(fields.map((field) => field.value.trim()).filter(Boolean))];
    if (!question.value.trim() || answers.length < 2) return refuse(say("pollNeeds"));
    try {
      await host.give(START, begun(question.value.trim(), answers, many.checked ? answers.length : 1, hidden.checked));
      return dialog.close();
    } catch (error) {
      return refuse(error.message);
    }
  });
  grow();
  grow();
  show(dialog);
  question.focus();
}

// What a poll asks and answers, for a copy of it.
export const copyOf = (content) => {
  const poll = readPoll(content);
  return begun(poll.question, poll.answers.map(({ text }) => text), poll.most, poll.hidden);
};
