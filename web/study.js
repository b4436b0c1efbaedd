// A human study: one participant, a few pairs, a file of answers. The page holds no truth (docs/study.md).
const FORMAT = 'looking3d-study-answers-1';
const TASKS = ['welcome', 'task', 'done'];
const DRAG_PX = 22; // of finger or mouse for one view

const session = {participant: 0, hand: [], answers: []};
// The pair on show: {pair, views, view, shownAt, answer, confidence, responseMs}; shownAt is null while its pictures load.
let current = null;

const pairName = (pair) => String(pair + 1).padStart(3, '0');
const photoFile = (pair) => `photos/${pairName(pair)}.jpg`;
const referenceFile = (pair) => `references/${pairName(data.reference_of[pair])}.jpg`;
const isShown = (id) => !byId(id).hidden;

function show(section) {
  for (const id of TASKS) byId(id).hidden = id !== section;
  window.scrollTo(0, 0);
}

// Answers outlive a reload where the browser lets files store anything.
const storageKey = () => `looking3d study ${data.study} ${session.participant}`;

function store() {
  try {
    localStorage.setItem(storageKey(), JSON.stringify(session.answers));
  } catch { /* no storage: the answers live as long as the page */ }
}

function storedAnswers() {
  try {
    const answers = JSON.parse(localStorage.getItem(storageKey()) || '[]');
    return answers.every((answer, i) => answer.pair === pairName(session.hand[i])) ? answers : [];
  } catch { return []; }
}

function answersText() {
  return `${JSON.stringify({format: FORMAT, study: data.study, participant: session.participant, answers: session.answers}, null, 1)}\n`;
}

// One view of a sheet of views as the background of an element.
function showView(node, pair, view) {
  const rows = Math.ceil(data.views[data.reference_of[pair]] / data.columns);
  const share = (i, count) => (count > 1 ? `${100 * i / (count - 1)}%` : '0');
  node.style.backgroundImage = `url("${referenceFile(pair)}")`;
  node.style.backgroundSize = `${100 * data.columns}% ${100 * rows}%`;
  node.style.backgroundPosition = `${share(view % data.columns, data.columns)} ${share(Math.floor(view / data.columns), rows)}`;
}

function turnTo(view) {
  current.view = ((view % current.views) + current.views) % current.views;
  showView(byId('view'), current.pair, current.view);
  byId('view').setAttribute('aria-label', `Design, view ${current.view + 1} of ${current.views}`);
  byId('turn').value = current.view;
  byId('turn').setAttribute('aria-valuetext', `view ${current.view + 1} of ${current.views}`);
  for (const button of byId('thumbnails').children) {
    button.setAttribute('aria-pressed', String(Number(button.dataset.view) === current.view));
  }
}

function showThumbnails() {
  const count = Math.min(5, current.views);
  byId('thumbnails').replaceChildren(...Array.from({length: count}, (_, i) => {
    const view = Math.floor(i * current.views / count);
    const button = append(element('button'), element('span', 'view'));
    button.type = 'button';
    button.dataset.view = view;
    button.setAttribute('aria-label', `View ${view + 1} of the design`);
    button.firstChild.style.display = 'block';
    showView(button.firstChild, current.pair, view);
    button.addEventListener('click', () => turnTo(view));
    return button;
  }));
}

function loaded(file) {
  return new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => resolve();
    image.onerror = () => reject(new Error(file));
    image.src = file;
  });
}

// The pictures appear together; the clock runs from then on.
function showPair() {
  const pair = session.hand[session.answers.length];
  const views = data.views[data.reference_of[pair]];
  current = {pair, views, view: 0, shownAt: null, answer: null, confidence: null, responseMs: 0};
  const waiting = current;
  byId('pair-title').textContent = `Pair ${session.answers.length + 1} of ${session.hand.length}`;
  byId('progress').max = session.hand.length;
  byId('progress').value = session.answers.length;
  byId('turn').max = current.views - 1;
  byId('picture-error').textContent = '';
  byId('loading').hidden = false;
  byId('pair').classList.add('waiting');
  showAnswer();
  byId('pair-title').focus();
  window.scrollTo(0, 0);
  Promise.all([loaded(photoFile(pair)), loaded(referenceFile(pair))]).then(() => {
    if (current !== waiting) return;
    byId('photo').src = photoFile(pair);
    showThumbnails();
    turnTo(0);
    byId('loading').hidden = true;
    byId('pair').classList.remove('waiting');
    current.shownAt = performance.now();
    const next = session.hand[session.answers.length + 1];
    if (next !== undefined) Promise.all([loaded(photoFile(next)), loaded(referenceFile(next))]).catch(() => {});
  }).catch((error) => {
    byId('loading').hidden = true;
    byId('picture-error').textContent = `The picture ${error.message} cannot be shown. `
      + 'Keep study.html in one folder with the folders photos and references, and load the page again.';
  });
}

function showAnswer() {
  for (const answer of ['normal', 'anomalous']) byId(answer).setAttribute('aria-pressed', String(current.answer === answer));
  for (const input of document.querySelectorAll('input[name=confidence]')) input.checked = Number(input.value) === current.confidence;
  byId('next').disabled = current.answer === null;
  byId('next').textContent = session.answers.length + 1 === session.hand.length ? 'Finish' : 'Next';
}

function choose(answer) {
  if (current.shownAt === null) return;
  if (current.answer !== answer) current.responseMs = Math.round(performance.now() - current.shownAt);
  current.answer = answer;
  showAnswer();
  byId('next').focus({preventScroll: true});
}

function setConfidence(level) {
  current.confidence = level;
  showAnswer();
}

function next() {
  if (current.answer === null) return;
  const {answer, confidence, responseMs} = current;
  session.answers.push({pair: pairName(current.pair), answer, confidence, response_ms: responseMs});
  store();
  proceed();
}

function proceed() {
  if (session.answers.length < session.hand.length) {
    show('task');
    showPair();
  } else {
    current = null;
    byId('text').value = answersText();
    show('done');
    byId('done-title').focus();
  }
}

function begin(event) {
  event.preventDefault();
  const number = Number(byId('participant').value);
  const known = Number.isInteger(number) && number >= 1 && number <= data.people.length;
  byId('participant-error').textContent = known ? '' : `This study has participants 1 to ${data.people.length}. Which number were you given?`;
  if (!known) return;
  session.participant = number;
  session.hand = data.people[number - 1];
  session.answers = storedAnswers();
  proceed();
}

function download() {
  const link = element('a');
  link.href = URL.createObjectURL(new Blob([answersText()], {type: 'application/json'}));
  link.download = `answers_${data.study}_${pairName(session.participant - 1)}.json`;
  append(document.body, link);
  link.click();
  link.remove();
  byId('handed').textContent = `Saved as ${link.download}, where your browser keeps downloads.`;
}

async function copy() {
  byId('text').select();
  try {
    await navigator.clipboard.writeText(byId('text').value);
  } catch {
    document.execCommand('copy');
  }
  byId('handed').textContent = 'Copied. If pasting gives nothing, select the text below and copy it by hand.';
}

function onKey(event) {
  if (!isShown('task') || event.ctrlKey || event.metaKey || event.altKey) return;
  const steps = {ArrowLeft: -1, ArrowRight: 1};
  const key = event.key.toLowerCase();
  if (event.key in steps && event.target.tagName !== 'INPUT') {
    turnTo(current.view + steps[event.key]);
    event.preventDefault();
  } else if (key === 'n') {
    choose('normal');
  } else if (key === 'a') {
    choose('anomalous');
  } else if (['1', '2', '3'].includes(key)) {
    setConfidence(Number(key));
  }
}

// Dragging turns the design as it would turn a thing on a table.
function bindDrag(view) {
  let start = null;
  view.addEventListener('pointerdown', (event) => {
    start = {x: event.clientX, view: current.view};
    view.setPointerCapture(event.pointerId);
  });
  view.addEventListener('pointermove', (event) => {
    if (start) turnTo(start.view - Math.round((event.clientX - start.x) / DRAG_PX));
  });
  for (const end of ['pointerup', 'pointercancel']) view.addEventListener(end, () => { start = null; });
}

const pairs = data.people[0].length;
byId('count').textContent = `${pairs} ${pairs === 1 ? 'pair' : 'pairs'} of pictures`;
byId('participant').max = data.people.length;
byId('participant').value = /^#\d+$/.test(location.hash) ? location.hash.slice(1) : '';
byId('start').noValidate = true; // its own words are clearer
byId('start').addEventListener('submit', begin);
byId('normal').addEventListener('click', () => choose('normal'));
byId('anomalous').addEventListener('click', () => choose('anomalous'));
byId('next').addEventListener('click', next);
byId('turn').addEventListener('input', (event) => turnTo(Number(event.target.value)));
byId('turn-left').addEventListener('click', () => turnTo(current.view - 1));
byId('turn-right').addEventListener('click', () => turnTo(current.view + 1));
for (const input of document.querySelectorAll('input[name=confidence]')) {
  input.addEventListener('change', () => setConfidence(Number(input.value)));
}
byId('download').addEventListener('click', download);
byId('copy').addEventListener('click', copy);
document.addEventListener('keydown', onKey);
bindDrag(byId('view'));
