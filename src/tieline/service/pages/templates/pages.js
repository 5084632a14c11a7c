// What pages do beyond being read: they count down to the gate, follow what happens, and move through the intervals of a market.
(function () {
  // counts down to the gate; the page says the time itself where there is no script
  function countDown(line) {
    const target = line.querySelector(".countdown");
    const gate = Date.parse(line.dataset.gate);
    if (!target || Number.isNaN(gate)) return;
    const tick = () => {
      const left = Math.ceil((gate - Date.now()) / 1000);
      const minutes = Math.floor(left / 60);
      const seconds = String(left % 60).padStart(2, "0");
      target.textContent = left > 0 ? `${minutes}:${seconds} left` : "closed";
    };
    tick();
    setInterval(tick, 250);
  }

  // a run: how far it is, and the page anew when it has ended
  function follow(box) {
    const source = new EventSource(box.dataset.follow);
    const status = box.querySelector(".now");
    const bar = box.querySelector("progress");
    const state = document.querySelector("header .state");
    source.addEventListener("progress", (event) => {
      const told = JSON.parse(event.data);
      if (told.all) bar.value = told.done / told.all;
      status.textContent = told.text ? `${told.done} of ${told.all}: ${told.text}` : `${told.done} of ${told.all}`;
    });
    source.addEventListener("running", () => {
      state.textContent = "running";
      state.className = "state running";
      status.textContent = "A worker is computing.";
    });
    for (const kind of box.dataset.reloadOn.split(" ")) source.addEventListener(kind, () => location.reload());
  }

  // a session that has ended leads to another page: then the whole page goes there, to sign in and come back
  async function ask(address) {
    const answer = await fetch(address);
    if (answer.redirected) location.reload();
    return answer;
  }

  // a market: the interval where the slider stands, or the newest as it is published
  function makeBoard(board) {
    const target = board.querySelector(".interval");
    const slider = board.querySelector("input[type=range]");
    const place = board.dataset.place;
    const startsText = board.querySelector("script.starts");
    const starts = startsText ? JSON.parse(startsText.textContent) : [];
    const followButton = board.querySelector("[data-go=newest]");
    let shown = board.dataset.shown;
    let follows = !new URLSearchParams(location.search).has("at");
    let asked = 0;

    async function show(at) {
      const mine = ++asked;
      const query = new URLSearchParams({ show: shown });
      if (at !== undefined) query.set("at", at);
      const answer = await ask(`${place}/interval?${query}`);
      const text = await answer.text();
      // a later question may have been answered first
      if (answer.ok && !answer.redirected && mine === asked) {
        target.innerHTML = text;
        nameSlider();
        document.dispatchEvent(new Event("tieline:drawn"));
      }
    }

    // read out in place of the slider's number
    function nameSlider() {
      const heading = target.querySelector("[data-start]");
      if (slider && heading) slider.setAttribute("aria-valuetext", heading.textContent);
    }

    function setFollows(value) {
      follows = value;
      if (followButton) followButton.setAttribute("aria-pressed", String(value));
    }

    function current() {
      const heading = target.querySelector("[data-start]");
      return follows || !heading ? undefined : heading.dataset.start;
    }

    board.querySelectorAll("[data-show]").forEach((link) => {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        shown = link.dataset.show;
        board.querySelectorAll("[data-show]").forEach((other) => other.toggleAttribute("aria-current", false));
        link.setAttribute("aria-current", "true");
        show(current());
      });
    });

    if (slider) {
      slider.closest(".controls").hidden = false;
      setFollows(follows);
      nameSlider();
      slider.addEventListener("input", () => {
        setFollows(false);
        show(starts[Number(slider.value)]);
      });
      followButton.addEventListener("click", () => {
        setFollows(true);
        slider.value = slider.max;
        show();
      });
    }

    const source = new EventSource(`${place}/events?after=${board.dataset.lastEvent}`);
    source.addEventListener("interval-cleared", (event) => {
      if (!slider) return location.reload();
      const start = Date.parse(JSON.parse(event.data).interval) / 1000;
      if (!starts.includes(start)) {
        starts.push(start);
        slider.max = starts.length - 1;
      }
      if (follows) {
        slider.value = slider.max;
        show();
      } else if (Number(current()) === start) {
        // the interval that is looked at was cleared again
        show(start);
      }
    });
    source.addEventListener("interval-open", () => refreshGate());
    source.addEventListener("interval-closed", () => refreshGate());
  }

  // the next gate, read from the page itself
  async function refreshGate() {
    const answer = await ask(location.href);
    if (!answer.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const line = document.querySelector(".gate");
    const next = fresh.querySelector(".gate");
    if (!line || !next || line.dataset.gate === next.dataset.gate) return;
    line.replaceWith(next);
    countDown(next);
    renewForm(fresh);
  }

  // the form of a bid is for the next gate; what was typed stays
  function renewForm(fresh) {
    const form = document.querySelector("details.bid");
    const next = fresh.querySelector("details.bid");
    if (!form || !next) return;
    for (const place of ["summary", ".taking"]) form.querySelector(place).replaceWith(next.querySelector(place));
  }

  document.querySelectorAll("[data-gate]").forEach(countDown);
  document.querySelectorAll("[data-follow]").forEach(follow);
  document.querySelectorAll(".board").forEach(makeBoard);
})();
