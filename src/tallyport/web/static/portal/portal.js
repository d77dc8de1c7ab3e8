// Draws the charts of a page. Figures name their colours; here they become those of day or night.
"use strict";

(() => {
  const style = () => getComputedStyle(document.documentElement);
  const names = ["accent", "good", "fair", "bad", "cool"];

  const coloured = (value, palette) => {
    if (typeof value === "string") return palette[value] ?? value;
    if (Array.isArray(value)) return value.map((one) => coloured(one, palette));
    return value;
  };

  const draw = (place) => {
    const figure = JSON.parse(document.getElementById(place.dataset.figure).textContent);
    const css = style();
    const palette = Object.fromEntries(names.map((name) => [name, css.getPropertyValue(`--${name}`).trim()]));
    const ink = css.getPropertyValue("--ink").trim();
    const line = css.getPropertyValue("--line").trim();
    for (const trace of figure.data) {
      for (const part of [trace.marker, trace.node]) {
        if (part?.color) part.color = coloured(part.color, palette);
        if (part?.colors) part.colors = coloured(part.colors, palette);
      }
      if (trace.node) trace.node.line = { width: 0 };
      if (trace.link) trace.link.color = css.getPropertyValue("--flow").trim();
    }
    const layout = {
      margin: { l: 8, r: 8, t: 8, b: 8 },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: css.getPropertyValue("--font").trim(), size: 12, color: ink },
      ...figure.layout,
    };
    for (const axis of ["xaxis", "yaxis"]) {
      layout[axis] = { gridcolor: line, zerolinecolor: line, automargin: true, ...(layout[axis] ?? {}) };
    }
    window.Plotly.react(place, figure.data, layout, { responsive: true, displayModeBar: false, displaylogo: false });
  };

  const drawAll = () => {
    if (window.Plotly) document.querySelectorAll(".chart[data-figure]").forEach(draw);
  };

  document.addEventListener("DOMContentLoaded", drawAll);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
})();
