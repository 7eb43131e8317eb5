// Guide lines over the image that are not part of the mask: the outline of the brush, a rectangle or lasso in progress,
// and the crosshair of the keyboard. Each is drawn twice, dark below light, so that it is visible on any image.

export class Guide {
  constructor(svg) {
    this.svg = svg;
    this.outlines = [...svg.querySelectorAll(".outline")];
    this.crosses = [...svg.querySelectorAll(".cross")];
    this.circles = [...svg.querySelectorAll("circle")];
  }

  measure(width, height) {
    this.width = width;
    this.height = height;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  }

  brush(point, radius) {
    for (const circle of this.circles) {
      circle.setAttribute("cx", point.x);
      circle.setAttribute("cy", point.y);
      circle.setAttribute("r", radius);
      circle.removeAttribute("hidden");
    }
  }

  noBrush() {
    for (const circle of this.circles) circle.setAttribute("hidden", "");
  }

  line(points) {
    const path = points.map(({ x, y }, i) => `${i ? "L" : "M"}${x} ${y}`).join("");
    for (const each of this.outlines) each.setAttribute("d", path && `${path}Z`);
  }

  cross({ x, y }) {
    for (const each of this.crosses) each.setAttribute("d", `M0 ${y}H${this.width}M${x} 0V${this.height}`);
  }

  noCross() {
    for (const each of this.crosses) each.setAttribute("d", "");
  }
}
