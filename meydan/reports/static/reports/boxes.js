// Boxes over a photo: drawn, moved, resized and deleted, with a finger, a mouse or the keyboard. Each box is a button.
// Without this script the page is a form with a grid of cells to tick.

const form = document.querySelector("#boxes-form");
const stage = form.querySelector("[data-stage]");
const status = form.querySelector("[data-status]");
const MOST = 60;
const LEAST = 0.02;
const STEP = 0.01;
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
const boxes = [];

const done = stage.querySelector(".hidden-already") !== null;
const known = [...form.querySelectorAll("[name=keep]")].map((field) => field.value.split(",").map(Number));
stage.querySelector(".boxes").remove();
for (const part of form.querySelectorAll("[data-cells], [data-kept], [data-without]")) part.remove();
for (const part of document.querySelectorAll("[data-with]")) part.hidden = false;
stage.classList.add("drawing");

const field = document.createElement("input");
field.type = "hidden";
field.name = "boxes";
form.append(field);

function lay(box) {
  const { style } = box.element;
  style.insetInlineStart = `${box.x * 100}%`;
  style.insetBlockStart = `${box.y * 100}%`;
  style.inlineSize = `${box.w * 100}%`;
  style.blockSize = `${box.h * 100}%`;
  const round = (value) => Math.round(value * 1e4) / 1e4;
  field.value = JSON.stringify(boxes.map(({ x, y, w, h }) => [x, y, Math.min(w, 1 - x), Math.min(h, 1 - y)].map(round)));
}

function change(box, { x = box.x, y = box.y, w = box.w, h = box.h }) {
  box.w = clamp(w, LEAST, 1);
  box.h = clamp(h, LEAST, 1);
  box.x = clamp(x, 0, 1 - box.w);
  box.y = clamp(y, 0, 1 - box.h);
  box.element.classList.remove("done");
  lay(box);
}

function add(x, y, w, h, isKnown = false) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = isKnown && done ? "drawn done" : "drawn";
  element.append(document.createElement("i"));
  const box = { x, y, w, h, element };
  element.addEventListener("keydown", (event) => onKey(event, box));
  element.addEventListener("pointerdown", (event) => onDrag(event, box));
  boxes.push(box);
  stage.append(element);
  name();
  lay(box);
  return box;
}

function name() {
  boxes.forEach(({ element }, index) => {
    const label = form.dataset.box.replace("{number}", index + 1);
    element.setAttribute("aria-label", `${label}. ${form.dataset.keys}`);
  });
}

function remove(box) {
  const index = boxes.indexOf(box);
  boxes.splice(index, 1);
  box.element.remove();
  name();
  field.value = "[]";
  boxes.forEach(lay);
  status.textContent = form.dataset.removed;
  (boxes[index] ?? boxes[index - 1])?.element.focus();
  if (!boxes.length) form.querySelector("[data-add]").focus();
}

const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function onKey(event, box) {
  if (event.key === "Delete" || event.key === "Backspace") {
    event.preventDefault();
    return remove(box);
  }
  const move = MOVES[event.key];
  if (!move) return undefined;
  event.preventDefault();
  const [across, down] = move.map((sign) => sign * STEP);
  return change(box, event.shiftKey ? { w: box.w + across, h: box.h + down } : { x: box.x + across, y: box.y + down });
}

// Where in the picture a pointer is, in parts of it.
function place(event) {
  const frame = stage.getBoundingClientRect();
  return [clamp((event.clientX - frame.left) / frame.width, 0, 1), clamp((event.clientY - frame.top) / frame.height, 0, 1)];
}

function follow(event, onMove, onEnd = () => {}) {
  event.preventDefault();
  event.stopPropagation();
  const target = event.currentTarget;
  target.setPointerCapture(event.pointerId);
  const move = (moved) => onMove(place(moved));
  target.addEventListener("pointermove", move);
  const end = () => {
    target.removeEventListener("pointermove", move);
    onEnd();
  };
  target.addEventListener("lostpointercapture", end, { once: true });
}

function onDrag(event, box) {
  box.element.focus();
  const [startX, startY] = place(event);
  const { x, y, w, h } = box;
  const sizes = event.target !== box.element;
  follow(event, ([nowX, nowY]) => {
    const [across, down] = [nowX - startX, nowY - startY];
    change(box, sizes ? { w: w + across, h: h + down } : { x: x + across, y: y + down });
  });
}

stage.addEventListener("pointerdown", (event) => {
  if (event.button !== 0 || boxes.length >= MOST) return;
  const [x, y] = place(event);
  const box = add(x, y, 0, 0);
  const draw = ([nowX, nowY]) => change(box, { x: Math.min(x, nowX), y: Math.min(y, nowY), w: Math.abs(nowX - x), h: Math.abs(nowY - y) });
  follow(event, draw, () => {
    if (box.w <= LEAST && box.h <= LEAST) remove(box); // a tap draws nothing
    else box.element.focus();
  });
});
stage.querySelector("img").draggable = false;

function addInTheMiddle() {
  if (boxes.length >= MOST) return;
  add(0.4, 0.4, 0.2, 0.2).element.focus();
  status.textContent = `${form.dataset.new}. ${form.dataset.keys}`;
}

form.querySelector("[data-add]").addEventListener("click", addInTheMiddle);
field.value = "[]";
for (const corners of known) add(...corners, true);

// One key for who checks many: P publishes, B adds a box.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
  if (event.key === "b") addInTheMiddle();
  if (event.key === "p") document.querySelector("[data-publish]")?.click();
});
