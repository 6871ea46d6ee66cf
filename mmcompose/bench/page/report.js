"use strict";
(() => {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const drawn = [];

  const line = (each, index, kind) => ({
    label: each.label,
    data: each.points,
    borderColor: colour(`--c${((kind === "curve" ? index >> 1 : index) % 6) + 1}`),
    backgroundColor: colour(`--c${((kind === "curve" ? index >> 1 : index) % 6) + 1}`),
    borderDash: each.dash ? [6, 4] : [],
    borderWidth: 2,
    yAxisID: each.axis === "right" ? "y2" : "y",
    pointRadius: kind === "curve" ? each.points.map((dot) => (dot.knee ? 8 : 4)) : 0,
    pointStyle: kind === "curve" ? each.points.map((dot) => (dot.knee ? "rectRot" : "circle")) : "circle",
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

  const wide = (chart) => {
    const all = chart.lines.flatMap((each) => each.points.map((dot) => dot.x)).filter((x) => x > 0);
    return all.length > 1 && Math.max(...all) > 20 * Math.min(...all);
  };

  const options = (chart) => ({
    animation: false,
    maintainAspectRatio: false,
    interaction: { mode: chart.kind === "curve" ? "nearest" : "index", intersect: false },
    scales: {
      x: axis(chart.x, { type: chart.kind === "cdf" && wide(chart) ? "logarithmic" : "linear", beginAtZero: chart.kind === "curve" }),
      y: axis(chart.y, { beginAtZero: true, max: chart.kind === "cdf" ? 100 : undefined }),
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
        options: { ...options(chart), parsing: false, normalized: false, showLine: true },
      }));
    });
    document.documentElement.dataset.drawn = String(drawn.length);
  };

  draw();
  dark.addEventListener("change", draw);
})();
