/** Text as it stands between tags and in quotes. */
export function escapeXml(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, character => entities[character]);
}

/** `<name key="value">content</name>`. @param content markup, not text */
export function tag(name: string, attributes: Record<string, string | number>, content = ""): string {
  const written = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${typeof value === "number" ? round(value) : escapeXml(value)}"`,
  );
  return content === "" ? `<${name}${written.join("")}/>` : `<${name}${written.join("")}>${content}</${name}>`;
}

/** Text at a place. @param anchor which of its ends stands there */
export function text(
  x: number,
  y: number,
  content: string,
  anchor: "start" | "middle" | "end" = "start",
  more: Record<string, string> = {},
): string {
  return tag("text", { x, y, "text-anchor": anchor, ...more }, escapeXml(content));
}

/** A whole picture that any browser shows. */
export function svg(width: number, height: number, content: string): string {
  const attributes = { xmlns: "http://www.w3.org/2000/svg", width, height, viewBox: `0 0 ${round(width)} ${round(height)}` };
  return tag(
    "svg",
    { ...attributes, "font-family": "sans-serif", "font-size": 12 },
    tag("rect", { width, height, fill: "white" }) + content,
  );
}

const round = (value: number) => String(Math.round(value * 100) / 100);
