// The curves of the evaluation page, and the figure of correspondences.
const numbered = (values) => values.map((v) => (v === null ? 0 : v));

function rocChart(roc, auc) {
  const {root, x, y} = plot({x: [0, 1], y: [0, 1], xLabel: 'false alarms', yLabel: 'deviations found', description: `ROC curve, AUC ${valueText(auc.value)}`});
  const points = (values) => roc.false_alarms.map((share, i) => [x(share), y(values[i])]);
  append(root, svg('path', {class: 'dashed', d: pathOf([[x(0), y(0)], [x(1), y(1)]])}));
  if (roc.recall[0] === null) return root;
  append(root, svg('path', {class: 'band', fill: 'var(--accent)', d: `${pathOf([...points(numbered(roc.high)), ...points(numbered(roc.low)).reverse()])}Z`}),
         svg('path', {class: 'line', stroke: 'var(--accent)', d: pathOf([[x(0), y(0)], ...points(roc.recall)])}),
         label(x(0.97), y(0.12), `AUC ${valueText(auc.value)}`, {class: 'strong', 'text-anchor': 'end', style: 'font-size:19px'}),
         label(x(0.97), y(0.05), intervalText(auc), {'text-anchor': 'end'}));
  return root;
}

// Normal photos above the axis, anomalous ones below: two heaps that may lie on one another stay apart.
function scoreChart(histogram) {
  const bins = histogram.normal.length;
  const most = Math.max(1, ...histogram.normal, ...histogram.anomalous);
  const {root, x, y} = plot({x: [0, 1], y: [-1, 1], xLabel: 'probability that the piece deviates', yLabel: 'photos', yTicks: [-1, -0.5, 0, 0.5, 1],
    format: (v) => fixed(Math.abs(v), 1), description: 'histogram of scores'});
  // The y axis counts photos, so its ticks are written here.
  root.querySelectorAll('text').forEach((text) => { if (text.getAttribute('text-anchor') === 'end') text.remove(); });
  for (const share of [-1, -0.5, 0, 0.5, 1]) append(root, label(x(0) - 7, y(share) + 4, String(Math.round(Math.abs(share) * most)), {'text-anchor': 'end'}));
  const bar = (i, count, sign, colour, name) => {
    const height = Math.abs(y(sign * count / most) - y(0));
    return titled(svg('rect', {x: x(i / bins) + 0.8, width: x(1 / bins) - x(0) - 1.6, y: sign > 0 ? y(0) - height : y(0), height, fill: colour, rx: 1.5}),
                  `${count} ${name}, probability ${fixed(i / bins, 2)} to ${fixed((i + 1) / bins, 2)}`);
  };
  for (let i = 0; i < bins; ++i) {
    append(root, bar(i, histogram.normal[i], 1, 'var(--normal)', 'normal'), bar(i, histogram.anomalous[i], -1, 'var(--anomalous)', 'anomalous'));
  }
  append(root, svg('line', {class: 'axis', x1: x(0), x2: x(1), y1: y(0), y2: y(0)}), svg('line', {class: 'dashed', x1: x(0.5), x2: x(0.5), y1: y(-1), y2: y(1)}));
  return root;
}

function calibrationChart(bins, error) {
  const {root, x, y} = plot({x: [0, 1], y: [0, 1], xLabel: 'probability', yLabel: 'share that deviates', description: 'calibration'});
  append(root, svg('path', {class: 'dashed', d: pathOf([[x(0), y(0)], [x(1), y(1)]])}));
  const filled = bins.filter((bin) => bin.photos > 0);
  const most = Math.max(1, ...filled.map((bin) => bin.photos));
  append(root, svg('path', {class: 'line', stroke: 'var(--accent)', style: 'opacity:.45', d: pathOf(filled.map((bin) => [x(bin.probability), y(bin.anomalous)]))}));
  for (const bin of filled) {
    append(root, titled(svg('circle', {cx: x(bin.probability), cy: y(bin.anomalous), r: 2.5 + 6 * Math.sqrt(bin.photos / most), fill: 'var(--accent)'}),
                        `${bin.photos} photos: probability ${fixed(bin.probability, 3)}, ${percent(bin.anomalous)} deviate`));
  }
  append(root, label(x(0.97), y(0.05), `expected error ${valueText(error.value)}`, {'text-anchor': 'end'}));
  return root;
}

// A petal for each azimuth: 0 looks at the front, which lies below; azimuth grows to the object's +X side, on the right.
function azimuthChart(slices) {
  const width = 420, height = 320, radius = 126;
  const root = svg('svg', {class: 'chart', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': 'AUC by azimuth'});
  const at = (angle, r) => [width / 2 + r * Math.sin(angle), height / 2 + r * Math.cos(angle)];
  const names = Object.keys(slices);
  const half = Math.PI / names.length * 0.86;
  names.forEach((name) => {
    const slice = slices[name];
    const angle = Number(name) * Math.PI / 180;
    if (slice.auc.value === null || slice.anomalous_photos === 0) return;
    const r = radius * slice.auc.value;
    const [ax, ay] = at(angle - half, r), [bx, by] = at(angle + half, r);
    append(root, titled(svg('path', {d: `M${width / 2} ${height / 2}L${ax} ${ay}A${r} ${r} 0 0 0 ${bx} ${by}Z`, fill: 'var(--accent)', opacity: 0.35 + 0.6 * Math.max(0, 2 * slice.auc.value - 1)}),
                        `azimuth ${name}\u00b0: AUC ${valueText(slice.auc.value)} (${intervalText(slice.auc)}), ${slice.anomalous_photos} photos`));
  });
  append(root, svg('circle', {cx: width / 2, cy: height / 2, r: radius, class: 'grid', fill: 'none'}), svg('circle', {cx: width / 2, cy: height / 2, r: radius / 2, class: 'dashed'}));
  for (const [text, angle] of [['front 0\u00b0', 0], ['90\u00b0', Math.PI / 2], ['behind 180\u00b0', Math.PI], ['270\u00b0', 1.5 * Math.PI]]) {
    const [tx, ty] = at(angle, radius + (Math.abs(Math.sin(angle)) > 0.5 ? 24 : 14));
    append(root, label(tx, ty + 4, text, {'text-anchor': 'middle'}));
  }
  return root;
}

// Sizes double from bin to bin, so the axis is logarithmic.
function sizeChart(bins) {
  const middle = (bin) => Math.log2(100 * (bin.to === null ? bin.from * Math.SQRT2 : bin.from === 0 ? bin.to / Math.SQRT2 : Math.sqrt(bin.from * bin.to)));
  const ends = [Math.floor(middle(bins[0])), Math.ceil(middle(bins[bins.length - 1]))];
  const ticks = Array.from({length: ends[1] - ends[0] + 1}, (_, i) => ends[0] + i);
  const {root, x, y} = plot({x: ends, y: [0, 1], xTicks: ticks, xFormat: (v) => String(2 ** v), xLabel: 'share of the object that changed, %',
    yLabel: 'found at 1 % false alarms', description: 'recall by visible size'});
  const known = bins.filter((bin) => bin.recall !== null);
  append(root, svg('path', {class: 'line', stroke: 'var(--accent)', d: pathOf(known.map((bin) => [x(middle(bin)), y(bin.recall)]))}));
  for (const bin of known) {
    const at = x(middle(bin));
    if (bin.low !== null) append(root, svg('line', {x1: at, x2: at, y1: y(bin.low), y2: y(bin.high), stroke: 'var(--accent)', 'stroke-width': 5, opacity: 0.25}));
    append(root, titled(svg('circle', {cx: at, cy: y(bin.recall), r: 4, fill: 'var(--accent)'}),
                        `${fixed(100 * bin.from, 1)} to ${bin.to === null ? 'any' : fixed(100 * bin.to, 1)} %: ${percent(bin.recall)} of ${bin.photos} photos found`));
  }
  return root;
}

function showCurves() {
  const curves = results.curves;
  append(byId('roc'), rocChart(curves.roc, results.auc));
  append(byId('scores'), scoreChart(curves.histogram), legend([['normal (above)', 'var(--normal)'], ['anomalous (below)', 'var(--anomalous)']]));
  append(byId('calibration'), calibrationChart(curves.calibration, results.calibration_error));
  append(byId('azimuth'), azimuthChart(results.by_azimuth));
  if (curves.recall_by_size && curves.recall_by_size.length > 1) append(byId('size'), sizeChart(curves.recall_by_size));
  else byId('size').remove();
}

// Correspondences (paper, fig. 5).
function viewPicture(photo, view, cells) {
  const frame = append(element('div', cells.length ? 'view' : 'view empty'), picture(photo.views[view], `reference from ${photo.azimuths[view]} degrees`));
  const h = photo.grid;
  const overlay = svg('svg', {viewBox: `0 0 ${h} ${h}`, 'aria-hidden': 'true'});
  for (const [patch, rank] of cells) {
    append(overlay, svg('rect', {x: patch % h, y: Math.floor(patch / h), width: 1, height: 1, fill: '#c0362c', 'fill-opacity': 0.75 - 0.5 * rank}));
  }
  return append(frame, overlay, element('span', 'angle', `${photo.azimuths[view]}\u00b0`));
}

function showPatch(photo, patch, side) {
  const cells = photo.views.map(() => []);
  patch.top.forEach(([view, cell], i) => cells[view].push([cell, i / patch.top.length]));
  const used = cells.filter((list) => list.length).length;
  const best = element('div', 'best');
  for (const shown of patch.views) {
    const frame = append(element('div', 'view'), picture(photo.views[shown.view], ''));
    const heat = picture(shown.heat, `similarity in the view from ${photo.azimuths[shown.view]} degrees`);
    heat.style.cssText = 'position:absolute;inset:0;height:100%;opacity:.8';
    append(best, append(element('figure'), append(frame, heat), element('figcaption', '', `${photo.azimuths[shown.view]}\u00b0, similarity up to ${fixed(shown.similarity, 2)}`)));
  }
  side.replaceChildren(
    element('h3', '', `Its ${patch.top.length} best matches, in ${used} of ${photo.views.length} views`),
    append(element('div', 'views'), ...photo.views.map((_, view) => viewPicture(photo, view, cells[view]))),
    element('h3', '', 'Similarity in the most similar views'), best);
}

function matchPanel(photo) {
  const panel = append(element('article', 'panel'), append(element('div', 'match')));
  const side = element('div');
  const stage = append(element('div', 'stage'), picture(photo.photo, `photo ${photo.name}`));
  const buttons = photo.patches.map((patch, i) => {
    const button = append(element('button', 'patch'), element('span', '', String(i + 1)));
    button.type = 'button';
    button.title = patch.changed ? 'patch that shows the change' : 'patch of an unchanged part';
    button.style.left = `${100 * (patch.patch % photo.grid) / photo.grid}%`;
    button.style.top = `${100 * Math.floor(patch.patch / photo.grid) / photo.grid}%`;
    button.style.width = button.style.height = `${100 / photo.grid}%`;
    button.addEventListener('click', () => choose(i));
    return append(stage, button) && button;
  });
  const choose = (chosen) => {
    buttons.forEach((button, i) => button.setAttribute('aria-pressed', String(i === chosen)));
    showPatch(photo, photo.patches[chosen], side);
  };
  choose(0);
  const changed = photo.patches[0].changed ? 'Patch 1 shows the change.' : '';
  append(panel.firstChild, append(element('figure'), stage, element('figcaption', '', `${photo.kind}. ${changed}`)), side);
  return panel;
}

function showMatches() {
  if (!data.matches.length) return;
  byId('matches').hidden = false;
  append(byId('matches'), ...data.matches.map(matchPanel));
}
