// Charts as SVG. A plot has its data area between margins; x and y map values to pixels.
function svg(tag, attributes, ...children) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
  for (const child of children) if (child) node.appendChild(child);
  return node;
}

function label(x, y, text, attributes) {
  const node = svg('text', {x, y, ...attributes});
  node.textContent = text;
  return node;
}

function titled(node, text) {
  const title = svg('title');
  title.textContent = text;
  node.appendChild(title);
  return node;
}

const ticksBetween = (low, high, count) => Array.from({length: count + 1}, (_, i) => low + (high - low) * i / count);

// {x, y, xLabel, yLabel}: ranges [low, high] and their names; format gives the ticks' texts.
function plot({width = 420, height = 320, x: [x0, x1], y: [y0, y1], xLabel, yLabel, xTicks, yTicks, format = (v) => fixed(v, 1), xFormat = format, description}) {
  const left = 52, right = 12, top = 10, bottom = 42;
  const x = (v) => left + (v - x0) / (x1 - x0) * (width - left - right);
  const y = (v) => height - bottom - (v - y0) / (y1 - y0) * (height - top - bottom);
  const root = svg('svg', {class: 'chart', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': description || ''});
  for (const v of yTicks || ticksBetween(y0, y1, 5)) {
    append(root, svg('line', {class: 'grid', x1: left, x2: width - right, y1: y(v), y2: y(v)}), label(left - 7, y(v) + 4, format(v), {'text-anchor': 'end'}));
  }
  for (const v of xTicks || ticksBetween(x0, x1, 5)) append(root, label(x(v), height - bottom + 17, xFormat(v), {'text-anchor': 'middle'}));
  append(root, svg('line', {class: 'axis', x1: left, x2: width - right, y1: y(y0), y2: y(y0)}),
         label((left + width - right) / 2, height - 6, xLabel, {'text-anchor': 'middle'}),
         label(11, (top + height - bottom) / 2, yLabel, {'text-anchor': 'middle', transform: `rotate(-90 11 ${(top + height - bottom) / 2})`}));
  return {root, x, y};
}

const pathOf = (points) => points.map(([a, b], i) => `${i ? 'L' : 'M'}${a.toFixed(1)} ${b.toFixed(1)}`).join('');

function legend(items) {
  const list = element('div', 'legend');
  for (const [name, colour] of items) {
    const entry = element('span', '', name);
    const mark = element('i');
    mark.style.background = colour;
    entry.prepend(mark);
    list.appendChild(entry);
  }
  return list;
}

const intervalText = (statistic, digits = 3) =>
  (statistic.low === null ? '\u2013' : `${fixed(statistic.low, digits)} to ${fixed(statistic.high, digits)}`);
const valueText = (value, digits = 3) => (value === null || value === undefined ? '\u2013' : fixed(value, digits));
