// Draws the reference's mesh: one WebGL context for the page, however many photos it shows.
const vertexShader = `#version 300 es
uniform mat4 cameraFromWorld, clipFromCamera;
in vec3 position;
out vec3 seen;
void main() {
  vec4 inCamera = cameraFromWorld * vec4(position, 1.0);
  seen = inCamera.xyz;
  gl_Position = clipFromCamera * inCamera;
}`;
const fragmentShader = `#version 300 es
precision highp float;
uniform vec4 tint;      // colour of the part and how far it covers the grey
uniform float hatching; // distance of the stripes in pixels; 0: none
uniform bool flatTint;  // the tint as it is, for telling parts
in vec3 seen;
out vec4 colour;
void main() {
  if (flatTint) { colour = tint; return; }
  vec3 normal = normalize(cross(dFdx(seen), dFdy(seen)));
  float cosine = abs(dot(normal, normalize(seen)));
  float grey = 0.18 + 0.72 * cosine;  // head_light of src/render/scene.cpp
  vec3 lit = mix(vec3(grey), tint.rgb * (0.45 + 0.55 * cosine), tint.a);
  bool gap = hatching > 0.0 && fract((gl_FragCoord.x + gl_FragCoord.y) / hatching) < 0.5;
  float alpha = gap ? 0.15 : 1.0;
  colour = vec4(lit * alpha, alpha);
}`;

function decoded(base64, Numbers) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; ++i) bytes[i] = text.charCodeAt(i);
  return new Numbers(bytes.buffer);
}

const radians = (degrees) => degrees * Math.PI / 180;

// camera_from_world of a camera on its orbit, by rows (orbit_camera of src/geometry/camera.cpp).
function orbitPose({azimuth, elevation, roll, distance}) {
  const ce = Math.cos(radians(elevation)), se = Math.sin(radians(elevation));
  const ca = Math.cos(radians(azimuth)), sa = Math.sin(radians(azimuth));
  const cr = Math.cos(radians(roll)), sr = Math.sin(radians(roll));
  const right = [ca, 0, -sa], down = [se * sa, -ce, se * ca];
  return [
    ...right.map((x, i) => cr * x - sr * down[i]), 0,
    ...right.map((x, i) => sr * x + cr * down[i]), 0,
    -ce * sa, -se, -ce * ca, distance,
    0, 0, 0, 1,
  ];
}

// By rows. `camera`: focal, centreX, centreY in pixels of a picture of width x height. The object's sphere, of radius 1, lies between the planes.
function clipFromCamera({focal, centreX, centreY, width, height, distance}) {
  const near = Math.max(0.01, distance - 1.05), far = distance + 1.05;
  return [
    2 * focal / width, 0, 2 * centreX / width - 1, 0,
    0, -2 * focal / height, 1 - 2 * centreY / height, 0,
    0, 0, (far + near) / (far - near), -2 * far * near / (far - near),
    0, 0, 1, 0,
  ];
}

function linked(gl) {
  const program = gl.createProgram();
  for (const [kind, source] of [[gl.VERTEX_SHADER, vertexShader], [gl.FRAGMENT_SHADER, fragmentShader]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  return program;
}

class MeshPainter {
  // `mesh` as src/inspect/page_reference.h says; `changed` is called when all must be drawn again.
  constructor(mesh, changed) {
    this.parts = mesh.parts;
    this.vertices = decoded(mesh.vertices, Int16Array);
    this.indices = decoded(mesh.indices, Uint32Array);
    this.canvas = document.createElement('canvas');
    this.gl = this.canvas.getContext('webgl2', {antialias: true});
    if (!this.gl) return;
    this.prepare();
    this.canvas.addEventListener('webglcontextlost', (event) => event.preventDefault());
    this.canvas.addEventListener('webglcontextrestored', () => { this.prepare(); changed(); });
  }

  get works() { return Boolean(this.gl); }

  prepare() {
    const gl = this.gl;
    const program = linked(gl);
    gl.useProgram(program);
    this.at = Object.fromEntries(['cameraFromWorld', 'clipFromCamera', 'tint', 'hatching', 'flatTint'].map((name) => [name, gl.getUniformLocation(program, name)]));
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, this.vertices, gl.STATIC_DRAW);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, this.indices, gl.STATIC_DRAW);
    const position = gl.getAttribLocation(program, 'position');
    gl.enableVertexAttribArray(position);
    gl.vertexAttribPointer(position, 3, gl.SHORT, true, 0, 0);
    gl.enable(gl.DEPTH_TEST);
    this.onePixel = gl.createFramebuffer();
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.onePixel);
    for (const [attachment, format] of [[gl.COLOR_ATTACHMENT0, gl.RGBA8], [gl.DEPTH_ATTACHMENT, gl.DEPTH_COMPONENT16]]) {
      const buffer = gl.createRenderbuffer();
      gl.bindRenderbuffer(gl.RENDERBUFFER, buffer);
      gl.renderbufferStorage(gl.RENDERBUFFER, format, 1, 1);
      gl.framebufferRenderbuffer(gl.FRAMEBUFFER, attachment, gl.RENDERBUFFER, buffer);
    }
  }

  // Draws all parts for a camera (clipFromCamera, orbitPose); look(i): {tint: [r, g, b, a] 0..1, hatching} of part i.
  drawParts(camera, look) {
    const gl = this.gl;
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.uniformMatrix4fv(this.at.cameraFromWorld, true, orbitPose(camera));
    gl.uniformMatrix4fv(this.at.clipFromCamera, true, clipFromCamera(camera));
    this.parts.forEach((part, i) => {
      const {tint, hatching} = look(i);
      gl.uniform4fv(this.at.tint, tint);
      gl.uniform1f(this.at.hatching, hatching);
      gl.drawElements(gl.TRIANGLES, part.count, gl.UNSIGNED_INT, 4 * part.first);
    });
  }

  // Onto a canvas of its own, with the page's colour behind.
  draw(canvas, camera, look) {
    const gl = this.gl;
    if (this.canvas.width !== canvas.width || this.canvas.height !== canvas.height) {
      this.canvas.width = canvas.width;
      this.canvas.height = canvas.height;
    }
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.uniform1i(this.at.flatTint, 0);
    this.drawParts(camera, look);
    const sheet = canvas.getContext('2d');
    sheet.clearRect(0, 0, canvas.width, canvas.height);
    sheet.drawImage(this.canvas, 0, 0);
  }

  // The part seen at a place of a width x height picture, pixels from its top-left corner; -1: none.
  partAt(x, y, width, height, camera) {
    const gl = this.gl;
    gl.bindFramebuffer(gl.FRAMEBUFFER, this.onePixel);
    gl.viewport(-Math.floor(x), Math.floor(y) + 1 - height, width, height);
    gl.uniform1i(this.at.flatTint, 1);
    this.drawParts(camera, (i) => ({tint: [(i + 1 >> 16) / 255, (i + 1 >> 8 & 255) / 255, (i + 1 & 255) / 255, 1], hatching: 0}));
    const pixel = new Uint8Array(4);
    gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
    return (pixel[0] << 16 | pixel[1] << 8 | pixel[2]) - 1;
  }
}
