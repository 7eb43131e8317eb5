// Rasterization: a shape covers the pixels whose center lies within it. No anti-aliasing, so a mask is never gray.

const first = (edge) => Math.ceil(edge - 0.5);

function clipped(bits, left, top, right, bottom) {
  return {
    left: Math.max(0, left),
    top: Math.max(0, top),
    right: Math.min(bits.width, right),
    bottom: Math.min(bits.height, bottom),
  };
}

/** The stroke of a round brush from a to b. Returns the rectangle that may have changed. */
export function capsule(bits, a, b, radius, value) {
  const box = clipped(
    bits,
    Math.floor(Math.min(a.x, b.x) - radius),
    Math.floor(Math.min(a.y, b.y) - radius),
    Math.ceil(Math.max(a.x, b.x) + radius),
    Math.ceil(Math.max(a.y, b.y) + radius),
  );
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const length = dx * dx + dy * dy;
  const within = radius * radius;
  for (let y = box.top; y < box.bottom; y += 1) {
    const py = y + 0.5;
    for (let x = box.left; x < box.right; x += 1) {
      const px = x + 0.5;
      const along = length === 0 ? 0 : ((px - a.x) * dx + (py - a.y) * dy) / length;
      const near = Math.min(1, Math.max(0, along));
      const ex = a.x + near * dx - px;
      const ey = a.y + near * dy - py;
      if (ex * ex + ey * ey <= within) bits.data[y * bits.width + x] = value;
    }
  }
  return box;
}

/** The rectangle between two opposite corners. */
export function rectangle(bits, a, b, value) {
  const box = clipped(
    bits,
    first(Math.min(a.x, b.x)),
    first(Math.min(a.y, b.y)),
    first(Math.max(a.x, b.x)),
    first(Math.max(a.y, b.y)),
  );
  for (let y = box.top; y < box.bottom; y += 1) {
    if (box.right > box.left) bits.data.fill(value, y * bits.width + box.left, y * bits.width + box.right);
  }
  return box;
}

/** The area enclosed by a closed line, which may intersect itself. */
export function polygon(bits, points, value) {
  const xs = points.map((point) => point.x);
  const ys = points.map((point) => point.y);
  const least = (values) => values.reduce((one, other) => Math.min(one, other));
  const most = (values) => values.reduce((one, other) => Math.max(one, other));
  const box = clipped(bits, first(least(xs)), first(least(ys)), first(most(xs)), first(most(ys)));
  for (let y = box.top; y < box.bottom; y += 1) {
    let winding = 0;
    let from = 0;
    for (const { x, turn } of crossings(points, y + 0.5)) {
      if (winding === 0) from = x;
      winding += turn;
      if (winding === 0) {
        const start = Math.max(box.left, first(from));
        const end = Math.min(box.right, first(x));
        if (end > start) bits.data.fill(value, y * bits.width + start, y * bits.width + end);
      }
    }
  }
  return box;
}

function crossings(points, y) {
  const found = [];
  let a = points[points.length - 1];
  for (const b of points) {
    if (a.y <= y !== b.y <= y) {
      found.push({ x: a.x + ((y - a.y) * (b.x - a.x)) / (b.y - a.y), turn: a.y <= y ? 1 : -1 });
    }
    a = b;
  }
  return found.sort((one, other) => one.x - other.x);
}
