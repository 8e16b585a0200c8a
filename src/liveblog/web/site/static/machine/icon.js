/** The pictures on the keys, drawn in a square of 24. */

const SVG = "http://www.w3.org/2000/svg";
const PATHS = {
  play: "M7 4v16l13-8z",
  pause: "M6 4h4v16H6zM14 4h4v16h-4z",
  step_on: "M5 4h3v16H5zM11 4v16l10-8z",
  step_back: "M5 4h3v16H5zM11 4v16l10-8z",
  close: "M5 3.6 3.6 5l7 7-7 7L5 20.4l7-7 7 7 1.4-1.4-7-7 7-7L19 3.6l-7 7z",
  next: "M4 4v16l9-8zM15 12l4-5 4 5-4 5z",
  previous: "M4 4v16l9-8zM15 12l4-5 4 5-4 5z",
};

/** @param {boolean} back Whether it points against the way in which time runs. */
export function icon(name, back = false) {
  const svg = drawing(24, 24);
  svg.classList.toggle("back", back);
  svg.firstChild.setAttribute("d", PATHS[name]);
  return svg;
}

/** A picture of one path, silent for who cannot see it. */
export function drawing(width, height) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(SVG, "path"));
  return svg;
}
