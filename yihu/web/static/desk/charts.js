// Draws what a page says in a data block right after the place of the chart:
//   <div class="chart" id="exits" role="img" aria-label="…"></div>
//   <script type="application/json" data-chart="exits">{ECharts option}</script>
// An option may name a map: {"map": {"name": "county", "url": "/…geojson"}, "option": {…}}.
// Readable defaults are laid under the option; what the page says wins.
import { getInstanceByDom, init, registerMap } from "../made/echarts.min.js";

export const COLOURS = ["#0f5f55", "#d08a1d", "#1a5da6", "#a33a2c", "#6a4a9c", "#5d7f2a", "#7a6a5a"];
/** From little to much; the darkest still carries a white label. */
export const RAMP = ["#f3f0e4", "#cfe0cf", "#8fbfae", "#3f8f82", "#0f5f55"];

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
  const chart = init(place, null, { renderer: "svg" });
  chart.setOption(readable(option));
  chart.on("click", (event) => {
    const url = event.data?.url;
    if (url) location.assign(url);
  });
  new ResizeObserver(() => chart.resize()).observe(place);
  return chart;
}

/** An option with the defaults under it. */
export function readable(option) {
  const many = Array.isArray(option.series) ? option.series.length > 1 : false;
  const drawn = {
    color: COLOURS,
    textStyle: TEXT,
    animationDuration: 300,
    aria: { enabled: true },
    ...option,
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
    drawn.grid = { left: 8, right: 16, top: many ? 40 : 16, bottom: 8, containLabel: true, ...option.grid };
    drawn.xAxis = axis(option.xAxis);
    drawn.yAxis = axis(option.yAxis);
  }
  if (many && !option.legend) drawn.legend = { top: 0, left: 0, icon: "roundRect", textStyle: TEXT };
  return drawn;
}

function axis(given) {
  if (Array.isArray(given)) return given.map(axis);
  return { ...AXIS, ...given, axisLabel: { ...AXIS.axisLabel, ...given?.axisLabel } };
}
