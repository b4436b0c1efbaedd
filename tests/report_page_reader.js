'use strict';
// Uses the page of a report as a reader would, and tells its parent what it saw: report_page_test.cpp puts this into the page.
// Chromium writes down a page once it is loaded: pictures, one after the other, keep it loading until the reading is done.
let reading = true;
(function keepLoading() {
  if (reading) Object.assign(new Image(), {onload: keepLoading, src: 'data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=='});
})();
const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
const frames = async (count) => { for (let i = 0; i < count; ++i) await frame(); };
const move = (node, x, y) => node.dispatchEvent(new PointerEvent('pointermove', {clientX: x, clientY: y, bubbles: true}));
const press = (node, key) => node.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true, cancelable: true}));

// The pixels of a picture or canvas, at a size.
function pixels(source, width, height) {
  const canvas = Object.assign(document.createElement('canvas'), {width, height});
  const sheet = canvas.getContext('2d');
  sheet.drawImage(source, 0, 0, width, height);
  return sheet.getImageData(0, 0, width, height).data;
}
function isFlat(source) {
  const seen = pixels(source, 64, 64);
  return seen.every((value, i) => Math.abs(value - seen[i % 4]) < 3);
}
// Overlap of what the 3D view shows with the re-rendered reference (which stands before white), and their mean difference in grey.
function alike(canvas, reference) {
  const {width, height} = canvas;
  const drawn = pixels(canvas, width, height), wanted = pixels(reference, width, height);
  let both = 0, either = 0, difference = 0;
  for (let i = 0; i < drawn.length; i += 4) {
    const a = drawn[i + 3] > 20, b = wanted[i] < 245;
    either += a || b;
    if (!(a && b)) continue;
    ++both;
    if (drawn[i + 3] > 250 && drawn[i] === drawn[i + 1]) difference += Math.abs(drawn[i] - wanted[i]);
  }
  return {overlap: both / either, difference: difference / both};
}
// Places that are coloured by evidence: far more red than blue.
function suspicious(canvas) {
  const seen = pixels(canvas, canvas.width, canvas.height);
  const places = [];
  for (let i = 0; i < seen.length; i += 4)
    if (seen[i + 3] > 250 && seen[i] - seen[i + 2] > 60) places.push([(i / 4) % canvas.width, Math.floor(i / 4 / canvas.width)]);
  return places;
}

async function drawn(canvas) {
  for (let i = 0; i < 300 && !canvas.width; ++i) await frame();
  await frames(3);
}

// A drag over half the picture, and two fingers that part to twice their distance.
function touch(canvas, told) {
  const now = canvas.turnView.now, {azimuth, zoom} = now, half = canvas.clientWidth / 2;
  canvas.setPointerCapture = () => {};  // the browser knows nothing of these fingers
  const finger = (kind, pointerId, x, y) => canvas.dispatchEvent(new PointerEvent(kind, {pointerId, clientX: x, clientY: y, bubbles: true}));
  finger('pointerdown', 1, 10, 10);
  finger('pointermove', 1, 10 + half, 10);
  told.dragged = now.azimuth - azimuth;
  finger('pointerdown', 2, 10 + half, 110);
  finger('pointermove', 2, 10 + half, 210);
  told.pinched = now.zoom / zoom;
  for (const id of [1, 2]) finger('pointerup', id, 0, 0);
  finger('pointermove', 1, 500, 500);  // no finger is down
  told.released = now.azimuth - azimuth === told.dragged && now.zoom / zoom === told.pinched;
}

async function look3d(card) {
  if (!card.querySelector('canvas.turn')) return card.querySelector('.turnable').textContent;
  await drawn(card.querySelector('canvas.turn'));
  const canvas = card.querySelector('canvas.turn'), reference = card.querySelector('figure:nth-child(2) img');
  const told = {pixels: pixels(canvas, canvas.width, canvas.height).filter((value, i) => i % 4 === 3 && value > 20).length};
  const places = suspicious(canvas);
  told.suspicious = places.length;
  if (places.length) {
    const [x, y] = places[places.length >> 1], frame = canvas.getBoundingClientRect();
    move(canvas, frame.left + (x + 0.5) * frame.width / canvas.width, frame.top + (y + 0.5) * frame.height / canvas.height);
    told.name = card.querySelector('.part-name').textContent;
  }
  const state = () => (reference ? alike(canvas, reference) : null);
  told.start = state();
  press(canvas, 'ArrowLeft');
  await frames(3);
  told.turned = state();
  for (let i = 1; i < 18; ++i) press(canvas, 'ArrowLeft');  // to the other side
  await frames(3);
  told.hatched = pixels(canvas, canvas.width, canvas.height).filter((value, i) => i % 4 === 3 && value > 30 && value < 46).length;
  touch(canvas, told);
  press(canvas, '+');
  card.querySelector('.turnable button').click();
  await frames(3);
  told.back = state();
  const context = painter.gl.getExtension('WEBGL_lose_context');
  context.loseContext();
  await frames(3);
  context.restoreContext();
  await frames(10);
  told.restored = state();
  return told;
}

async function explore(card, photo) {
  const pad = card.querySelector('.patches');
  const lit = () => ({
    hits: card.querySelectorAll('.views .hit').length, enlarged: card.querySelectorAll('.best .crop').length,
    views: [...card.querySelectorAll('.view')].map((view, i) => (view.classList.contains('lit') ? i : -1)).filter((i) => i >= 0),
    left: parseFloat(card.querySelector('.patch').style.left),
  });
  const last = photo.matches.patches.length - 1, {patch} = photo.matches.patches[last], frame = pad.getBoundingClientRect();
  move(pad, frame.left + (patch.x + patch.width / 2) / photo.width * frame.width, frame.top + (patch.y + patch.height / 2) / photo.height * frame.height);
  const pointed = lit();
  press(pad, 'ArrowUp');
  await frames(2);
  return {last, pointed, stepped: lit()};
}

function sorted() {
  const button = [...document.querySelectorAll('#summary th button')].find((node) => node.textContent === 'Probability');
  const order = () => { button.click(); return [...document.querySelectorAll('#summary tbody tr')].map((row) => parseFloat(row.cells[2].textContent)); };
  return [order(), order()];
}

window.addEventListener('DOMContentLoaded', async () => {
  const told = {cards: []};
  try {
    await frames(3);
    const cards = [...document.querySelectorAll('.card')];
    told.pictures = [...document.querySelectorAll('.card img:not(.heat), .thumbnails img')].map((image) => image.naturalWidth > 0 && !isFlat(image));
    for (const [i, card] of cards.entries()) {
      const photo = data.photos[i];
      told.cards.push({name: photo.name, turn: await look3d(card), explorer: photo.matches ? await explore(card, photo) : null});
    }
    told.sorted = sorted();
    told.settings = byId('settings').textContent;
    told.paper = parseInt(getComputedStyle(document.body).backgroundColor.match(/\d+/)[0]);
    await frames(3);
  } catch (error) { failures.push(String(error)); }
  const {scrollWidth, offsetHeight} = document.documentElement;
  parent.postMessage({...told, failures, width: scrollWidth, height: offsetHeight, inner: innerWidth}, '*');
  await frames(3);
  reading = false;
});
