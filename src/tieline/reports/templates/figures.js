// Figures fit the paper: redrawn to the width of the page before printing and back after, folded parts opened. On a phone legends
// and titles of axes get less room than the curves.
(function () {
  const figures = () => document.querySelectorAll(".js-plotly-plot");
  const folded = () => document.querySelectorAll("details");
  addEventListener("beforeprint", () => {
    figures().forEach((figure) => Plotly.relayout(figure, { width: 660, autosize: false }));
    folded().forEach((part) => { part.open = true; });
  });
  addEventListener("afterprint", () => figures().forEach((figure) => Plotly.relayout(figure, { width: null, autosize: true })));
})();
