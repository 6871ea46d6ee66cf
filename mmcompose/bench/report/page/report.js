"use strict";
(() => {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const drawn = [];

  const dotted = (kind) => kind === "curve" || kind === "likeness";
  const own = (each, index) => colour(`--c${((each.run ?? index) % 6) + 1}`);

  const line = (each, index, kind) => ({
    label: each.label,
    data: each.points,
    borderColor: own(each, index),
    backgroundColor: own(each, index),
    borderDash: each.dash ? [6, 4] : [],
    borderWidth: 2,
    yAxisID: each.axis === "right" ? "y2" : "y",
    pointRadius: dotted(kind) ? each.points.map((dot) => (dot.knee ? 8 : 4)) : 0,
    pointStyle: dotted(kind) ? each.points.map((dot) => (dot.knee ? "rectRot" : "circle")) : "circle",
    pointHitRadius: 8,
    stepped: kind === "cdf" ? "before" : false,
    tension: 0,
  });

  const axis = (title, more) => ({
    title: { display: true, text: title, color: colour("--faint") },
    ticks: { color: colour("--faint"), maxRotation: 0, autoSkipPadding: 12 },
    grid: { color: colour("--line") },
    ...more,
  });

  const powers = (title) => {
    const made = axis(title, { type: "logarithmic" });
    return { ...made, ticks: { ...made.ticks, callback: tidy } };
  };

  const wide = (chart) => {
    const all = chart.lines.flatMap((each) => each.points.map((dot) => dot.x)).filter((x) => x > 0);
    return all.length > 1 && Math.max(...all) > 20 * Math.min(...all);
  };

  // A logarithmic axis bears 1, 2 and 5 of each power of ten; all that it has would stand over each other.
  const tidy = (value) => {
    const first = Number((value / 10 ** Math.floor(Math.log10(value))).toPrecision(4));
    return [1, 2, 5].includes(first) ? Number(value.toPrecision(4)).toLocaleString("en") : null;
  };

  // The level of load beside each dot of the solid lines: what a dot is should not have to be guessed.
  const names = {
    id: "names",
    afterDatasetsDraw: (chart) => {
      const { ctx, chartArea } = chart;
      ctx.save();
      ctx.font = "12px system-ui, sans-serif";
      ctx.fillStyle = colour("--faint");
      chart.data.datasets.forEach((set, index) => {
        if (set.borderDash.length || !chart.isDatasetVisible(index)) return;
        chart.getDatasetMeta(index).data.forEach((dot, place) => {
          const text = set.data[place].label;
          if (!text) return;
          const right = dot.x + 8 + ctx.measureText(text).width < chartArea.right;
          ctx.textAlign = right ? "left" : "right";
          ctx.fillText(text, dot.x + (right ? 8 : -8), Math.max(dot.y - 8, chartArea.top + 10));
        });
      });
      ctx.restore();
    },
  };

  const options = (chart) => ({
    animation: false,
    maintainAspectRatio: false,
    interaction: { mode: dotted(chart.kind) ? "nearest" : "index", intersect: false },
    scales: {
      x: chart.kind === "cdf" && wide(chart) ? powers(chart.x) : axis(chart.x, { type: "linear", beginAtZero: dotted(chart.kind) }),
      y: axis(chart.y, { beginAtZero: chart.kind !== "likeness", max: { cdf: 100, likeness: 1 }[chart.kind] }),
      ...(chart.lines.some((each) => each.axis === "right")
        ? { y2: axis(chart.y2, { position: "right", beginAtZero: true, grid: { drawOnChartArea: false } }) }
        : {}),
    },
    plugins: {
      legend: { labels: { color: colour("--ink"), boxHeight: 2, usePointStyle: false }, position: "bottom" },
      tooltip: {
        callbacks: {
          title: (items) => (items.length && items[0].raw.label) || "",
          label: (item) => `${item.dataset.label}: ${item.formattedValue} at ${Number(item.raw.x.toPrecision(4))} ${chart.x}`,
        },
      },
    },
  });

  const draw = () => {
    drawn.splice(0).forEach((chart) => chart.destroy());
    document.querySelectorAll("canvas[data-chart]").forEach((canvas) => {
      const chart = JSON.parse(document.getElementById(canvas.dataset.chart).textContent);
      drawn.push(new Chart(canvas, {
        type: "line",
        data: { datasets: chart.lines.map((each, index) => line(each, index, chart.kind)) },
        plugins: dotted(chart.kind) ? [names] : [],
        options: { ...options(chart), parsing: false, normalized: false, showLine: true },
      }));
    });
    document.documentElement.dataset.drawn = String(drawn.length);
  };

  draw();
  dark.addEventListener("change", draw);
})();
