// Shows what `sweep` found: a line for each weights file, a table of all settings.
const colours = ['var(--series-1)', 'var(--series-2)', 'var(--series-3)', 'var(--series-4)'];
const rowName = (row) => (row.train_views ? `${row.weights}, trained with ${row.train_views} views` : row.weights);
const aucAt = (row, k, n) => row.auc[k * data.test_views.length + n];
const best = (values) => values.reduce((a, b) => (b.value > a.value ? b : a));
const known = data.rows.flatMap((row) => row.auc).filter((auc) => auc.value !== null);
const low = known.length ? Math.max(0, Math.floor(20 * Math.min(...known.map((auc) => auc.low))) / 20) : 0;
const high = known.length ? Math.min(1, Math.ceil(20 * Math.max(...known.map((auc) => auc.high))) / 20) : 1;

const least = Math.min(...known.map((auc) => auc.value)), most = Math.max(...known.map((auc) => auc.value));

// Lines over settings that stand side by side, evenly: numbers and the word "all" alike.
function lines(names, xLabel, statisticAt) {
  const last = names.length - 1;
  const {root, x, y} = plot({x: [-0.3, last + 0.3], y: [low, high], xLabel, yLabel: 'AUC', xTicks: [], yTicks: ticksBetween(low, high, 4),
    format: (v) => fixed(v, 2), description: `AUC by ${xLabel}`});
  names.forEach((name, i) => append(root, label(x(i), y(low) + 17, name, {'text-anchor': 'middle'})));
  data.rows.forEach((row, r) => {
    const colour = colours[r % colours.length];
    const shift = (r - (data.rows.length - 1) / 2) * 0.07;
    const found = names.map((_, i) => statisticAt(row, i));
    append(root, svg('path', {class: 'line', stroke: colour, d: pathOf(found.map((auc, i) => [x(i + shift), y(auc.value)]))}));
    found.forEach((auc, i) => append(root, svg('line', {x1: x(i + shift), x2: x(i + shift), y1: y(auc.low), y2: y(auc.high), stroke: colour, 'stroke-width': 1.5, opacity: 0.5}),
      titled(svg('circle', {cx: x(i + shift), cy: y(auc.value), r: 4, fill: colour}), `${rowName(row)}: ${valueText(auc.value)} (${intervalText(auc)})`)));
  });
  return root;
}

function table(row) {
  const body = element('table');
  const head = append(element('tr'), element('th', '', 'k'));
  for (const views of data.test_views) append(head, element('th', '', `${views} views`));
  append(body, append(element('thead'), head), element('tbody'));
  data.top_k.forEach((k, i) => {
    const line = append(element('tr'), element('th', '', k));
    data.test_views.forEach((_, n) => {
      const auc = aucAt(row, i, n);
      const cell = append(element('td', 'heat', valueText(auc.value)), element('small', '', intervalText(auc, 2)));
      const share = most > least && auc.value !== null ? (auc.value - least) / (most - least) : 0;
      cell.style.background = `color-mix(in srgb, var(--accent) ${Math.round(6 + 40 * share)}%, var(--card))`;
      append(line, cell);
    });
    append(body.tBodies[0], line);
  });
  return append(element('section', 'panel'), element('h2', '', rowName(row)), append(element('div', 'table-wrap'), body));
}

byId('facts').textContent = `${data.photos} photos of ${data.shapes} shapes, split ${data.options.split}; bars: 95 % intervals over shapes`;
const mostViews = data.test_views.length - 1;
if (known.length === data.rows.length * data.top_k.length * data.test_views.length) {
  const bestK = data.top_k.map((_, k) => k).reduce((a, b) => (
    best(data.rows.map((row) => aucAt(row, b, mostViews))).value > best(data.rows.map((row) => aucAt(row, a, mostViews))).value ? b : a));
  append(byId('by-k'), element('p', 'muted', `With ${data.test_views[mostViews]} reference views.`), lines(data.top_k, 'k', (row, k) => aucAt(row, k, mostViews)));
  append(byId('by-views'), element('p', 'muted', `With k = ${data.top_k[bestK]}.`), lines(data.test_views, 'reference views', (row, n) => aucAt(row, bestK, n)));
  const key = data.rows.map((row, r) => [rowName(row), colours[r % colours.length]]);
  for (const panel of ['by-k', 'by-views']) append(byId(panel), legend(key));
}
append(byId('tables'), ...data.rows.map(table));
