// The reference of each photo to turn: it starts at the photo's camera, with the parts coloured by the photo's evidence.
const kTurnDegrees = 180;  // for a drag over the width of the picture
const kStepDegrees = 10, kStepZoom = 1.15, kMostZoom = 12;
const kFocalPerWidth = 355 / 256, kWholeDistance = 3;

const mesh = data.reference.mesh;
const painter = mesh ? new MeshPainter(mesh, () => turnViews.forEach((view) => view.changed())) : null;
const turnViews = [];
const inView = new IntersectionObserver((seen) => seen.forEach(({target, isIntersecting}) => target.turnView.show(isIntersecting)), {rootMargin: '50%'});

window.addEventListener('beforeprint', () => turnViews.forEach((view) => view.draw()));

// The colours of a heat map (src/inspect/overlay.cpp): [r, g, b, a], 0..1.
function heatColour(value) {
  const stops = [[0, 255, 255, 255, 0], [0.4, 255, 214, 10, 0.55], [0.7, 245, 110, 20, 0.85], [1, 190, 10, 60, 1]];
  const upper = Math.max(1, stops.findIndex((stop) => stop[0] >= Math.min(1, value)));
  const [from, to] = [stops[upper - 1], stops[upper]];
  const t = (value - from[0]) / (to[0] - from[0]);
  return [1, 2, 3, 4].map((i) => (from[i] + t * (to[i] - from[i])) / (i < 4 ? 255 : 1));
}

// What the photo says of each part, in the order of the mesh: {name, share, hidden}.
function partsOf(photo) {
  const share = new Map(photo.verdict === 'matches' ? [] : photo.parts.map((part) => [part.name, part.share]));
  const hidden = new Set(photo.not_judged);
  return mesh.parts.map(({name}) => ({name, share: share.get(name) || 0, hidden: hidden.has(name)}));
}

// Where the turning starts. Without a camera of the photo: where the closest reference view was taken.
function startOf(photo) {
  const camera = photo.camera;
  if (!camera) {
    const azimuth = photo.closest_view ? photo.closest_view.azimuth_deg : 30;
    return {azimuth, elevation: 20, roll: 0, distance: kWholeDistance, focal: kFocalPerWidth, centreX: 0.5, centreY: 0.5, width: 1, height: 1, zoom: 1};
  }
  return {
    azimuth: camera.azimuth_deg, elevation: camera.elevation_deg, roll: camera.roll_deg, distance: camera.distance,
    focal: camera.focal_px, centreX: camera.K[0][2], centreY: camera.K[1][2], width: photo.width, height: photo.height, zoom: 1,
  };
}

class TurnView {
  constructor(photo, canvas, label) {
    Object.assign(this, {canvas, label, parts: partsOf(photo), start: startOf(photo), shown: false, waits: false});
    this.now = {...this.start};
    canvas.style.aspectRatio = `${this.start.width} / ${this.start.height}`;
    canvas.turnView = this;
    inView.observe(canvas);
    new ResizeObserver(() => this.changed()).observe(canvas);
    turnViews.push(this);
  }

  show(shown) {
    this.shown = shown;
    if (shown) this.changed();
    else this.canvas.width = this.canvas.height = 0;  // hundreds of pictures out of sight keep no memory
  }

  changed() {
    if (this.waits) return;
    this.waits = true;
    requestAnimationFrame(() => { this.waits = false; if (this.shown) this.draw(); });
  }

  camera() { return {...this.now, focal: this.now.focal * this.now.zoom}; }

  draw() {
    const pixels = Math.min(2, window.devicePixelRatio || 1);
    const width = Math.round(this.canvas.clientWidth * pixels), height = Math.round(width * this.start.height / this.start.width);
    if (!width || !height) return;
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, {width, height});
    painter.draw(this.canvas, this.camera(), (i) => ({tint: heatColour(this.parts[i].share), hatching: this.parts[i].hidden ? 7 * pixels : 0}));
  }

  turn(azimuth, elevation) {
    this.now.azimuth += azimuth;
    this.now.elevation = Math.min(89, Math.max(-89, this.now.elevation + elevation));
    this.changed();
  }

  zoom(factor) {
    this.now.zoom = Math.min(kMostZoom, Math.max(1 / 3, this.now.zoom * factor));
    this.changed();
  }

  reset() {
    this.now = {...this.start};
    this.changed();
  }

  // Names the part under a point of the screen.
  name(clientX, clientY) {
    const frame = this.canvas.getBoundingClientRect();
    const part = this.parts[painter.partAt(clientX - frame.left, clientY - frame.top, Math.round(frame.width), Math.round(frame.height), this.camera())];
    this.label.textContent = !part ? '' : part.hidden ? `${part.name}: hidden, not judged` : part.share >= 0.005 ? `${part.name}: ${percent(part.share)} of the evidence` : part.name;
  }
}

// Drag, touch, pinch, wheel and keys. Until it has the focus, the page scrolls over it as over any picture.
function bindTurning(view) {
  const canvas = view.canvas;
  const fingers = new Map();
  const spread = () => { const [a, b] = [...fingers.values()]; return Math.hypot(a.x - b.x, a.y - b.y); };
  canvas.addEventListener('pointerdown', (event) => {
    fingers.set(event.pointerId, {x: event.clientX, y: event.clientY});
    canvas.setPointerCapture(event.pointerId);
    view.name(event.clientX, event.clientY);
  });
  canvas.addEventListener('pointermove', (event) => {
    const finger = fingers.get(event.pointerId);
    if (!finger) { view.name(event.clientX, event.clientY); return; }
    const before = fingers.size === 2 ? spread() : 0;
    const degrees = kTurnDegrees / canvas.clientWidth;
    if (fingers.size === 1) view.turn((finger.x - event.clientX) * degrees, (event.clientY - finger.y) * degrees);
    Object.assign(finger, {x: event.clientX, y: event.clientY});
    if (before > 0) view.zoom(spread() / before);
  });
  for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, (event) => fingers.delete(event.pointerId));
  canvas.addEventListener('pointerleave', (event) => { if (event.pointerType !== 'touch') view.label.textContent = ''; });
  canvas.addEventListener('wheel', (event) => {
    if (document.activeElement !== canvas && !event.ctrlKey) return;
    event.preventDefault();
    view.zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)));
  }, {passive: false});
  const keys = {
    ArrowLeft: () => view.turn(kStepDegrees, 0), ArrowRight: () => view.turn(-kStepDegrees, 0), ArrowUp: () => view.turn(0, -kStepDegrees),
    ArrowDown: () => view.turn(0, kStepDegrees), '+': () => view.zoom(kStepZoom), '-': () => view.zoom(1 / kStepZoom), Home: () => view.reset(),
  };
  canvas.addEventListener('keydown', (event) => {
    if (!keys[event.key] || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    keys[event.key]();
  });
}

function legend(photo, view) {
  const list = element('ul', 'legend');
  const entry = (mark, text) => append(list, append(element('li'), element('i', mark), element('span', '', text)));
  if (view.parts.some((part) => part.share >= 0.02)) entry('evidence', 'share of the evidence, the more the redder');
  if (view.parts.some((part) => part.hidden)) entry('hatched', 'hidden from the photo\u2019s side, not judged');
  if (!photo.camera) append(list, element('li', 'wide', 'This method searches no camera and suspects no part; the view starts near the closest reference view.'));
  return list;
}

function withoutTurning(sentence) {
  return append(element('section', 'turnable'), element('p', 'muted', sentence));
}

// The section of a photo's card.
function turnable(photo) {
  if (!mesh) return withoutTurning(`The reference (${data.reference.triangles.toLocaleString('en')} triangles) is too large to be turned in a page.`);
  if (!painter.works) return withoutTurning('This browser offers no WebGL 2, so the reference cannot be turned here.');
  const canvas = element('canvas', 'turn');
  canvas.tabIndex = 0;
  canvas.setAttribute('role', 'application');
  canvas.setAttribute('aria-label', 'The reference in 3D: arrow keys turn it, plus and minus zoom, Home goes back to where it started');
  const label = element('output', 'part-name');
  const view = new TurnView(photo, canvas, label);
  bindTurning(view);
  const back = element('button', '', photo.camera ? 'Photo\u2019s camera' : 'Start over');
  back.type = 'button';
  back.title = 'Back to where the view started';
  back.addEventListener('click', () => view.reset());
  const simplified = mesh.triangles < data.reference.triangles ? ` Simplified to ${mesh.triangles.toLocaleString('en')} triangles.` : '';
  const help = element('span', '', `Reference, to turn: drag or arrow keys; pinch, wheel or + and \u2212 zoom; point at a part for its name.${simplified}`);
  const stage = append(element('div', 'stage turn-stage'), canvas, label);
  return append(element('section', 'turnable'), append(element('figure'), stage, append(element('figcaption'), help, back)), legend(photo, view));
}
