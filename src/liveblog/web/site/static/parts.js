/** The small parts that entries and headers share, as templates/_parts.html makes them. */

import { el, joined } from "./element.js";

const PLAYED = { video: /\.(mp4|m4v|webm|ogv|mov)$/i, audio: /\.(mp3|m4a|aac|ogg|oga|opus|wav|flac)$/i };

/** Who wrote it: name, role and outlet, with commas between. */
export const byline = (given, kind, words) =>
  given.length > 0 &&
  el(`p.${kind}`, {}, words.say("reader.by"), " ", joined(given.map((each) =>
    el("span.contributor", {},
      el("span.name", {}, each.name),
      each.role && [", ", el("span.role", {}, each.role)],
      each.outlet && [", ", el("span.outlet", {}, each.outlet)])), "; "));

/** Whose word it is. */
export const sources = (given, words) =>
  given.length > 0 &&
  el("p.sources", {}, el("span.lead", {}, words.say("reader.sources", { n: given.length })), " ", joined(given.map(named), ", "));

/** Related coverage. */
export const links = (given) =>
  given.length > 0 && el("ul.links", {}, given.map((each) => el("li", {}, named({ ...each, name: each.title }))));

const named = ({ name, url }) => (url ? el("a", { href: url, rel: "noopener" }, name) : el("span", {}, name));

const plays = ({ type, url }) => {
  try {
    return PLAYED[type]?.test(new URL(url).pathname) ?? false;
  } catch {
    return false;
  }
};

const length = (seconds) => {
  const two = (n) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
};

/** A picture, video or recording in a frame that keeps its place. */
export function medium(each, words) {
  const sized = each.width && each.height;
  const size = sized ? { width: each.width, height: each.height } : {};
  const lazy = { loading: "lazy", decoding: "async" };
  const frame = (kind, child) => el(`${kind}.frame${sized ? "" : ".unsized"}`, {}, child);
  const kind = words.say(`reader.media_${each.type}`);
  const shown = () => {
    const { url, type, alt, poster } = each;
    if (!url) return alt && el("p.absent", {}, `${kind}: ${alt}`);
    if (type === "image") return frame("div", el("img", { src: url, alt: alt ?? "", ...size, ...lazy }));
    const player = { src: url, controls: true, preload: "none" };
    if (plays(each) && type === "video")
      return frame("div", el("video", { ...player, playsinline: true, poster: poster || null, ...size, "aria-label": alt || null }));
    if (plays(each)) return el("audio", { ...player, "aria-label": alt || null });
    return el("a.media-page", { href: url, rel: "noopener" },
      poster && frame("span", el("img", { src: poster, alt: "", ...size, ...lazy })),
      el("span.media-kind", {}, kind), " ", el("span.media-name", {}, alt || each.caption || url));
  };
  const timed = each.duration_s !== null && each.duration_s !== undefined;
  return el(`figure.media.media-${each.type}`, {}, shown(),
    (each.caption || each.credit || timed) && el("figcaption", {},
      each.caption && el("span.caption", {}, each.caption),
      each.credit && [" ", el("span.credit", {}, each.credit)],
      timed && [" ", el("span.duration", {}, length(each.duration_s))]));
}
