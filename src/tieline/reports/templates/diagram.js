// Zoom, movement, names and texts of one-line diagrams, by mouse, touch and keys. Without this script a diagram stands whole, and
// the browser shows the texts by itself.
(function () {
  const STEP = 1.6; // of one press of a button
  const MOST_ZOOM = 60;
  const REACH_PX = { mouse: 10, pen: 16, touch: 26 }; // how near to a bus counts as meant: dots are smaller than a finger
  const DRAG_PX = 5; // less is a trembling hand
  const NAME_PX = 12;
  const MOST_NAMES = 150;
  const LETTER = 0.62; // mean width of a letter over its height

  const tip = document.createElement("div");
  tip.className = "tip";
  tip.setAttribute("role", "status");
  tip.hidden = true;
  document.body.append(tip);

  function textOf(element) {
    const title = [...element.children].find((child) => child.tagName === "title");
    if (title) {
      // the browser would show it a second time
      element.dataset.text = title.textContent;
      element.setAttribute("aria-label", title.textContent);
      title.remove();
    }
    return element.dataset.text;
  }

  function elementAt(target) {
    for (let element = target; element && element.tagName !== "svg"; element = element.parentElement) {
      if (textOf(element)) return element;
    }
    return null;
  }

  function showTip(text, x, y) {
    tip.textContent = text;
    tip.hidden = false;
    const box = tip.getBoundingClientRect();
    const left = Math.min(Math.max(8, x + 14), innerWidth - box.width - 8);
    const below = y + 18 + box.height < innerHeight;
    tip.style.left = `${Math.max(8, left)}px`;
    tip.style.top = `${below ? y + 18 : Math.max(8, y - box.height - 14)}px`;
  }

  const hideTip = () => { tip.hidden = true; };

  function makeDiagram(svg) {
    const network = svg.querySelector(".tl-network");
    const [x0, y0, width0, height0] = network.getAttribute("viewBox").split(" ").map(Number);
    const [, , outerWidth] = svg.getAttribute("viewBox").split(" ").map(Number);
    const top = Number(network.getAttribute("y") || 0);
    let view = { x: x0, y: y0, width: width0 };
    let dots = null;
    const names = document.createElementNS("http://www.w3.org/2000/svg", "g");
    names.setAttribute("class", "tl-name tl-near");
    network.append(names);

    const zoom = () => width0 / view.width;
    // dots grow by the root: large enough to be met, small enough to be told apart
    const dotScale = () => 1 / Math.sqrt(zoom());
    const pxPerUnit = () => (svg.getBoundingClientRect().width / outerWidth) * zoom();

    function pointAt(clientX, clientY) {
      const box = svg.getBoundingClientRect();
      const unit = outerWidth / box.width / zoom();
      const topPx = (top * box.width) / outerWidth;
      return { x: view.x + (clientX - box.left) * unit, y: view.y + (clientY - box.top - topPx) * unit };
    }

    function setView(x, y, width) {
      const within = Math.min(width0, Math.max(width0 / MOST_ZOOM, width));
      const height = (within * height0) / width0;
      view = {
        x: Math.min(Math.max(x, x0), x0 + width0 - within),
        y: Math.min(Math.max(y, y0), y0 + height0 - height),
        width: within,
      };
      network.setAttribute("viewBox", `${view.x} ${view.y} ${within} ${height}`);
      svg.classList.toggle("zoomed", zoom() > 1.001);
      svg.style.setProperty("--dot-scale", dotScale());
      hideTip();
      cancelAnimationFrame(setView.frame);
      setView.frame = requestAnimationFrame(writeNames);
    }

    function zoomAt(point, factor) {
      const width = Math.min(width0, view.width / factor);
      const share = width / view.width;
      setView(point.x - (point.x - view.x) * share, point.y - (point.y - view.y) * share, width);
    }

    const middle = () => ({ x: view.x + view.width / 2, y: view.y + (view.width * height0) / width0 / 2 });

    function allDots() {
      dots ??= [...network.querySelectorAll(".tl-bus")].map((element) => ({
        element,
        x: Number(element.getAttribute("cx")),
        y: Number(element.getAttribute("cy")),
        r: Number(element.getAttribute("r")),
        name: textOf(element).split("\n")[0].replace(/^bus /, ""),
      }));
      return dots;
    }

    function nearestDot(point, reach) {
      let nearest = null;
      let least = reach;
      for (const dot of allDots()) {
        const distance = Math.hypot(dot.x - point.x, dot.y - point.y) - dot.r * dotScale();
        if (distance < least) {
          least = distance;
          nearest = dot;
        }
      }
      return nearest;
    }

    // Names of a part of the network, as many as do not lie on each other; the whole has those that were placed with care.
    function writeNames() {
      names.replaceChildren();
      if (zoom() <= 1.001) return;
      const height = (view.width * height0) / width0;
      const size = NAME_PX / pxPerUnit();
      const boxes = [];
      const inView = allDots().filter((dot) => dot.x > view.x && dot.x < view.x + view.width && dot.y > view.y && dot.y < view.y + height);
      names.setAttribute("font-size", size);
      for (const dot of inView) {
        if (boxes.length >= MOST_NAMES) break;
        const radius = dot.r * dotScale();
        const x = dot.x + radius + size * 0.3;
        const y = dot.y - radius * 0.6 - size * 0.15;
        const box = [x, y - size, x + dot.name.length * size * LETTER, y + size * 0.3];
        if (boxes.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) continue;
        boxes.push(box);
        const text = document.createElementNS("http://www.w3.org/2000/svg", "text");
        text.setAttribute("x", x);
        text.setAttribute("y", y);
        text.setAttribute("stroke-width", size * 0.22);
        text.textContent = dot.name;
        names.append(text);
      }
    }

    function tell(event) {
      const point = pointAt(event.clientX, event.clientY);
      const met = elementAt(event.target);
      const isBranch = met && met.classList.contains("tl-branch");
      if (met && !isBranch) return showTip(textOf(met), event.clientX, event.clientY);
      const dot = nearestDot(point, (REACH_PX[event.pointerType] ?? REACH_PX.mouse) / pxPerUnit());
      if (dot) return showTip(textOf(dot.element), event.clientX, event.clientY);
      if (met) return showTip(textOf(met), event.clientX, event.clientY);
      return hideTip();
    }

    const fingers = new Map();
    let moved = false;
    let grip = null; // where the network was taken hold of

    const spread = () => {
      const [a, b] = [...fingers.values()];
      return { px: Math.hypot(a.x - b.x, a.y - b.y), x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
    };

    svg.addEventListener("pointerdown", (event) => {
      fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      moved = fingers.size > 1;
      grip = { ...pointAt(event.clientX, event.clientY), clientX: event.clientX, clientY: event.clientY };
      if (fingers.size === 2) grip = { px: spread().px, width: view.width, ...pointAt(spread().x, spread().y) };
    });
    svg.addEventListener("pointermove", (event) => {
      if (!fingers.has(event.pointerId)) {
        if (event.pointerType === "mouse") tell(event);
        return;
      }
      fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
      if (fingers.size === 2) {
        const now = spread();
        const width = (grip.width * grip.px) / now.px;
        setView(view.x, view.y, width);
        const at = pointAt(now.x, now.y);
        setView(view.x + grip.x - at.x, view.y + grip.y - at.y, view.width);
      } else if (zoom() > 1.001) {
        moved ||= Math.hypot(event.clientX - grip.clientX, event.clientY - grip.clientY) > DRAG_PX;
        if (!moved) return;
        svg.setPointerCapture(event.pointerId);
        const at = pointAt(event.clientX, event.clientY);
        setView(view.x + grip.x - at.x, view.y + grip.y - at.y, view.width);
      }
    });
    for (const end of ["pointerup", "pointercancel"]) {
      svg.addEventListener(end, (event) => {
        const isTap = end === "pointerup" && fingers.size === 1 && !moved;
        fingers.delete(event.pointerId);
        if (isTap) tell(event);
        // the finger that stays goes on from where it is
        const [rest] = fingers.values();
        if (rest) grip = { ...pointAt(rest.x, rest.y), clientX: rest.x, clientY: rest.y };
      });
    }
    svg.addEventListener("pointerleave", (event) => {
      if (event.pointerType === "mouse") hideTip();
    });
    // the wheel alone belongs to the page
    svg.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      zoomAt(pointAt(event.clientX, event.clientY), Math.exp(-event.deltaY / 300));
    }, { passive: false });
    svg.addEventListener("dblclick", (event) => zoomAt(pointAt(event.clientX, event.clientY), STEP * STEP));

    const controls = document.createElement("div");
    controls.className = "zoom";
    const actions = [
      ["+", "Zoom in", () => zoomAt(middle(), STEP)],
      ["\u2212", "Zoom out", () => zoomAt(middle(), 1 / STEP)],
      ["\u2922", "Show the whole network", () => setView(x0, y0, width0)],
    ];
    for (const [sign, label, act] of actions) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = sign;
      button.title = label;
      button.setAttribute("aria-label", label);
      button.addEventListener("click", act);
      controls.append(button);
    }
    const shifts = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    controls.addEventListener("keydown", (event) => {
      const shift = shifts[event.key];
      if (!shift || zoom() <= 1.001) return;
      event.preventDefault();
      setView(view.x + (shift[0] * view.width) / 5, view.y + (shift[1] * view.width) / 5, view.width);
    });
    svg.parentElement.prepend(controls);
    addEventListener("beforeprint", () => setView(x0, y0, width0));
  }

  const makeAll = () => document.querySelectorAll("svg.tl-diagram").forEach(makeDiagram);
  makeAll();
  // a page that draws anew says so
  document.addEventListener("tieline:drawn", makeAll);
  document.addEventListener("pointerdown", (event) => {
    if (!event.target.closest(".tl-diagram")) hideTip();
  });
  addEventListener("scroll", hideTip, { passive: true });
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") hideTip();
  });
})();
