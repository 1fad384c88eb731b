// Draws what a page says in a data block right after the place of the chart:
//   <div class="chart" id="exits" role="img" aria-label="…"></div>
//   <script type="application/json" data-chart="exits">{ECharts option}</script>
// An option may name a map: {"map": {"name": "county", "url": "/…geojson"}, "option": {…}}.
// Readable defaults are laid under the option; what the page says wins.
import { getInstanceByDom, init, registerMap } from "../made/echarts.min.js";

export const COLOURS = ["#0f5f55", "#d08a1d", "#1a5da6", "#a33a2c", "#6a4a9c", "#5d7f2a", "#7a6a5a"];
/** From little to much; the darkest still carries a white label. */
export const RAMP = ["#f3f0e4", "#cfe0cf", "#8fbfae", "#3f8f82", "#0f5f55"];

/** Pixels of a chart on A4, less the margins. */
const PAPER = 640;
const TEXT = { color: "#1f2a2e", fontSize: 12, fontFamily: getComputedStyle(document.body).fontFamily };
const AXIS = {
  axisLine: { lineStyle: { color: "#8f9a95" } },
  axisTick: { show: false },
  axisLabel: { color: "#47534f", fontSize: 12 },
  nameTextStyle: { color: "#47534f" },
  splitLine: { lineStyle: { color: "#e6e9e4" } },
};

/** Draw every chart below a node. */
export async function drawAll(root) {
  for (const block of root.querySelectorAll("script[data-chart]")) {
    const place = document.getElementById(block.dataset.chart);
    if (place && !getInstanceByDom(place)) await draw(place, JSON.parse(block.textContent));
  }
}

/** Draw one; returns the ECharts instance. */
export async function draw(place, says) {
  const option = says.option ?? says;
  if (says.map) {
    const answer = await fetch(says.map.url);
    registerMap(says.map.name, await answer.json());
  }
  const rows = option.yAxis?.type === "category" ? option.yAxis.data.length : 0;
  if (rows) place.style.height = `${Math.max(8, rows * 1.9 + 5)}rem`;
  const chart = init(place, null, { renderer: "svg" });
  chart.setOption(readable(option, place.clientWidth));
  chart.on("click", (event) => {
    const url = event.data?.url;
    if (url) location.assign(url);
  });
  let drawnAt = place.clientWidth;
  new ResizeObserver(() => {
    chart.resize();
    if (place.clientWidth === drawnAt) return;
    drawnAt = place.clientWidth;
    chart.setOption(readable(option, drawnAt));
  }).observe(place);
  return chart;
}

/** On paper a chart is as wide as the paper; back on the screen as its place. */
function fit(width) {
  for (const place of document.querySelectorAll(".chart")) {
    const chart = getInstanceByDom(place);
    chart?.resize({ width });
    // At once: the next frame would come after the page is printed.
    chart?.getZr().flush();
  }
}
addEventListener("beforeprint", () => fit(PAPER));
addEventListener("afterprint", () => fit("auto"));

/** An option with the defaults under it, for a chart of so many pixels. */
export function readable(option, width = 600) {
  const series = Array.isArray(option.series) ? option.series : [];
  const many = series.length > 1;
  const drawn = {
    color: COLOURS,
    textStyle: TEXT,
    animationDuration: 300,
    aria: { enabled: true },
    ...option,
    series: Array.isArray(option.series) ? series.map(haloed) : option.series,
    // Tooltips as text in the picture: as HTML they would bring style the page's policy forbids.
    tooltip: {
      renderMode: "richText",
      confine: true,
      backgroundColor: "#fff",
      borderColor: "#8f9a95",
      textStyle: TEXT,
      ...option.tooltip,
    },
  };
  if (option.xAxis || option.yAxis) {
    const named = [option.yAxis].flat().some((each) => each?.name) ? 36 : 0;
    const top = (many ? legendRows(series, width) * 24 + 12 : 16) + named;
    const bottom = option.xAxis?.name ? 28 : 8;
    drawn.grid = { left: 8, right: 16, top, bottom, containLabel: true, ...option.grid };
    drawn.xAxis = axis(option.xAxis, { nameLocation: "middle", nameGap: 28 });
    drawn.yAxis = [option.yAxis].flat().map((each, at) => upright(each, at, width));
  }
  if (many && !option.legend) drawn.legend = { top: 0, left: 0, icon: "roundRect", textStyle: TEXT };
  return drawn;
}

/** Lines the legend takes: a sign of 45 px and the words, as wide as they are. */
function legendRows(series, width) {
  let rows = 1;
  let used = 0;
  for (const { name = "" } of series) {
    const wide = 45 + [...name].reduce((sum, letter) => sum + (letter > "\u2e80" ? 12 : 7), 0);
    if (used && used + wide > width) {
      rows += 1;
      used = 0;
    }
    used += wide;
  }
  return rows;
}

/** Figures on a line stay legible over what they cross. */
function haloed(each) {
  if (each.type !== "line" || !each.label?.show) return each;
  const label = { color: TEXT.color, textBorderColor: "#fff", textBorderWidth: 3, ...each.label };
  return { ...each, label };
}

/** An upright axis: its unit stands over it, and long names break rather than push the bars out. */
function upright(given, at, width) {
  const drawn = axis(given, { nameGap: 22 });
  drawn.nameTextStyle = { ...AXIS.nameTextStyle, align: at ? "right" : "left" };
  if (drawn.type === "category") {
    drawn.axisLabel = { width: Math.round(width * 0.42), overflow: "break", ...drawn.axisLabel };
  }
  return drawn;
}

function axis(given, more) {
  return { ...AXIS, ...more, ...given, axisLabel: { ...AXIS.axisLabel, ...given?.axisLabel } };
}
