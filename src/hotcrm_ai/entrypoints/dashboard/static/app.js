// Draws the charts of a page. Everything else works without this script.
(() => {
  "use strict";

  const escapes = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
  // The chart library reads some tags in texts; names of records are never meant as such.
  const plain = (text) => String(text).replace(/[&<>]/g, (sign) => escapes[sign]);
  const short = (text, longest) => (text.length > longest ? text.slice(0, longest - 1) + "…" : text);

  function colours() {
    const probe = document.createElement("i");
    document.body.append(probe);
    const found = {};
    for (const name of ["ink", "soft", "line", "surface", "accent", "good", "bad", "warn", "second", "third", "rest", "fill-good", "fill-bad"]) {
      probe.style.color = `var(--${name})`;
      found[name] = getComputedStyle(probe).color;
    }
    probe.remove();
    // Areas are drawn lighter than texts.
    found.fills = { ...found, good: found["fill-good"], bad: found["fill-bad"], soft: found.rest };
    return found;
  }

  const faded = (colour, share) => colour.replace(/^rgb\(([^)]+)\)$/, `rgba($1, ${share})`);
  const signed = (value, decimals) => (value < 0 ? "−" : "+") + Math.abs(value).toLocaleString("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  const written = (value, decimals) => value.toLocaleString("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals }).replace("-", "−");

  function waterfall(chart, tones, narrow) {
    const longest = narrow ? 20 : 38;
    tones = { ...tones.fills, line: tones.line };
    const labels = [chart.base_label, ...chart.steps.map((step) => step.label), chart.answer_label];
    const sizes = [chart.base, ...chart.steps.map((step) => step.size), chart.answer];
    const last = sizes.length - 1;
    const ends = [];
    chart.steps.reduce((at, step) => { ends.push(at, at + step.size); return at + step.size; }, chart.base);
    const low = Math.min(chart.base, chart.answer, ...ends), high = Math.max(chart.base, chart.answer, ...ends);
    const room = Math.max(high - low, 1e-6) * (narrow ? 0.3 : 0.16);
    return {
      traces: [{
        type: "waterfall", orientation: "h", measure: sizes.map((_, place) => (place === 0 ? "absolute" : place === last ? "total" : "relative")),
        y: sizes.map((_, place) => place), x: sizes.map((size, place) => (place === last ? 0 : size)),
        text: sizes.map((size, place) => (place === 0 || place === last ? written(size, chart.decimals) : signed(size, chart.decimals))),
        textposition: "outside", cliponaxis: false, constraintext: "none",
        hovertext: labels.map((label, place) => `${plain(label)}: ${place === 0 || place === last ? written(sizes[place], chart.decimals) : signed(sizes[place], chart.decimals)}`),
        hoverinfo: "text",
        increasing: { marker: { color: tones[chart.raises] } }, decreasing: { marker: { color: chart.raises === "good" ? tones.bad : tones.good } }, totals: { marker: { color: tones.soft } },
        connector: { line: { color: tones.line, width: 1 } },
      }],
      layout: {
        xaxis: { title: { text: plain(chart.axis) }, range: [low >= 0 ? 0 : low - room, high + room] },
        yaxis: { autorange: "reversed", tickvals: sizes.map((_, place) => place), ticktext: labels.map((label) => plain(short(label, longest))), automargin: true, showgrid: false },
        bargap: 0.32,
      },
      height: 90 + 30 * sizes.length,
    };
  }

  function lines(chart, tones) {
    const traces = [];
    for (const line of chart.lines) {
      const colour = tones[line.tone];
      if (line.lower.length) {
        const edge = { type: "scatter", mode: "lines", x: chart.places, line: { width: 0 }, hoverinfo: "skip", showlegend: false };
        traces.push({ ...edge, y: line.lower }, { ...edge, y: line.upper, fill: "tonexty", fillcolor: faded(colour, 0.18) });
      }
      traces.push({
        type: "scatter", mode: line.dots ? "lines+markers" : "lines", x: chart.places, y: line.values, name: plain(line.name),
        line: { color: colour, width: 2.25, dash: line.dashed ? "dot" : "solid" }, marker: { color: colour, size: 6 },
        hovertemplate: `${plain(line.name)}: %{y:,.${chart.decimals}f}<extra></extra>`,
      });
    }
    return {
      traces,
      layout: {
        hovermode: "x unified", showlegend: chart.lines.length > 1,
        xaxis: { showgrid: false, title: { text: plain(chart.place_title) } },
        yaxis: { title: { text: plain(chart.axis) }, range: chart.minimum === null && chart.maximum === null ? undefined : [chart.minimum, chart.maximum], rangemode: "normal" },
      },
    };
  }

  function bars(chart, tones, narrow) {
    tones = tones.fills;
    const names = chart.places.map((place) => plain(typeof place === "string" ? short(place, narrow ? 20 : 38) : place));
    const traces = chart.bars.map((bar) => ({
      type: "bar", orientation: chart.lying ? "h" : "v", name: plain(bar.name), marker: { color: tones[bar.tone] },
      [chart.lying ? "y" : "x"]: chart.lying ? names.map((_, place) => place) : chart.places, [chart.lying ? "x" : "y"]: bar.values,
      hovertemplate: `${plain(bar.name)}: %{${chart.lying ? "x" : "y"}:,.${chart.decimals}f}<extra></extra>`,
    }));
    const values = { title: { text: plain(chart.axis) } };
    const places = chart.lying
      ? { autorange: "reversed", automargin: true, showgrid: false, tickvals: names.map((_, place) => place), ticktext: names }
      : { showgrid: false, title: { text: plain(chart.place_title) } };
    return {
      traces,
      layout: { barmode: chart.stacked ? "stack" : "group", bargap: 0.3, showlegend: chart.bars.length > 1, xaxis: chart.lying ? values : places, yaxis: chart.lying ? places : values },
      height: chart.lying ? 70 + 26 * names.length * (chart.stacked ? 1 : Math.max(1, chart.bars.length * 0.7)) : undefined,
    };
  }

  const kinds = { waterfall, lines, bars };

  function draw(figure, given) {
    const canvas = figure.querySelector(".canvas");
    const chart = given || JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
    const tones = colours();
    const narrow = figure.clientWidth < 520;
    const { traces, layout, height } = kinds[chart.kind](chart, tones, narrow);
    const axis = { gridcolor: tones.line, linecolor: tones.line, zerolinecolor: tones.line, tickfont: { color: tones.soft }, fixedrange: true };
    const dressed = (own) => ({ ...axis, ...own, title: { ...own.title, font: { size: 12, color: tones.soft }, standoff: 8 } });
    if (height) canvas.style.height = `${height}px`;
    else if (!canvas.style.height) canvas.style.height = figure.classList.contains("tall") ? "25rem" : "17rem";
    return window.Plotly.react(canvas, traces, {
      margin: { l: 8, r: narrow ? 12 : 28, t: 8, b: 40 }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: getComputedStyle(document.body).fontFamily, size: 12.5, color: tones.ink }, dragmode: false,
      legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0, font: { color: tones.soft } },
      hoverlabel: { bgcolor: tones.surface, bordercolor: tones.line, font: { color: tones.ink } },
      ...layout,
      xaxis: { automargin: true, ...dressed(layout.xaxis) }, yaxis: { automargin: true, ...dressed(layout.yaxis) },
    }, { displayModeBar: false, responsive: true, scrollZoom: false, doubleClick: false, showTips: false });
  }

  function drawAll() {
    if (!window.Plotly) return;
    for (const figure of document.querySelectorAll("figure.chart")) draw(figure);
    document.documentElement.dataset.drawn = "true";
  }

  window.hotcrm = { draw };
  drawAll();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
})();
