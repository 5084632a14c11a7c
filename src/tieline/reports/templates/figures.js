// Figures fit the paper: redrawn to the width of the page before printing and back after, folded parts opened. On a phone panels
// side by side keep the width in which they are read, and are moved sideways.
(function () {
  const READABLE_PX = 640;
  const figures = () => document.querySelectorAll(".js-plotly-plot");
  const folded = () => document.querySelectorAll("details");
  const isSideBySide = (figure) => figure.layout.xaxis2?.domain?.[0] > 0;
  addEventListener("load", () => {
    if (innerWidth >= READABLE_PX) return;
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
