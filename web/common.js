'use strict';
// Shared by the pages: the data that the page carries, and elements made of it. Every string from outside goes through textContent; pictures
// are data URIs.
const data = JSON.parse(document.getElementById('data').textContent);
const byId = (id) => document.getElementById(id);
const percent = (p) => `${Math.round(100 * p)} %`;
const fixed = (x, digits) => Number(x).toFixed(digits);

function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function append(parent, ...children) {
  for (const child of children) if (child) parent.appendChild(child);
  return parent;
}

function picture(source, description, className) {
  const image = element('img', className);
  image.src = source;
  image.alt = description;
  return image;
}
