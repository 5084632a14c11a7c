// Repaints the buses of a drawing as they are in the step where its slider stands. A group of buses that always look alike has
// the steps in which its look changes, and the looks.
(function () {
  const PLAY_S = 30; // long enough to see an hour pass, short enough to be watched to the end

  function makeSlider(figure) {
    const data = JSON.parse(figure.querySelector("script").textContent);
    const input = figure.querySelector("input");
    const status = figure.querySelector(".note-now");
    const button = (name) => figure.querySelector(`[data-go=${name}]`);
    const last = data.steps.length - 1;
    const dots = new Map();
    figure.querySelectorAll("[data-bus]").forEach((dot) => dots.set(dot.dataset.bus, dot));
    const groups = data.groups.map((group) => ({ ...group, dots: group.names.map((name) => dots.get(name)), shown: -1 }));
    const attributes = [...new Set(data.looks.flatMap(Object.keys))];
    let timer = 0;

    function numberAt(runs, step) {
      let low = 0;
      let high = runs.starts.length - 1;
      while (low < high) {
        const middle = Math.ceil((low + high) / 2);
        if (runs.starts[middle] <= step) low = middle;
        else high = middle - 1;
      }
      return runs.classes[low];
    }

    function paint(group, step) {
      const number = numberAt(group, step);
      if (number === group.shown) return; // most groups stay as they are: thousands of buses move without a delay
      group.shown = number;
      const look = data.looks[number];
      for (const dot of group.dots) {
        for (const name of attributes) {
          if (name in look) dot.setAttribute(name, look[name]);
          else dot.removeAttribute(name);
        }
      }
    }

    function show(step, spoken) {
      groups.forEach((group) => paint(group, step));
      const text = `${data.steps[step]}: ${data.texts[numberAt(data.note, step)]}`;
      // the slider speaks its own value; after a button the sentence below must speak
      status.setAttribute("aria-live", spoken ? "polite" : "off");
      status.textContent = text;
      input.value = step;
      input.setAttribute("aria-valuetext", text);
      // not `disabled`: a button that is left behind would take the focus of the keys with it
      button("previous").setAttribute("aria-disabled", step === 0);
      button("next").setAttribute("aria-disabled", !(data.stops.at(-1) > step));
    }

    function stop() {
      clearInterval(timer);
      timer = 0;
      button("play").textContent = "Play";
    }

    function play() {
      if (timer) return stop();
      const began = performance.now();
      const from = Number(input.value) < last ? Number(input.value) : 0;
      button("play").textContent = "Pause";
      timer = setInterval(() => {
        const step = from + Math.floor(((performance.now() - began) / 1000 / PLAY_S) * last);
        show(Math.min(step, last), false);
        if (step >= last) stop();
      }, 40);
    }

    function go(step) {
      stop();
      if (step !== undefined) show(step, true);
    }

    input.addEventListener("input", () => { stop(); show(Number(input.value), false); });
    button("previous").addEventListener("click", () => go([0, ...data.stops].filter((step) => step < Number(input.value)).at(-1)));
    button("next").addEventListener("click", () => go(data.stops.find((step) => step > Number(input.value))));
    button("play").addEventListener("click", play);
    // where nothing changes there is nowhere to go; nothing moves by itself for who asked for that
    button("previous").hidden = button("next").hidden = data.stops.length === 0;
    button("play").hidden = matchMedia("(prefers-reduced-motion: reduce)").matches;
    figure.querySelector(".controls").hidden = false;
    show(Number(input.value), false);
  }

  document.querySelectorAll("figure.slider").forEach(makeSlider);
})();
