// Draws the memory of a soak as an SVG that can be read on light and on dark pages.
import { type ProcessName, processNames, type Sample } from './memory.ts';

const WIDTH = 900;
const PANEL_HEIGHT = 200;
const LEFT = 64;
const RIGHT = 28;
const TOP = 40;
const GAP = 48;

/** A kill of the product, at a time of the samples. */
export interface Kill {
  readonly seconds: number;
  readonly names: readonly ProcessName[];
}

export interface Plot {
  readonly title: string;
  readonly samples: readonly Sample[];
  readonly kills: readonly Kill[];
}

const style = `<style>
text { font-family: sans-serif; font-size: 12px; fill: #1f2328 } .grid { stroke: #d1d9e0 } .line { fill: none; stroke: #0969da; stroke-width: 1.5 }
.kill { stroke: #cf222e; stroke-dasharray: 3 3 } .kills { fill: #cf222e } .page { fill: #ffffff }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc } .grid { stroke: #3d444d } .line { stroke: #4493f8 } .kill { stroke: #f85149 } .kills { fill: #f85149 }
.page { fill: #0d1117 }
}
</style>`;

/** Returns the distance of the lines of a scale that ends at a value: 1, 2 or 5 times a power of ten, four to eight lines. */
function stepFor(highest: number): number {
  const power = 10 ** Math.floor(Math.log10(highest / 4));
  return [5, 2, 1].map((factor) => factor * power).find((step) => highest / step >= 4) ?? power;
}

function panel({ samples, kills }: Plot, name: ProcessName, top: number): string {
  const own = samples.filter(({ process }) => process === name);
  const [lastSecond, highest] = [
    Math.max(...samples.map(({ seconds }) => seconds)),
    Math.max(...own.map(({ megabytes }) => megabytes)) * 1.1,
  ];
  const x = (seconds: number) => (LEFT + (seconds / lastSecond) * (WIDTH - LEFT - RIGHT)).toFixed(1);
  const y = (megabytes: number) => (top + PANEL_HEIGHT * (1 - megabytes / highest)).toFixed(1);
  const step = stepFor(highest);
  const levels = Array.from({ length: Math.floor(highest / step) + 1 }, (_, index) => index * step);
  const minutes = Array.from({ length: Math.floor(lastSecond / 60) + 1 }, (_, minute) => minute);
  const lives = [...Map.groupBy(own, ({ life }) => life).values()];
  return [
    `<text x="${LEFT}" y="${top - 10}">Resident memory of the ${name}, in MB</text>`,
    ...levels.map(
      (level) =>
        `<path class="grid" d="M${LEFT} ${y(level)}H${WIDTH - RIGHT}"/><text x="${LEFT - 8}" y="${y(level)}" dy="4" text-anchor="end">${level}</text>`,
    ),
    ...minutes.map(
      (minute) =>
        `<text x="${x(minute * 60)}" y="${top + PANEL_HEIGHT + 16}" text-anchor="middle">${minute} min</text>`,
    ),
    ...kills.map(({ seconds }) => `<path class="kill" d="M${x(seconds)} ${top}V${top + PANEL_HEIGHT}"/>`),
    ...lives.map(
      (life) =>
        `<polyline class="line" points="${life.map(({ seconds, megabytes }) => `${x(seconds)},${y(megabytes)}`).join(' ')}"/>`,
    ),
  ].join('\n');
}

/** Returns the plot as the text of an SVG file. */
export function plotOf(plot: Plot): string {
  const height = TOP + 2 * (PANEL_HEIGHT + GAP);
  const panels = processNames.map((name, index) => panel(plot, name, TOP + 24 + index * (PANEL_HEIGHT + GAP)));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${plot.title}">`,
    style,
    `<rect class="page" width="${WIDTH}" height="${height}"/>`,
    `<text x="${LEFT}" y="20" font-weight="bold">${plot.title}</text>`,
    `<text class="kills" x="${WIDTH - RIGHT}" y="20" text-anchor="end">dashed: kill -9</text>`,
    ...panels,
    '</svg>\n',
  ].join('\n');
}
