// Shows the report of `inspect`.
const report = data;
const css = (verdict) => verdict.replace(' ', '-');

function bar(share, className, mark) {
  const track = element('span', `bar ${className || ''}`);
  const fill = element('i');
  fill.style.width = `${100 * Math.min(1, Math.max(0, share))}%`;
  track.appendChild(fill);
  if (mark !== undefined) {
    const line = element('b');
    line.style.left = `${100 * mark}%`;
    line.title = `threshold ${fixed(mark, 2)}`;
    track.appendChild(line);
  }
  return track;
}

function cameraText(camera) {
  return camera ? `${fixed(camera.azimuth_deg, 0)}\u00b0 / ${fixed(camera.elevation_deg, 0)}\u00b0` : '\u2013';
}

// The folder in which all photos lie is told once, at the foot.
const folderOf = (name) => name.slice(0, name.lastIndexOf('/') + 1);
const folders = new Set(report.photos.map((photo) => folderOf(photo.name)));
const folder = folders.size === 1 ? [...folders][0] : '';
const shortName = (photo) => photo.name.slice(folder.length);

const verdictOf = (photo) => (photo.error ? 'error' : photo.verdict);
const suspect = (photo) => (photo.verdict === 'deviates' && photo.parts && photo.parts.length ? photo.parts[0] : null);

// Head: what was judged, and the count of each verdict.
function showHead() {
  const photos = report.photos;
  const judged = photos.filter((photo) => !photo.error);
  const deviating = judged.filter((photo) => photo.verdict === 'deviates').length;
  const noun = photos.length === 1 ? 'photo deviates' : 'photos deviate';
  byId('title').textContent = `${report.reference.name}: ${deviating} of ${photos.length} ${noun}`;
  document.title = `${report.reference.name} \u2013 looking3d report`;
  byId('facts').textContent = [
    `method ${report.method}`, `threshold ${fixed(report.threshold, 2)}`, `${report.reference.parts.length} parts`,
    `${report.reference.triangles.toLocaleString('en')} triangles`, report.created,
  ].filter(Boolean).join(' \u00b7 ');
  for (const verdict of ['deviates', 'matches', 'cannot judge', 'error']) {
    const count = photos.filter((photo) => verdictOf(photo) === verdict).length;
    if (count) append(byId('counts'), append(element('li'), element('span', `badge ${css(verdict)}`, `${count} ${verdict}`)));
  }
  report.reference.thumbnails.forEach((image, i) => append(byId('thumbnails'), picture(image, `reference, view ${i + 1}`)));
  byId('foot').textContent = 'Probabilities are those of a deviation; the mark on a bar is the threshold.';
}

// Foot: what the verdicts were made with.
function showSettings() {
  const times = report.photos.filter((photo) => !photo.error).map((photo) => photo.times_ms.total).sort((a, b) => a - b);
  const reference = report.reference;
  const settings = byId('settings');
  append(settings, definitions('', [
    ['program', `looking3d ${report.version}`], ['method', report.method], ['weights', report.weights], ['threshold', fixed(report.threshold, 3)],
    ['background', report.background === 'cut' ? 'objects cut out and laid on white' : 'as it is, where the weights can compare so'],
    ['search by edges', report.second_look ? 'where nothing else finds the piece' : 'off'],
    ['reference', `${reference.name}: ${reference.parts.length} parts, ${reference.triangles.toLocaleString('en')} triangles`],
    ...(folder ? [['photos', folder]] : []),
    ['made', report.created], ['format', report.format],
    ...(times.length ? [['time of a photo', `${fixed(times[times.length >> 1], 0)} ms (median of ${times.length})`]] : []),
  ]));
  if (reference.care.length) append(settings, append(element('ul', 'notes'), ...reference.care.map((line) => element('li', '', line))));
}

// Summary: a table sorted by the clicked column.
const columns = [
  {title: 'Photo', value: (p) => p.name, cell: (p, td) => {
    td.className = 'name';
    const link = element('a', '', shortName(p));
    link.href = `#photo-${p.number}`;
    td.title = p.name;
    td.appendChild(link);
  }},
  {title: 'Verdict', value: verdictOf, cell: (p, td) => td.appendChild(element('span', `badge ${css(verdictOf(p))}`, verdictOf(p)))},
  {title: 'Probability', value: (p) => (p.error ? -1 : p.probability), cell: (p, td) => {
    if (p.error) { td.textContent = '\u2013'; return; }
    append(td, append(element('span', 'probability'), element('span', '', fixed(p.probability, 3)), bar(p.probability, css(p.verdict), p.threshold)));
  }},
  {title: 'Kind', value: (p) => p.kind || '', cell: (p, td) => { td.textContent = p.kind || '\u2013'; }},
  {title: 'Part', of: suspect, value: (p) => (suspect(p) ? suspect(p).name : ''), cell: (p, td) => { td.textContent = suspect(p) ? suspect(p).name : '\u2013'; }},
  {title: 'Camera az / el', of: (p) => p.camera, optional: true, value: (p) => (p.camera ? p.camera.azimuth_deg : -1), cell: (p, td) => { td.textContent = cameraText(p.camera); }},
  {title: 'Time', optional: true, value: (p) => (p.times_ms ? p.times_ms.total : -1),
    cell: (p, td) => { td.textContent = p.times_ms ? `${Math.round(p.times_ms.total)} ms` : '\u2013'; }},
].filter((column) => !column.of || report.photos.some(column.of));
const order = {column: -1, ascending: true};

function showRows() {
  const rows = [...report.photos];
  if (order.column >= 0) {
    const value = columns[order.column].value;
    const direction = order.ascending ? 1 : -1;
    rows.sort((a, b) => {
      const x = value(a), y = value(b);
      return direction * (typeof x === 'number' ? x - y : x.localeCompare(y, 'en', {numeric: true}));
    });
  }
  const body = byId('summary').tBodies[0];
  body.replaceChildren(...rows.map((photo) => {
    const row = element('tr');
    for (const column of columns) {
      const cell = element('td');
      column.cell(photo, cell);
      if (column.optional) cell.classList.add('optional');
      row.appendChild(cell);
    }
    row.addEventListener('click', () => byId(`photo-${photo.number}`).scrollIntoView({behavior: 'smooth'}));
    return row;
  }));
}

function showTable() {
  const head = byId('summary').tHead.rows[0];
  columns.forEach((column, i) => {
    const button = element('button', '', column.title);
    button.type = 'button';
    button.addEventListener('click', () => {
      order.ascending = order.column === i ? !order.ascending : column.title !== 'Probability';
      order.column = i;
      [...head.cells].forEach((cell, j) => cell.setAttribute('aria-sort', j !== i ? 'none' : order.ascending ? 'ascending' : 'descending'));
      showRows();
    });
    const cell = append(element('th', column.optional ? 'optional' : ''), button);
    cell.scope = 'col';
    head.appendChild(cell);
  });
  showRows();
}

// Cards: one a photo, with its pictures and the evidence.
function stage(photo) {
  const frame = element('div', 'stage');
  append(frame, picture(photo.images.photo, `photo ${photo.name}`));
  if (photo.images.reference) append(frame, picture(photo.images.reference, '', 'other'));
  if (photo.images.heat) append(frame, picture(photo.images.heat, '', 'heat'));
  if (photo.box) {
    const box = element('div', 'box');
    box.style.left = `${100 * photo.box.x / photo.width}%`;
    box.style.top = `${100 * photo.box.y / photo.height}%`;
    box.style.width = `${100 * photo.box.width / photo.width}%`;
    box.style.height = `${100 * photo.box.height / photo.height}%`;
    frame.appendChild(box);
  }
  return frame;
}

function figure(content, caption) {
  return append(element('figure'), content, element('figcaption', '', caption));
}

function pictures(photo) {
  const group = element('div', 'pictures');
  const frame = stage(photo);
  append(group, figure(frame, 'Photo'));
  if (hasMatches(photo)) append(group, new Explorer(photo, frame).panel());
  if (photo.images.reference) {
    append(group, figure(append(element('div', 'stage'), picture(photo.images.reference, 'the reference re-rendered')), 'Reference at the found camera'));
  }
  return append(group, turnable(photo));
}

function rows(title, items) {
  const grid = element('div', 'rows');
  for (const item of items) {
    append(grid, element('span', 'label', item.label), item.hidden ? element('span', 'hidden-part', 'hidden from this side') : bar(item.share),
           item.hidden ? null : element('span', 'value', percent(item.share)));
    grid.children[grid.children.length - (item.hidden ? 2 : 3)].title = item.label;
  }
  return append(element('section'), element('h3', '', title), grid);
}

function definitions(title, pairs) {
  const list = element('dl');
  for (const [term, text] of pairs) append(list, element('dt', '', term), element('dd', '', text));
  return append(element('section'), title ? element('h3', '', title) : null, list);
}

function probabilityMeter(photo) {
  const big = append(element('div', `big ${css(photo.verdict)}`), element('strong', '', percent(photo.probability)), element('span', '', 'deviates'));
  return append(element('section'), big, append(element('div', 'meter'), bar(photo.probability, css(photo.verdict), photo.threshold)));
}

// From the photo to the verdict, in small pictures.
function steps(photo) {
  const group = append(element('section'), element('h3', '', 'How it was judged'));
  const figures = photo.images.steps.map((step) => figure(append(element('div', 'stage'), picture(step.picture, '')), step.caption));
  if (figures.length) append(group, append(element('div', 'steps'), ...figures));
  if (photo.notes.length) append(group, append(element('ul', 'notes'), ...photo.notes.map((note) => element('li', '', note))));
  return group;
}

function more(photo) {
  const sections = append(element('div', 'more'), steps(photo));
  const camera = photo.camera;
  if (camera) {
    append(sections, definitions('Camera found', [
      ['azimuth', `${fixed(camera.azimuth_deg, 1)}\u00b0`], ['elevation', `${fixed(camera.elevation_deg, 1)}\u00b0`],
      ['roll', `${fixed(camera.roll_deg, 1)}\u00b0`], ['distance', fixed(camera.distance, 2)], ['focal length', `${fixed(camera.focal_px, 0)} px`],
      ['silhouette score', fixed(camera.score, 3)],
      ['probability of this camera', camera.probability === null || camera.probability === undefined ? '\u2013' : fixed(camera.probability, 3)],
    ]));
  }
  if (photo.closest_view) {
    const likest = photo.correspondences.slice(0, 3).map((pair) => `${fixed(pair.similarity, 2)} at ${fixed(pair.view.azimuth_deg, 0)}\u00b0`);
    append(sections, definitions('Reference views', [
      ['closest', `from azimuth ${fixed(photo.closest_view.azimuth_deg, 0)}\u00b0`], ['most similar patches', likest.join(', ')],
    ]));
  }
  append(sections, definitions('Times', Object.entries(photo.times_ms).map(([name, ms]) => [name, `${fixed(ms, 1)} ms`])));
  return append(element('details'), element('summary', '', 'How it was judged: steps, camera, times'), sections);
}

function facts(photo) {
  const side = append(element('div', 'facts'), probabilityMeter(photo));
  if (photo.verdict === 'deviates' && photo.kinds.length) {
    append(side, rows('Kind', photo.kinds.map((kind) => ({label: kind.kind, share: kind.probability}))));
  }
  const telling = photo.verdict === 'matches' ? [] : photo.parts.filter((part) => part.share >= 0.02).slice(0, 5);
  const hidden = (photo.not_judged || []).slice(0, 4);
  if (telling.length) append(side, rows('Evidence by part', telling.map((part) => ({label: part.name, share: part.share}))));
  if (hidden.length) append(side, rows('Not judged', hidden.map((name) => ({label: name, hidden: true}))));
  return append(side, more(photo));
}

function card(photo) {
  const article = element('article', 'card');
  article.id = `photo-${photo.number}`;
  const head = append(element('div', 'card-head'), element('h2', '', shortName(photo)), element('span', `badge ${css(verdictOf(photo))}`, verdictOf(photo)), element('span', 'grow'));
  append(article, head, element('p', 'explanation', photo.error || photo.explanation));
  if (photo.error) return article;
  const shown = pictures(photo);
  if (photo.images.reference) {
    const button = element('button', 'blink-one', 'Blink');
    button.type = 'button';
    button.title = 'Alternate photo and reference in place';
    button.setAttribute('aria-pressed', 'false');
    button.addEventListener('click', () => setBlink(article, !shown.classList.contains('blink')));
    head.appendChild(button);
  }
  return append(article, shown, facts(photo));
}

function setBlink(article, on) {
  const button = article.querySelector('.blink-one');
  if (!button) return;
  article.querySelector('.pictures').classList.toggle('blink', on);
  button.setAttribute('aria-pressed', String(on));
}

function bindToolbar() {
  const cards = byId('cards');
  const slider = byId('heat-opacity');
  const showOpacity = () => {
    cards.style.setProperty('--heat', slider.value / 100);
    byId('heat-value').textContent = `${slider.value} %`;
  };
  slider.addEventListener('input', showOpacity);
  showOpacity();
  byId('show-box').addEventListener('change', (event) => cards.classList.toggle('hide-box', !event.target.checked));
  const all = byId('blink-all');
  all.hidden = !report.photos.some((photo) => photo.images && photo.images.reference);
  all.addEventListener('click', () => {
    const on = all.getAttribute('aria-pressed') !== 'true';
    all.setAttribute('aria-pressed', String(on));
    document.querySelectorAll('.card').forEach((article) => setBlink(article, on));
  });
}

report.photos.forEach((photo, i) => { photo.number = i + 1; });
showHead();
showTable();
showSettings();
append(byId('cards'), ...report.photos.map(card));
bindToolbar();
