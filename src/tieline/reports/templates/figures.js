// Figures fit the paper: redrawn to the width of the page before printing and back after, folded parts opened. On a phone panels
// side by side keep the width in which they are read, and are moved sideways; names of lines that stand below each other get room
// of their own.
(function () {
  const READABLE_PX = 640;
  const figures = () => document.querySelectorAll(".js-plotly-plot");
  const folded = () => document.querySelectorAll("details");
  const isSideBySide = (figure) => figure.layout.xaxis2?.domain?.[0] > 0;
  // from the first to the last name, also those that a bar would scroll to
  const legendHeight = (figure) => {
    const names = [...figure.querySelectorAll(".legend .traces")].map((name) => name.getBoundingClientRect());
    if (!names.length) return 0;
    return Math.max(...names.map((name) => name.bottom)) - Math.min(...names.map((name) => name.top));
  };
  addEventListener("load", () => {
    if (innerWidth >= READABLE_PX) return;
    figures().forEach((figure) => {
      const height = figure.offsetHeight + legendHeight(figure);
      // the frame around a figure has its height too
      figure.parentElement.style.height = `${height}px`;
      Plotly.relayout(figure, { height });
    });
    [...figures()].filter(isSideBySide).forEach((figure) => {
      figure.style.minWidth = `${READABLE_PX}px`;
      Plotly.Plots.resize(figure);
    });
  });
  addEventListener("beforeprint", () => {
    figures().forEach((figure) => Plotly.relayout(figure, { width: 660, autosize: false }));
    folded().forEach((part) => { part.open = true; });
  });
  addEventListener("afterprint", () => figures().forEach((figure) => Plotly.relayout(figure, { width: null, autosize: true })));
})();
