// Draws the charts of a page. Everything else works without this script.
(() => {
  "use strict";

  const escapes = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
  // The chart library reads some tags in texts; names of records are never meant as such.
  const plain = (text) => String(text).replace(/[&<>]/g, (sign) => escapes[sign]);
  // On a narrow screen a long label takes two lines: the fact, and its value.
  const folded = (text, longest) => {
    const end = text.indexOf(": ");
    return text.length <= longest || end < 0 ? plain(short(text, longest)) : `${plain(short(text.slice(0, end + 1), longest))}<br>${plain(short(text.slice(end + 2), longest))}`;
  };
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

  const PLACE_WIDTH = 46;
  const faded = (colour, share) => colour.replace(/^rgb\(([^)]+)\)$/, `rgba($1, ${share})`);
  const signed = (value, decimals) => (value < 0 ? "−" : "+") + Math.abs(value).toLocaleString("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  const written = (value, decimals) => value.toLocaleString("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals }).replace("-", "−");

  function waterfall(chart, tones, narrow, width) {
    const longest = narrow ? 20 : 38;
    tones = { ...tones.fills, line: tones.line };
    const labels = [chart.base_label, ...chart.steps.map((step) => step.label), chart.answer_label];
    const sizes = [chart.base, ...chart.steps.map((step) => step.size), chart.answer];
    const last = sizes.length - 1;
    const ends = [];
    chart.steps.reduce((at, step) => { ends.push(at, at + step.size); return at + step.size; }, chart.base);
    const low = Math.min(chart.base, chart.answer, ...ends), high = Math.max(chart.base, chart.answer, ...ends);
    const texts = sizes.map((size, place) => (place === 0 || place === last ? written(size, chart.decimals) : signed(size, chart.decimals)));
    // Where the steps are small beside the base, the picture shows only the stretch in which they are.
    const isFar = low > 0 && high - low < 0.15 * high;
    const start = isFar ? low - 0.5 * (high - low) : Math.min(low, 0);
    const longestNumber = Math.max(...texts.map((text) => text.length));
    const share = Math.min(0.6, Math.max(narrow ? 0.3 : 0.16, (longestNumber * 8) / (0.55 * Math.max(width, 300))));
    const room = Math.max(high - start, 1e-6) * share;
    return {
      traces: [{
        type: "waterfall", orientation: "h", measure: sizes.map((_, place) => (place === 0 ? "absolute" : place === last ? "total" : "relative")),
        y: sizes.map((_, place) => place), x: sizes.map((size, place) => (place === last ? 0 : size)),
        text: texts, textposition: "outside", cliponaxis: false, constraintext: "none",
        hovertext: labels.map((label, place) => `${plain(label)}: ${texts[place]}`),
        hoverinfo: "text",
        increasing: { marker: { color: tones[chart.raises] } }, decreasing: { marker: { color: chart.raises === "good" ? tones.bad : tones.good } }, totals: { marker: { color: tones.soft } },
        connector: { line: { color: tones.line, width: 1 } },
      }],
      layout: {
        xaxis: { title: { text: plain(chart.axis) }, range: [low < 0 ? low - room : start, high + room] },
        yaxis: { autorange: "reversed", tickvals: sizes.map((_, place) => place), ticktext: labels.map((label) => (narrow ? folded(label, longest) : plain(short(label, longest)))), automargin: true, showgrid: false, zeroline: false },
        bargap: 0.32,
      },
      height: 90 + (narrow ? 34 : 30) * sizes.length,
    };
  }

  function lines(chart, tones, narrow) {
    const traces = [];
    for (const line of chart.lines) {
      const colour = tones[line.tone];
      if (line.lower.length) {
        const edge = { type: "scatter", mode: "lines", x: chart.places, line: { width: 0 }, hoverinfo: "skip", showlegend: false };
        traces.push({ ...edge, y: line.lower }, { ...edge, y: line.upper, fill: "tonexty", fillcolor: faded(colour, 0.18) });
      }
      traces.push({
        type: "scatter", mode: !line.joined ? "markers" : line.dots ? "lines+markers" : "lines", x: chart.places, y: line.values, name: plain(line.name),
        line: { color: colour, width: 2.25, dash: line.dashed ? "dot" : "solid" }, marker: { color: colour, size: line.joined ? 6 : 9 },
        hovertemplate: `${plain(line.name)}: %{y:,.${chart.decimals}f}<extra></extra>`,
      });
    }
    const values = { title: { text: plain(chart.axis) }, range: chart.minimum === null && chart.maximum === null ? undefined : [chart.minimum, chart.maximum], rangemode: "normal" };
    const layout = {
      hovermode: "x unified", showlegend: chart.lines.length > 1,
      xaxis: { showgrid: false, title: { text: plain(chart.place_title) }, tickangle: 0, ...(narrow ? { nticks: 4 } : {}) }, yaxis: values,
    };
    if (chart.density.length) {
      // The bars lie on the first axis, so that the lines on the second are in front of them.
      for (const trace of traces) trace.yaxis = "y2";
      traces.unshift({
        type: "bar", x: chart.places, y: chart.density, name: plain(chart.density_name), showlegend: false, marker: { color: faded(tones.rest, 0.6) },
        hovertemplate: `${plain(chart.density_name)}: %{y:,.1f}<extra></extra>`, width: 0.75,
      });
      const places = chart.places.map((_, place) => place);
      for (const trace of traces) trace.x = places;
      layout.xaxis = { ...layout.xaxis, title: {}, zeroline: false, ticklabeloverflow: "allow", tickvals: places, ticktext: chart.places.map((place) => plain(short(String(place), narrow ? 12 : 16))), tickangle: typeof chart.places[0] === "string" && chart.places.some((place) => place.length > 6) ? -40 : 0 };
      layout.hovermode = "closest";
      layout.yaxis = { visible: false, range: [0, 3 * Math.max(...chart.density)] };
      layout.yaxis2 = { ...values, overlaying: "y", side: "left", tickmode: "auto", nticks: 6 };
    }
    return { traces, layout };
  }

  function bars(chart, tones, narrow, width) {
    tones = tones.fills;
    const every = chart.lying ? 1 : Math.ceil((chart.places.length * PLACE_WIDTH) / Math.max(width - 60, PLACE_WIDTH));
    const names = chart.places.map((place) => plain(typeof place === "string" ? short(place, narrow ? 20 : 38) : place));
    const traces = chart.bars.map((bar) => ({
      type: "bar", orientation: chart.lying ? "h" : "v", name: plain(bar.name), marker: { color: tones[bar.tone] },
      [chart.lying ? "y" : "x"]: chart.lying ? names.map((_, place) => place) : chart.places, [chart.lying ? "x" : "y"]: bar.values,
      hovertemplate: `${plain(bar.name)}: %{${chart.lying ? "x" : "y"}:,.${chart.decimals}f}<extra></extra>`,
    }));
    const values = { title: { text: plain(chart.axis) } };
    const places = chart.lying
      ? { autorange: "reversed", automargin: true, showgrid: false, zeroline: false, tickvals: names.map((_, place) => place), ticktext: names }
      : { showgrid: false, title: { text: plain(chart.place_title) }, ...(every > 1 ? { tickvals: chart.places.filter((_, place) => (chart.places.length - 1 - place) % every === 0), tickangle: 0 } : {}) };
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
    const { traces, layout, height } = kinds[chart.kind](chart, tones, narrow, figure.clientWidth);
    const axis = { gridcolor: tones.line, linecolor: tones.line, zerolinecolor: tones.line, tickfont: { color: tones.soft }, fixedrange: true };
    const dressed = (own) => ({ ...axis, ...own, title: { ...own.title, font: { size: 12, color: tones.soft }, standoff: 8 } });
    if (height) canvas.style.height = `${height}px`;
    else if (!canvas.style.height) canvas.style.height = figure.classList.contains("tall") ? "25rem" : "17rem";
    return window.Plotly.react(canvas, traces, {
      margin: { l: 8, r: narrow ? 12 : 28, t: 8, b: 40 }, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: getComputedStyle(document.body).fontFamily, size: 12.5, color: tones.ink }, dragmode: false,
      legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0, traceorder: "normal", font: { size: narrow ? 11.5 : 12.5, color: tones.soft } },
      hoverlabel: { bgcolor: tones.surface, bordercolor: tones.line, font: { color: tones.ink } },
      ...layout,
      xaxis: { automargin: true, ...dressed(layout.xaxis) }, yaxis: { automargin: true, ...dressed(layout.yaxis) },
      ...(layout.yaxis2 ? { yaxis2: { automargin: true, ...dressed(layout.yaxis2) } } : {}),
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
