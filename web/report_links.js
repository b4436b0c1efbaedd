// The correspondence explorer: the patch of the photo that is pointed at, and the patches of the reference's views that it resembles most.
const kCropZoom = 4;

function place(node, x, y, width, height) {
  Object.assign(node.style, {left: `${100 * x}%`, top: `${100 * y}%`, width: `${100 * width}%`, height: `${100 * height}%`});
}

// A view of the reference around one of its patches, enlarged.
function enlarged(match, side) {
  const crop = element('div', 'crop');
  const start = (x) => Math.min(0, Math.max(1 - kCropZoom, 0.5 - kCropZoom * (x + side / 2)));
  const left = start(match.x), top = start(match.y);
  const view = picture(data.reference.views[match.view], `reference from azimuth ${18 * match.view}\u00b0`);
  place(view, left, top, kCropZoom, kCropZoom);
  const mark = element('i', 'hit');
  place(mark, left + kCropZoom * match.x, top + kCropZoom * match.y, kCropZoom * side, kCropZoom * side);
  return append(element('figure'), append(crop, view, mark), append(element('figcaption'), element('b', '', fixed(match.similarity, 2)), element('span', '', ` ${18 * match.view}\u00b0`)));
}

class Explorer {
  // `frame`: the stage with the photo.
  constructor(photo, frame) {
    this.photo = photo;
    this.patches = photo.matches.patches;
    this.side = photo.matches.view_patch_side;
    this.mark = element('i', 'patch');
    this.pad = append(element('div', 'patches'), this.mark);
    frame.appendChild(this.pad);
    this.best = element('div', 'best');
    this.views = element('div', 'views');
    this.cells = data.reference.views.map((source, i) => append(element('div', 'view'), picture(source, `reference from azimuth ${18 * i}\u00b0`)));
    append(this.views, ...this.cells);
    this.bind();
    this.choose(this.patches.reduce((most, patch, i) => (patch.best[0].similarity > this.patches[most].best[0].similarity ? i : most), 0));
  }

  panel() {
    const help = element('p', 'muted', 'Point at a patch of the object in the photo, tap it, or walk with the arrow keys. Below: similarity (cosine) and azimuth of the view.');
    return append(element('section', 'explorer'), element('h3', '', 'What a patch resembles'), help, this.best, this.views);
  }

  bind() {
    this.pad.tabIndex = 0;
    this.pad.setAttribute('role', 'application');
    this.pad.setAttribute('aria-label', 'Patches of the photo: arrow keys choose one');
    for (const kind of ['pointerdown', 'pointermove']) this.pad.addEventListener(kind, (event) => this.point(event));
    const steps = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
    this.pad.addEventListener('keydown', (event) => {
      if (!steps[event.key]) return;
      event.preventDefault();
      this.step(...steps[event.key]);
    });
  }

  point(event) {
    const frame = this.pad.getBoundingClientRect();
    const x = (event.clientX - frame.left) / frame.width * this.photo.width, y = (event.clientY - frame.top) / frame.height * this.photo.height;
    const found = this.patches.findIndex(({patch}) => x >= patch.x && x < patch.x + patch.width && y >= patch.y && y < patch.y + patch.height);
    if (found >= 0) this.choose(found);
  }

  // To the nearest patch in a direction.
  step(dx, dy) {
    const middle = ({patch}) => [patch.x + patch.width / 2, patch.y + patch.height / 2];
    const [x, y] = middle(this.patches[this.chosen]);
    let nearest = -1, least = Infinity;
    this.patches.forEach((patch, i) => {
      const [u, v] = middle(patch);
      const along = (u - x) * dx + (v - y) * dy, across = Math.abs((u - x) * dy) + Math.abs((v - y) * dx);
      if (along > 0.5 && along >= across && along + 2 * across < least) { nearest = i; least = along + 2 * across; }
    });
    if (nearest >= 0) this.choose(nearest);
  }

  choose(index) {
    if (index === this.chosen) return;
    this.chosen = index;
    const {patch, best} = this.patches[index];
    place(this.mark, patch.x / this.photo.width, patch.y / this.photo.height, patch.width / this.photo.width, patch.height / this.photo.height);
    this.best.replaceChildren(...best.map((match) => enlarged(match, this.side)));
    this.cells.forEach((cell, view) => {
      const hits = best.filter((match) => match.view === view);
      cell.classList.toggle('lit', hits.length > 0);
      cell.replaceChildren(cell.firstChild, ...hits.map((match) => {
        const mark = element('i', 'hit');
        place(mark, match.x, match.y, this.side, this.side);
        return mark;
      }));
    });
  }
}

const hasMatches = (photo) => Boolean(photo.matches && photo.matches.patches.length && data.reference.views.length);
