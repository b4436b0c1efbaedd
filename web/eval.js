// Shows what `eval` found.
const results = data.results;
const options = results.options;
const measureNames = [
  ['auc', 'AUC'], ['accuracy', 'Accuracy at 0.5'], ['average_precision', 'Average precision'], ['f1_max', 'Largest F1'],
  ['recall_at_1pct_false_alarms', 'Recall at 1 % false alarms'], ['calibration_error', 'Expected calibration error'],
  ['box_ap_50', 'Box AP (IoU 0.5)'], ['mean_box_iou', 'Mean box IoU'],
];
const heatNames = [['patch_auroc', 'Patch AUROC'], ['pixel_auroc', 'Pixel AUROC'], ['aupro_30', 'AUPRO (false positives up to 0.3)']];

function showHead() {
  const fileName = (path) => String(path).replace(/\/+$/, '').split('/').pop();
  byId('title').textContent = `${results.method}: AUC ${valueText(results.auc.value)} on ${results.photos.toLocaleString('en')} photos`;
  document.title = `${results.method} \u2013 looking3d evaluation`;
  byId('facts').textContent = [
    `${fileName(options.data)}, split ${options.split}`, `${results.shapes.toLocaleString('en')} shapes`,
    `${results.anomalous_photos.toLocaleString('en')} photos anomalous`, results.not_judged ? `${results.not_judged} could not be judged` : '',
    options['test-views'] ? `${options['test-views']} reference views` : '', options.weights.split('/').slice(-2).join('/'),
  ].filter(Boolean).join(' \u00b7 ');
}

function showTiles() {
  const tile = (name, value, interval) => append(byId('tiles'), append(element('div', 'tile'), element('div', 'name', name), element('strong', '', value),
                                                                        element('div', 'interval', interval)));
  for (const key of ['auc', 'accuracy', 'average_precision', 'recall_at_1pct_false_alarms', 'box_ap_50']) {
    const found = results[key];
    if (found && found.value !== null) tile(measureNames.find(([k]) => k === key)[1], valueText(found.value), intervalText(found));
  }
  if (results.localisation.pixel_auroc !== null) tile('Pixel AUROC', valueText(results.localisation.pixel_auroc), 'of the heat maps');
}

// Slices: a dot and its interval on an axis of AUC that all share.
function sliceGroups() {
  return [['By kind', results.by_kind], ['By visible size of the change', results.by_visible_size], ['By side of the photo', results.by_side]]
    .filter(([, slices]) => slices);
}

function sliceRow(name, slice, low) {
  const place = (v) => `${100 * Math.min(1, Math.max(0, (v - low) / (1 - low)))}%`;
  const row = element('div', 'slice');
  const track = element('span', 'track');
  const half = element('span', 'half');
  half.style.left = place(0.5);
  append(track, half);
  if (slice.auc.low !== null) {
    const whisker = element('span', 'whisker');
    whisker.style.left = place(slice.auc.low);
    whisker.style.right = `calc(100% - ${place(slice.auc.high)})`;
    append(track, whisker);
  }
  if (slice.auc.value !== null) {
    const dot = element('span', 'dot');
    dot.style.left = place(slice.auc.value);
    append(track, dot);
  }
  const text = append(element('span', 'label'), element('span', '', name), element('span', 'count', ` ${slice.anomalous_photos}`));
  row.title = `${name}: AUC ${valueText(slice.auc.value)} (${intervalText(slice.auc)}), ${slice.anomalous_photos} photos, ` +
    `recall at 1 % false alarms ${valueText(slice.recall_at_1pct_false_alarms)}`;
  return append(row, text, track, element('span', 'value', valueText(slice.auc.value, 2)));
}

function showSlices() {
  const values = sliceGroups().flatMap(([, slices]) => Object.values(slices).flatMap((s) => [s.auc.low, s.auc.value])).filter((v) => v !== null);
  const low = Math.min(0.5, Math.floor(10 * Math.min(...values)) / 10);
  const groups = element('div', 'slice-groups');
  for (const [title, slices] of sliceGroups()) {
    const group = append(element('div'), element('h3', '', title));
    for (const [name, slice] of Object.entries(slices)) append(group, sliceRow(name.replace(/^from /, ''), slice, low));
    const middle = element('span', 'middle', low < 0.45 ? '0.5' : '');
    middle.style.left = `${100 * (0.5 - low) / (1 - low)}%`;
    const ticks = append(element('span', 'ticks'), element('span', '', fixed(low, 1)), middle, element('span', '', '1'));
    append(groups, append(group, append(element('div', 'slice axis-row'), element('span'), ticks, element('span'))));
  }
  append(byId('slices'), groups);
}

function showComparison() {
  const comparison = results.comparison;
  if (!comparison) return;
  const panel = byId('comparison');
  panel.hidden = false;
  append(panel, element('h2', '', 'Against the earlier run'),
         element('p', 'muted', `${comparison.method}, ${comparison.with}. Differences on the same photos, 95 % intervals over shapes; bold where the interval leaves out 0.`));
  const table = element('table');
  const head = element('tr');
  for (const name of ['Measure', 'Before', 'Now', 'Difference', '95 % interval']) append(head, element('th', '', name));
  append(table, append(element('thead'), head), element('tbody'));
  for (const [key, name] of measureNames) {
    const measure = comparison.measures[key];
    if (!measure || measure.difference.value === null) continue;
    const difference = measure.difference;
    const telling = difference.low !== null && (difference.low > 0 || difference.high < 0);
    const signed = (v) => (v === null ? '\u2013' : `${v >= 0 ? '+' : '\u2212'}${fixed(Math.abs(v), 3)}`);
    append(table.tBodies[0], append(element('tr'), element('td', '', name), element('td', '', valueText(measure.before)), element('td', '', valueText(measure.after)),
                                    append(element('td'), element(telling ? 'strong' : 'span', '', signed(difference.value))),
                                    element('td', '', `${signed(difference.low)} to ${signed(difference.high)}`)));
  }
  append(panel, append(element('div', 'table-wrap flat'), table));
}

// Gallery.
function boxElement(box, className) {
  const node = element('div', `box ${className}`);
  node.style.left = `${100 * (box[0] - box[2] / 2)}%`;
  node.style.top = `${100 * (box[1] - box[3] / 2)}%`;
  node.style.width = `${100 * box[2]}%`;
  node.style.height = `${100 * box[3]}%`;
  return node;
}

function shot(photo) {
  const stage = append(element('div', 'stage'), picture(photo.photo, `photo ${photo.name}`), photo.heat ? picture(photo.heat, '', 'heat') : null);
  if (photo.true_box) append(stage, boxElement(photo.true_box, 'true-box'));
  if (photo.box && photo.probability >= 0.5) append(stage, boxElement(photo.box, 'found-box'));
  const words = append(element('span', 'words'), element('span', 'kind', photo.kind), element('span', '', fixed(photo.probability, 3)),
                       element('span', 'shape', photo.refused ? `${photo.shape}, not judged` : photo.shape));
  const caption = append(element('figcaption'), words, photo.reference ? picture(photo.reference, 'the reference from about there') : null);
  const figure = append(element('figure', 'shot'), stage, caption);
  figure.title = photo.name;
  return figure;
}

const groupNotes = {
  'False alarms': 'normal pieces that were called deviating, the surest first',
  'Misses': 'deviations that were passed, the surest first',
  'Deviations found': 'the surest first',
  'Pieces passed': 'normal pieces, the surest first',
};

function showGallery() {
  for (const group of data.gallery) {
    append(byId('gallery'), append(element('div', 'group-head'), element('h2', '', group.title), element('span', 'muted', groupNotes[group.title])),
           group.photos.length ? append(element('div', 'shots'), ...group.photos.map(shot)) : element('p', 'none', 'None.'));
  }
  const slider = byId('heat-opacity');
  const showOpacity = () => {
    byId('gallery').style.setProperty('--heat', slider.value / 100);
    byId('heat-value').textContent = `${slider.value} %`;
  };
  slider.addEventListener('input', showOpacity);
  showOpacity();
  byId('show-box').addEventListener('change', (event) => byId('gallery').classList.toggle('hide-box', !event.target.checked));
}

function showMeasures() {
  const body = byId('measures').tBodies[0];
  const row = (name, value, interval) => append(body, append(element('tr'), element('td', '', name), element('td', '', value), element('td', '', interval)));
  for (const [key, name] of measureNames) row(name, valueText(results[key].value), intervalText(results[key]));
  for (const [key, name] of heatNames) row(name, valueText(results.localisation[key]), '');
  if (results.pose) {
    row('Azimuth error, median', `${fixed(results.pose.median_azimuth_error_deg, 2)}\u00b0`, '');
    row('Azimuth within 5\u00b0', percent(results.pose.azimuth_within_5_deg), '');
  }
  for (const [name, value] of Object.entries(options)) append(byId('options'), element('dt', '', name), element('dd', '', String(value) || '\u2013'));
  for (const [name, value] of Object.entries(results.trained || {})) append(byId('options'), element('dt', '', `trained: ${name}`), element('dd', '', String(value)));
}

showHead();
showTiles();
showCurves();
showSlices();
showComparison();
showGallery();
showMatches();
showMeasures();
